"""Pictures from result tables: altair specifications, no arithmetic of their own."""
