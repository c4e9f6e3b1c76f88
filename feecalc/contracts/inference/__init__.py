"""Inference of a contract from payments: the year, locality, factor, rules and percents that explain them."""
