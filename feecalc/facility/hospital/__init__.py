"""The hospital outpatient prospective payment system (OPPS)."""
