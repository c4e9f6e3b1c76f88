"""CMS files to typed tables: the archive, the layouts, reading, conversion."""
