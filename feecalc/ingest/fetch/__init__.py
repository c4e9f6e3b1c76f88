"""Downloads: where a release's zip is, the licence before it, the zip on disk whole or not at all."""
