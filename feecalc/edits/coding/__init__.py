"""Coding that pays or does not: sides, modifiers, visits beside procedures, and what pricing itself refuses."""
