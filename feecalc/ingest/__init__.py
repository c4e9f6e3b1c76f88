"""CMS's files in, checked tables out: known releases, download, layouts, reading, checks, the store."""
