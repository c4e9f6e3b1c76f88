"""What scenarios in tests are written of: TOML tables from keys, money rounded as a forecast rounds it."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

ONE_PAYER = '[[payer]]\nname = "Medicare"\nshare = 100\nmedicare = true\n'
SMALL = """name = "small"
base_year = 2026
volume = "v.csv"
[practice]
name = "One room"
[[location]]
name = "Miami"
locality = "Miami, FL"
[[payer]]
name = "Medicare"
share = 100
medicare = true
"""
VISITS, INJECTIONS = "hcpcs,units\n99213,1000\n", "hcpcs,units\n64493,100\n"


def table(kind_of_table, **keys):
    """A table of a list, [[name]], with its keys."""
    return f"[[{kind_of_table}]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def event(kind, since="2027-01-01", name="it happens", **keys):
    return table("event", kind=kind, name=name, effective_from=date.fromisoformat(since), **keys)


def place(locality, **keys):
    """A scenario's head: one location, and its volume in volume.csv."""
    head = 'base_year = 2026\nvolume = "volume.csv"\n[practice]\nname = "Made-up"\n'
    return head + table("location", name="Main", locality=locality, **keys)


def _value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
