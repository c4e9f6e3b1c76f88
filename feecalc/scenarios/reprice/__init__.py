"""Claim lines priced twice: which claims' amounts change, and by how much."""
