"""CMS's own figures, worked by hand."""

from datetime import date
from typing import Any

from pricing.claims.cases.form import STARTER_2026, Cases, denied, line, pays

CASES = Cases()
case = CASES.add

# --- CMS's own figures: release RVU26C, July 2026, factor 33.4009; Alabama 10112-00: 1.000, 0.875, 0.566 --------------


def alabama(hcpcs: str, *modifiers: str, **more: Any) -> dict[str, Any]:
    """A line in Alabama in 2026."""
    return line(hcpcs, *modifiers, **{"mac": "10112", "locality": "00", "date_of_service": date(2026, 7, 1), **more})


# 64493: 1.48 + 4.08 x 0.875 + 0.14 x 0.566 = 5.12924; x 33.4009 = 171.3212 -> 171.32; x 150 percent = 256.98.
case("a facet joint on both sides", "sec. 40.7",
     (alabama("64493", "50"), pays("256.98", release="RVU26C")), schedule=STARTER_2026)
# 64635: 3.24 + 10.39 x 0.875 + 0.29 x 0.566 = 12.49539; x 33.4009 = 417.3573 -> 417.36. 64636: 1.13 + 6.29 x 0.875
# + 0.11 x 0.566 = 6.69601; 223.6528 -> 223.65; two further joints 447.30, never reduced. 64493: half of 171.32.
case("radiofrequency, two further joints and an injection", "secs. 40.6, 40.7",
     (alabama("64635"), pays("417.36")), (alabama("64636", units=2), pays("447.30")),
     (alabama("64493"), pays("85.66", rank=2)),
     schedule=STARTER_2026)
# 45385: 4.46 + 10.00 x 0.875 + 0.51 x 0.566 = 13.49866; 450.8674 -> 450.87. 45380: 3.47 + 10.48 x 0.875 + 0.42 x 0.566
# = 12.87772; 430.1275 -> 430.13. Base 45378: 3.18 + 7.73 x 0.875 + 0.41 x 0.566 = 10.17581; 339.8812 -> 339.88.
# 450.87 + 430.13 - 339.88 = 541.12.
case("two colonoscopies and their base", "sec. 40.6.C",
     (alabama("45380"), pays("90.25")), (alabama("45385", "59"), pays("450.87")),
     (alabama("45378"), denied("bundled", "97")),
     schedule=STARTER_2026)
# 97110: 0.45 + 0.41 x 0.875 + 0.01 x 0.566 = 0.81441; 27.2020 -> 27.20; its PE halved 0.45 + 0.205 x 0.875 + 0.00566
# = 0.635035; 21.2107 -> 21.21. 97140: 0.43 + 0.195 x 0.875 + 0.00566 = 0.606285; 20.2504 -> 20.25.
case("three units of therapy", "ch. 5 sec. 10.7", (alabama("97140", "GP"), pays("20.25")),
     (alabama("97110", "GP", units=2), pays("48.41")),
     schedule=STARTER_2026)
