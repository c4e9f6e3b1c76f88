"""What a payer pays for lines: the basis its percents are of, the terms of a day, fixed amounts, and the cents."""
