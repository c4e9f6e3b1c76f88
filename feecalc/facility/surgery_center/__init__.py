"""The payment system of ambulatory surgical centers (ASC)."""
