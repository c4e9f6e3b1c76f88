"""What is done over a file of claims: price it, check it, tell its lines as receipts, count what it comes to."""
