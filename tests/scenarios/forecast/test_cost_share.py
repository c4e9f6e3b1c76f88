"""Medicare's part of a service is what the patient's code, modifier and year leave of it: the cut is taken of that."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from scenarios.forecast.written import ONE_PAYER, cents

from feecalc.scenarios.forecast.opening import open_plan

D = Decimal
VOLUME = "hcpcs,modifier_1,place_of_service,units\n{code},{modifier},11,1000\n"
CUT = D("0.98")


@pytest.mark.parametrize(
    ("code", "modifier", "shares"),
    [
        ("99213", "", ("20", "20")),
        ("99213", "33", ("0", "0")),
        ("G0439", "", ("0", "0")),
        ("45385", "PT", ("15", "10")),  # 10 percent from 2027: ch. 18 sec. 60.1.1
        ("45385", "", ("20", "20")),
    ],
)
def test_the_cut_is_of_what_the_patient_does_not_pay(tmp_path, scenario, c26, code, modifier, shares):
    visit = c26.rvu.filter(pl.col("hcpcs") == "99213").with_columns(hcpcs=pl.lit("G0439"))
    schedule = replace(c26, rvu=pl.concat([c26.rvu, visit]))  # starter data has no preventive code
    given = scenario(ONE_PAYER, VOLUME.format(code=code, modifier=modifier))
    made = open_plan(given, tmp_path, schedule, 1).plan
    allowed = schedule.price(code, [modifier] if modifier else []).allowed_amount * 1000
    for year, share in zip((2026, 2027), shares, strict=True):
        patient = D(share) / 100
        expected = allowed * (patient + (1 - patient) * CUT)
        (((professional,), _),) = made.year(year).revenue
        assert cents(professional) == cents(expected), year
