"""A batch of claim lines as arrays: what is asked, what is decided, and the arithmetic over them."""
