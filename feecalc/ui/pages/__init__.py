"""The pages, a package or a module each, with a function ``page``."""
