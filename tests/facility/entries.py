"""Small facility tables in the columns of ``feecalc.tables.facility``, with figures made up for tests.

Codes: 10001 T at 100.00, 10002 T at 80.00, 10003 S at 50.00, 10004 N, 20001 and 20002 J1 (ranks 2 and 1), 20003 N that
raises 20001, 30001 Q1 at 50.00, 30002 Q2 at 50.00, 30005 Q1 at 80.00, 30006 Q2 at
100.00, 30003 and 30004 Q3, 40001 Q4, J0001 a drug (K), P0001 blood (R), H0001 a device (H).
"""

from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.ingest.store import Manifest

D = Decimal
DAY = date(2026, 4, 1)

_RATED = {
    "relative_weight": pl.Decimal(14, 4),
    "payment_rate": pl.Decimal(14, 3),
    "copayment": pl.Decimal(12, 2),
    "minimum_copayment": pl.Decimal(12, 2),
    "ira_coinsurance_rate": pl.Decimal(8, 6),
    "adjusted_copayment": pl.Decimal(12, 2),
}


def _frame(rows, schema):
    return pl.DataFrame(rows, schema=schema, orient="row")


def opps():
    """Addendum B. The minimum copayment is a fifth of the rate, rounded up."""
    rows = [
        ("10001", "T", "5001", None, D("100"), None, D("20"), None, None),
        ("10002", "T", "5002", None, D("80"), None, D("16"), None, None),
        ("10003", "S", "5003", None, D("50"), None, D("10"), None, None),
        ("10004", "N", "", None, None, None, None, None, None),
        ("10005", "S", "5005", None, D("100"), D("30"), D("20"), None, None),
        ("10006", "S", "5006", None, D("100"), D("0"), D("0"), None, None),
        ("20001", "J1", "5011", None, D("1000"), None, D("200"), None, None),
        ("20002", "J1", "5012", None, D("900"), None, D("180"), None, None),
        ("20003", "N", "", None, None, None, None, None, None),
        ("20004", "J1", "5014", None, D("30000"), None, D("6000"), None, None),
        ("30001", "Q1", "5003", None, D("50"), None, D("10"), None, None),
        ("30002", "Q2", "5003", None, D("50"), None, D("10"), None, None),
        ("30005", "Q1", "5002", None, D("80"), None, D("16"), None, None),
        ("30006", "Q2", "5001", None, D("100"), None, D("20"), None, None),
        ("30003", "Q3", "5003", None, D("50"), None, D("10"), None, None),
        ("30004", "Q3", "5003", None, D("50"), None, D("10"), None, None),
        ("40001", "Q4", "", None, None, None, None, None, None),
        ("50001", "J2", "5015", None, D("200"), None, D("40"), None, None),
        ("G0379", "J2", "5016", None, D("300"), None, D("60"), None, None),
        ("60001", "C", "", None, None, None, None, None, None),
        ("60002", "A", "", None, None, None, None, None, None),
        ("G0378", "N", "", None, None, None, None, None, None),
        ("J0001", "K", "9001", None, D("1.005"), None, D("0.21"), D("0.2"), D("0.21")),
        ("J0002", "G", "9002", None, D("10"), None, D("2"), D("0.15"), D("1.50")),
        ("P0001", "R", "9003", None, D("100"), None, D("20"), None, None),
        ("H0001", "H", "9004", None, None, None, None, None, None),
    ]
    schema = {"hcpcs": pl.String, "status_indicator": pl.String, "apc": pl.String, **_RATED}
    return _frame(rows, schema)


def apc():
    """Addendum A."""
    table = opps().filter(pl.col("apc") != "").unique("apc", keep="first", maintain_order=True).drop("hcpcs")
    raised = [
        ("J1", "5020", None, D("1500"), None, D("300"), None, None),
        ("J2", "8011", None, D("2600"), None, D("520"), None, None),
    ]
    extra = _frame(raised, {"status_indicator": pl.String, "apc": pl.String, **_RATED})
    return pl.concat([table, extra.select(table.columns)])


def ranks():
    """Addendum J, ranks: 20002 goes before 20001 though it is paid less."""
    return pl.DataFrame({"hcpcs": ["20002", "20001", "20004"], "rank": [1, 2, 3]}, schema_overrides={"rank": pl.Int32})


def pairs():
    """Addendum J, complexity adjustments: 20001 with 20003, and 20001 twice."""
    return pl.DataFrame(
        {
            "primary_hcpcs": ["20001", "20001"],
            "secondary_hcpcs": ["20003", "20001"],
            "adjusted_apc": ["5020", "5020"],
        }
    )


