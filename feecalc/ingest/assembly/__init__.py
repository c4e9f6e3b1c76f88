"""Assembly of a release from a source's members: which are read, which release they are, and a draft of it."""
