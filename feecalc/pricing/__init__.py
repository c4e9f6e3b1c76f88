"""Tables and services in, amounts out: a service is a claim of one line (``single``), a table is a grid of fees."""
