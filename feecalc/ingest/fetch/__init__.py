"""Downloads of CMS's zips: addresses, the AMA license, and files that are complete or not kept."""
