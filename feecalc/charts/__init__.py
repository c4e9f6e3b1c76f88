"""Charts drawn from result tables, in altair for the app and matplotlib for files; they compute no amounts."""
