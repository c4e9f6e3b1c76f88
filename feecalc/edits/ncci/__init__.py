"""NCCI's edits: code pairs, medically unlikely units and add-on codes."""
