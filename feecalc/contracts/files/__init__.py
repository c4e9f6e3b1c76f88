"""A contract's file: TOML or the workbook, read and written, and what is wrong with one in a sentence."""
