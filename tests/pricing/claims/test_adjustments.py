"""What a remittance would say: the parts of every line add up, to the cent, to what is billed and not paid."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.random_claims import Claims

from feecalc.installed import open_schedule
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.receipts import facts

RULES = {
    "usual": ClaimRules(),
    "bonus": ClaimRules(mips_percent="4.5"),
    "penalty": ClaimRules(mips_percent="-9"),
    "above the bill": ClaimRules(lower_of_billed=False),
    "each side's charge": ClaimRules(pair_charges_together=False, sequestration=False),
}
# What another schedule pays, what the contractor prices, and what is not known here: no remittance can be foretold.
NO_CODE = {
    "not_under_fee_schedule", "statutorily_excluded", "contractor_priced", "by_report", "no_release",
    "base_units_missing", "not_computable", "unknown_provider_type",
}  # fmt: skip


@pytest.fixture(scope="module", params=["made up", "RVU26C"])
def schedule(request):
    if request.param == "made up":
        return made_up.schedule()
    return open_schedule(request.param, home=Path("no-such-folder")).schedule


def parts(text: str | None) -> list[tuple[str, Decimal]]:
    """CO-45 1544.64; CO-237 N775 12.93: the codes and the amount of each."""
    written = [each.rsplit(" ", 1) for each in (text or "").split("; ") if each]
    return [(code, Decimal(amount)) for code, amount in written]


def priced(claims: pl.DataFrame, schedule: Any, rules: ClaimRules | None = None) -> list[dict[str, Any]]:
    found = ClaimPricer([ReleaseDays.of_year(schedule)], rules or ClaimRules()).price(claims)
    return claims.hstack(found.select(pl.exclude(claims.columns))).cast({pl.Categorical: pl.String}).to_dicts()


def of(*lines: dict[str, Any], **rules: Any) -> list[dict[str, Any]]:
    """The lines of one claim by the made-up schedule, each billed 2,000.00 where it does not say."""
    numbered = [
        {"line": at, **each, "billed_amount": Decimal(each["billed_amount"] or "2000.00")}
        for at, each in enumerate(lines, start=1)
    ]
    return priced(pl.DataFrame(numbered), made_up.schedule(), ClaimRules(**rules))


@pytest.mark.parametrize("rules", RULES.values(), ids=list(RULES))
def test_the_parts_add_up_to_what_is_billed_and_not_paid(schedule, rules):
    claims = Claims(schedule, seed=29).frame(1200).with_columns(pl.col("billed_amount").fill_null(Decimal("950.00")))
    seen: dict[str, int] = {}
    for row in priced(claims, schedule, rules):
        found = parts(row["adjustments"])
        for code, amount in found:
            seen[code] = seen.get(code, 0) + 1
            assert amount != 0, row
        if row["pricing_status"] in NO_CODE:
            assert not found, row
            assert row["group"] == row["carc"] == row["rarc"] == "", row
        elif row["billed_amount"] > 0:
            assert sum(amount for _, amount in found) == row["billed_amount"] - (row["medicare_paid"] or 0), row
    assert {"CO-45", "CO-59", "PR-1", "PR-2", "CO-97 M15", "CO-4 N519", "CO-237 N775"} <= set(seen)
    assert ("CO-144 N807" in seen) == (rules is RULES["bonus"])
    assert ("CO-237 N807" in seen) == (rules is RULES["penalty"])
    assert ("CO-253" in seen) == rules.sequestration


def test_the_parts_are_those_of_the_receipt(schedule):
    claims = Claims(schedule, seed=30).frame(500)
    pricer = ClaimPricer([ReleaseDays.of_year(schedule)])
    for row, told in zip(priced(claims, schedule), explain(pricer, claims), strict=True):
        if row["adjustments"] is None:
            assert all(each.amount is None for each in told.adjustments), row
            continue
        written = [text.split(": ")[0].replace(",", "").replace("$", "") for text in facts.codes(told)]
        assert "; ".join(written) == row["adjustments"], row


def test_no_part_is_below_nothing_where_the_bill_is_a_ceiling(schedule):
    """Only a positive MIPS adjustment gives, and only a fee above the bill would: neither is at work here."""
    for row in priced(Claims(schedule, seed=31).frame(800), schedule):
        assert all(amount > 0 for _, amount in parts(row["adjustments"])), row


def test_the_leading_code_is_the_first_part_that_nobody_pays(schedule):
    for row in priced(Claims(schedule, seed=32).frame(800), schedule):
        if row["pricing_status"] != "priced":
            continue
        codes = [code for code, _ in parts(row["adjustments"]) if code.startswith(("CO-45", "CO-59", "CO-237 N7"))]
        leading = f"{row['group']}-{row['carc']} {row['rarc']}".strip() if row["carc"] else ""
        assert leading == (codes[0] if codes else ""), row


class TestByHand:
    """SURG1, SURG2 and SURG3 are 1,043.48, 1,010.60 and 922.90: the manual's example (ch. 12 sec. 40.6)."""

    def test_a_second_procedure(self):
        """1,010.60 at 50 percent is 505.30. Of 2,000.00: 989.40 is above the fee, 505.30 the reduction; coinsurance
        20 percent, 101.06; of the other 404.24 sequestration is 2 percent, 8.08.
        """
        _, second = of(line("SURG1"), line("SURG2"))
        assert second["adjustments"] == "CO-45 989.40; CO-59 505.30; PR-2 101.06; CO-253 8.08"
        assert second["medicare_paid"] == Decimal("396.16")
        assert (second["group"], second["carc"], second["rarc"]) == ("CO", "45", "")

    def test_a_charge_between_the_fee_and_what_is_allowed(self):
        """600.00 billed is below the fee: all of 600.00 - 505.30 is the reduction, and nothing is above the fee."""
        _, second = of(line("SURG1"), line("SURG2", billed_amount="600.00"))
        assert second["adjustments"] == "CO-59 94.70; PR-2 101.06; CO-253 8.08"
        assert (second["group"], second["carc"]) == ("CO", "59")

    def test_a_charge_below_what_is_allowed(self):
        """400.00 is allowed: 80.00 and 2 percent of 320.00."""
        _, second = of(line("SURG1"), line("SURG2", billed_amount="400.00"))
        assert second["adjustments"] == "PR-2 80.00; CO-253 6.40"
        assert (second["group"], second["carc"]) == ("", "")

    def test_both_sides_take_nothing(self):
        """1,043.48 x 150 percent = 1,565.22: 434.78 above it. 313.04, and 2 percent of 1,252.18 is 25.04."""
        (both,) = of(line("SURG1", "50"))
        assert both["adjustments"] == "CO-45 434.78; PR-2 313.04; CO-253 25.04"

    def test_an_assistant(self):
        """16 percent of 1,043.48 is 166.96: the rest of the charge is one code. 33.39; 2 percent of 133.57."""
        (helper,) = of(line("SURG1", "80"))
        assert helper["adjustments"] == "CO-45 1833.04; PR-2 33.39; CO-253 2.67"

    def test_the_deductible_and_a_practitioner(self):
        """A visit of 100.00, by a nurse practitioner 85.00. Of it 50.00 is deductible, 7.00 coinsurance; 28.00 less
        2 percent, 0.56.
        """
        (visit,) = of(line("VISIT", provider_type="np", deductible_left=Decimal("50.00"), billed_amount="150.00"))
        assert visit["adjustments"] == "CO-45 65.00; PR-1 50.00; PR-2 7.00; CO-253 0.56"

    @pytest.mark.parametrize(
        ("modifier", "code"), [("FX", "CO-237 N775"), ("FY", "CO-237 N794"), ("CT", "CO-237 N759")]
    )
    def test_old_equipment(self, modifier, code):
        (image,) = of(line("70450", modifier, billed_amount="500.00"))
        found = dict(parts(image["adjustments"]))
        fee, allowed = image["fee_schedule_amount"], image["allowed_amount"]
        assert found[code] == fee - allowed > 0
        assert found["CO-45"] == Decimal("500.00") - fee

    def test_a_therapist_s_assistant_and_a_bonus_are_parts_of_medicare_s(self):
        """VISIT: 80.00 is Medicare's; CQ takes 15 percent, 12.00; 4.5 percent of 68.00, 3.06, is added, and 2 percent
        of 71.06 held back, 1.42.
        """
        (visit,) = of(line("VISIT", "CQ", billed_amount="100.00"), mips_percent="4.5")
        assert visit["adjustments"] == "PR-2 20.00; CO-237 N851 12.00; CO-144 N807 -3.06; CO-253 1.42"
        assert visit["medicare_paid"] == Decimal("69.64")

    def test_co_surgeons_that_are_not_permitted_are_denied(self):
        """Pub. 100-04 ch. 12 sec. 40.8.D: reason code 54 for all that is billed."""
        (surgeon,) = of(line("VISIT", "62"))
        assert (surgeon["pricing_status"], surgeon["adjustments"]) == ("cosurgery_not_paid", "CO-54 2000.00")
        assert surgeon["reason"] == "modifier 62 does not apply to this code: its co-surgeon indicator is 0"

    def test_without_a_charge_what_is_above_the_fee_is_not_known(self):
        claims = pl.DataFrame([{"line": at, **line(code)} for at, code in ((1, "SURG1"), (2, "SURG2"))],
                              schema_overrides={"billed_amount": pl.Decimal(12, 2)})  # fmt: skip
        first, second = priced(claims, made_up.schedule())
        # 20 percent of 1,043.48 is 208.70; 2 percent of 834.78 is 16.70
        assert first["adjustments"] == "PR-2 208.70; CO-253 16.70"
        assert second["adjustments"] == "CO-59 505.30; PR-2 101.06; CO-253 8.08"
