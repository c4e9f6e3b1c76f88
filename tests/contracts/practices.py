"""Small volumes and claims for the tests of contracts, priced by the starter data of RVU26C and RVU25D."""

from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.contracts.contract import Contract
from feecalc.files.volume import COLUMNS

DAY = date(2026, 8, 3)
MIAMI = ("09102", "04")
NATION = ("", "")


def contract(**terms):
    return Contract.model_validate({"payer": "Payer", **terms})


def volume(*rows):
    """Rows as dicts; what is not said is one unit in an office, in the nation, no charge."""
    bare = {
        **{f"modifier_{number}": "" for number in range(1, 5)},
        "place_of_service": "11",
        "mac": "",
        "locality": "",
        "units": 1,
        "billed_amount": None,
        "payer": None,
        "category": None,
        "provider_type": "physician",
        "minutes": None,
    }
    charged = [{**row, "billed_amount": _money(row.get("billed_amount"))} for row in rows]
    return pl.DataFrame([{**bare, **row} for row in charged], schema=dict(COLUMNS))


def claims(*rows):
    """Claim lines as dicts; what is not said is one unit in an office in Miami on ``DAY``, a claim of its own."""
    found = []
    for number, row in enumerate(rows, 1):
        bare = {
            "claim_id": f"claim {number:06}",
            "line": 1,
            "date_of_service": DAY,
            **{f"modifier_{place}": "" for place in range(1, 5)},
            "place_of_service": "11",
            "mac": MIAMI[0],
            "locality": MIAMI[1],
            "units": 1,
            "billed_amount": None,
            "provider_type": "physician",
        }
        found.append({**bare, **row, "billed_amount": _money(row.get("billed_amount"))})
    kinds = {"billed_amount": pl.Decimal(12, 2), "units": pl.Int32, "line": pl.Int32}
    return pl.DataFrame(found, schema_overrides=kinds)


def _money(value):
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
