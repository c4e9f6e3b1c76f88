"""What will be denied, reduced or questioned, and why: add-on codes, NCCI pairs, units, modifiers, coverage."""
