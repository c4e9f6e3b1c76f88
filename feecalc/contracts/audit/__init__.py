"""Contract audit: each line's expected and allowed amount, the variance, and what explains it."""
