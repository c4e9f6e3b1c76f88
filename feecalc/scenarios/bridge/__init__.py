"""The change in revenue between two releases, split into parts that sum to it to the cent."""
