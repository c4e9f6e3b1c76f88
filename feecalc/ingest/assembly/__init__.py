"""From a source's members to a release: which are read, which release they are, put together as a draft."""