def hospital_index():
    """Town 0.8000 in a state whose rural index is 0.7; Port 0.9000 where it is 1.1; the last lies in two states."""
    rows = [
        ("11111", "Town, GA", D("0.8"), None),
        ("22222", "Port, FL", D("0.9"), None),
        ("33333", "Border, GA-FL", D("0.9"), None),
        ("44444", "Shore, NJ", D("1.0"), None),
        ("10", "FLORIDA", D("1.1"), None),
        ("11", "GEORGIA", D("0.7"), None),
        ("31", "NEW JERSEY", None, D("1.2")),
    ]
    index = pl.Decimal(6, 4)
    return _frame(rows, {"cbsa": pl.String, "name": pl.String, "wage_index": index, "imputed_floor": index})


def center_index():
    """Town 0.8000; Rural printed twice; Empty without a value."""
    rows = [
        ("11111", 1, "Town, GA", D("0.8")),
        ("01", 1, "RURAL", D("0.6")),
        ("01", 2, "RURAL", D("0.7")),
        ("02", 1, "EMPTY", None),
    ]
    return _frame(rows, {"cbsa": pl.String, "ordinal": pl.Int16, "name": pl.String, "wage_index": pl.Decimal(6, 4)})


_PAID = {"payment_weight": pl.Decimal(14, 4), "payment_rate": pl.Decimal(12, 2)}


def asc():
    """Addendum AA: two discounted procedures, one that is not, a device's, one packaged and marked Y as CMS has it."""
    rows = [
        ("10001", "Y", "G2", None, D("100")),
        ("10002", "Y", "A2", None, D("80")),
        ("10003", "N", "P3", None, D("50")),
        ("10004", "N", "N1", None, None),
        ("10005", "Y", "N1", None, None),
        ("20001", "N", "J8", None, D("1000")),
    ]
    return _frame(rows, {"hcpcs": pl.String, "multiple_procedure": pl.String, "payment_indicator": pl.String, **_PAID})


def ancillary():
    """Addendum BB: imaging, a drug, a drug with a lower copayment, a device the contractor prices."""
    rows = [
        ("70001", "Z2", None, D("40"), None),
        ("J0001", "K2", None, D("10"), None),
        ("J0002", "K2", None, D("10"), D("1.50")),
        ("C0001", "J7", None, None, None),
    ]
    return _frame(
        rows,
        {"hcpcs": pl.String, "payment_indicator": pl.String, **_PAID, "adjusted_copayment": pl.Decimal(12, 2)},
    )


def excluded():
    return pl.DataFrame({"hcpcs": ["60001"]})


def device_offset():
    """Addendum FF: 600.00 of 20001 are its device, 60 percent; 10002 is in another APC than Addendum B has it."""
    rows = [
        ("20001", "J8", "5011", D("1000"), D("0.6"), D("600")),
        ("10002", "A2", "5001", D("100"), D("0"), D("0")),
        ("10009", "G2", "5003", D("50"), D("0"), D("0")),
    ]
    columns = {"hcpcs": pl.String, "payment_indicator": pl.String, "apc": pl.String}
    figures = {
        "opps_payment_rate": pl.Decimal(22, 12),
        "device_offset_rate": pl.Decimal(22, 12),
        "device_offset_amount": pl.Decimal(12, 2),
    }
    return _frame(rows, {**columns, **figures})


def code_pairs():
    """Device C0001 in 10001: a quarter of its rate; not before 2026."""
    rows = [("C0001", "10001", D("0.25"), date(2026, 1, 1), date(2026, 12, 31))]
    return _frame(
        rows,
        {
            "device_hcpcs": pl.String,
            "procedure_hcpcs": pl.String,
            "percent_multiplier": pl.Decimal(8, 6),
            "effective_from": pl.Date,
            "effective_to": pl.Date,
        },
    )


TABLES = {
    "opps": opps,
    "apc": apc,
    "comprehensive_rank": ranks,
    "complexity_adjustment": pairs,
    "opps_wage_index": hospital_index,
    "asc": asc,
    "asc_ancillary": ancillary,
    "asc_excluded": excluded,
    "asc_device_offset": device_offset,
    "asc_code_pair": code_pairs,
    "asc_wage_index": center_index,
}


def install(store, kind, first_day=DAY, frame=None, *, table=None, name=None):
    """Put a table into the store as the entry of a quarter; ``table``: its name there, where that is not the kind."""
    table = table or kind
    name = name or f"{kind.upper()}-{first_day.year}{(first_day.month + 2) // 3}"
    manifest = Manifest(
        name=name,
        kind=kind,
        year=first_day.year,
        first_date_of_service=first_day,
        source={"name": f"{kind}.csv", "sha256": "ab", "address": None, "retrieved": None},
        tables={table: {"member": f"{kind}.csv"}},
        facts={},
        checks=(),
        allowed_warnings=False,
        built="2026-08-01T00:00:00+00:00",
        feecalc_version="0.1.0",
        notes=(),
    )
    store.write(manifest, {table: TABLES[kind]() if frame is None else frame})
    return name


def install_all(store, first_day=DAY):
    """Put every table into the store."""
    for kind in TABLES:
        install(store, kind, first_day)
