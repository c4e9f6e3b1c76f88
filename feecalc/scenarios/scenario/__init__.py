"""A scenario as a file: the practice, its volumes, payers, growth, events and alternatives."""
