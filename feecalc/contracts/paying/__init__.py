"""Contract payment of lines: the Medicare basis, the terms of a day, fixed amounts, ceilings and cuts."""
