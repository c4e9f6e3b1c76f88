"""A practice's volume and other tables of a person's: read, and priced as Medicare would."""
