"""Expected against paid: each line's variance, and what explains it."""
