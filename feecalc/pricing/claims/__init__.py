"""Claim lines in, what Medicare allows out: arrays over whole batches, a rule a file, in one visible chain."""
