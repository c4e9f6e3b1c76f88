"""Where a service was given: payment localities by name, county and ZIP code."""
