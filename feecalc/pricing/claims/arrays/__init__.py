"""A batch of claim lines as arrays: the lines, what the rules decide of them, and the arithmetic over them."""
