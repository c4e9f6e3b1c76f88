"""Payer contracts: read from a file, priced over volumes and claims, compared, tested and solved for a target."""
