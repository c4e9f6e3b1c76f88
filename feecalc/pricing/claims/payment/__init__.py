"""From what a service pays to what this biller, the patient and Medicare pay, and what a remittance says of it."""
