"""The scenario as a person edits it: the tables of its file, and the files it names."""
