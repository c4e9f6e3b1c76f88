"""Downloads: where a release's zip is, the license before it, the zip on disk whole or not at all."""
