"""A contract's file: TOML or the spreadsheet template, read and written, and what is wrong with one said."""
