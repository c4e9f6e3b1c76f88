"""CMS files read into typed tables: archive, layouts, reading, conversion."""
