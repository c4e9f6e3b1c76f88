"""A contract's file, TOML or workbook: read, written, and its mistakes explained in a sentence."""
