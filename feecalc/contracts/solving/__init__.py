"""Which percent, carve-out or escalator reaches a target, to the cent where there is one that does."""
