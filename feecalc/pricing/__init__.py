"""Tables and services in, amounts out: one file per rule in ``rules``, applied in order by ``service`` and ``grid``."""
