"""Coverage policies (LCDs and their like): what a payer covers, as data, and what that says of claim lines."""
