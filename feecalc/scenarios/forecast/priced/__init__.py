"""The rows of a scenario and what they come to: volumes read, priced under every terms and amounts asked for."""
