"""CMS's files read into checked tables: known releases, download, layouts, reading, checks, the store."""
