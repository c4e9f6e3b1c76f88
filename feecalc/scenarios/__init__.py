"""What would be if: volumes, payers and events over the years, and what a change is made of."""
