"""A QP is priced by the QPP member's row where there is one, and by the ratio of the factors where there is none.

Relative values and indices are those of PPRRVU2026_Jul_nonQPP and GPCI2026; factors 33.4009, QP 33.5675 (90 FR 49266).
70496 in an office in Miami (1.000, 1.041, 2.529): work 1.71, PE 6.37, MP 0.12; OPPS columns PE 5.94, MP 0.12.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.qp_rows import QpRows
from feecalc.pricing.release_terms import Terms
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.bridge.bridge import bridge
from feecalc.scenarios.bridge.mixed import mixed

MIAMI = "09102-04"
# 5.94 x 33.4009 / 33.5675 = 5.91052, so PE 5.91; MP 0.12 x ... = 0.1194, so 0.12:
# (1.71 + 5.91 x 1.041 + 0.12 x 2.529) x 33.5675 = 8.16579 x 33.5675 = 274.1051...
BY_RATIO = Decimal("274.11")
# with a PE of 5.80 in the QPP member: (1.71 + 5.80 x 1.041 + 0.12 x 2.529) x 33.5675 = 8.05128 x 33.5675 = 270.2613...
BY_MEMBER = Decimal("270.26")
# the technical component's OPPS columns, PE 5.34 and MP 0.03: 5.34 x 33.4009 / 33.5675 = 5.3135, so 5.31;
# (5.31 x 1.041 + 0.03 x 2.529) x 33.5675 = 5.60358 x 33.5675 = 188.0981...
TC_BY_RATIO = Decimal("188.10")


def member(schedule: FeeSchedule, *, without: tuple[str, ...] = (), more: str = "", **values: str) -> pl.DataFrame:
    """A QPP member: the priced rows at the QP factor, 70496's global row with other values; ``more``: a code added."""
    rvu = schedule.rvu.filter(pl.col("status_indicator").is_in(["A", "C", "R", "T"]))
    rvu = rvu.filter(~pl.col("hcpcs").is_in(list(without)))
    here = (pl.col("hcpcs") == "70496") & (pl.col("modifier") == "")
    rvu = rvu.with_columns(
        pl.lit(Decimal("33.5675")).cast(rvu.schema["conversion_factor"]).alias("conversion_factor"),
        (pl.col("source_line") + 1000).alias("source_line"),
        *(
            pl.when(here).then(pl.lit(value).cast(rvu.schema[name])).otherwise(name).alias(name)
            for name, value in values.items()
        ),
    )
    if more:
        rvu = pl.concat([rvu, rvu.filter(here).with_columns(pl.lit(more).alias("hcpcs"))])
    return rvu.reverse()  # in whatever order the member has them


@pytest.fixture(scope="module")
def with_member(c26) -> FeeSchedule:
    """RVU26C with a QPP member whose 70496 has an OPPS PE of 5.80."""
    own = member(c26, opps_pe_rvu_nonfacility="5.80", opps_pe_rvu_facility="5.80")
    names = {**c26.release.members, "rvu_qp": "PPRRVU2026_Jul_QPP.csv"}
    return replace(c26, rvu_qp=own, release=replace(c26.release, members=names))


def source(price, name):
    return next(step.source for step in price.steps if step.name == name)


def detail(price, name):
    return next(step.detail for step in price.steps if step.name == name)


class TestOneService:
    def test_by_the_ratio_and_the_receipt_says_so(self, c26):
        price = c26.price("70496", locality=MIAMI, qp=True)
        assert price.allowed_amount == price.opps_cap == BY_RATIO
        said = "no QPP member: the OPPS relative values are those of PPRRVU2026_Jul_nonQPP.csv x 33.4009 / 33.5675"
        assert said in detail(price, "OPPS cap")
        assert "PPRRVU2026_Jul_nonQPP.csv, row 7763" in source(price, "work")

    def test_the_technical_component(self, c26):
        assert c26.price("70496", "TC", locality=MIAMI, qp=True).allowed_amount == TC_BY_RATIO

    def test_by_the_member_named_in_the_receipt(self, with_member):
        price = with_member.price("70496", locality=MIAMI, qp=True)
        assert price.allowed_amount == price.opps_cap == BY_MEMBER
        assert "PPRRVU2026_Jul_QPP.csv, row 8763" in source(price, "work")
        assert "no QPP member" not in detail(price, "OPPS cap")
        # everybody else is as before: (1.71 + 5.94 x 1.041 + 0.12 x 2.529) x 33.4009 = 273.7885...
        assert with_member.price("70496", locality=MIAMI).allowed_amount == Decimal("273.79")

    @pytest.mark.parametrize("modifier", ["59", "76", "59,76"])
    def test_with_a_modifier(self, c26, with_member, modifier):
        for schedule, amount in ((c26, BY_RATIO), (with_member, BY_MEMBER)):
            price = schedule.price("70496", modifier, locality=MIAMI, qp=True)
            assert price.allowed_amount == amount
        assert "PPRRVU2026_Jul_QPP.csv, row 8763" in source(price, "work")

    def test_a_row_the_member_lacks_is_scaled_and_said(self, c26):
        own = replace(c26, rvu_qp=member(c26, without=("70496",)))
        price = own.price("70496", locality=MIAMI, qp=True)
        assert price.allowed_amount == BY_RATIO
        assert "the QPP member has no such row" in detail(price, "OPPS cap")

    def test_a_row_the_member_alone_has_is_for_qps_alone(self, c26):
        own = replace(c26, rvu_qp=member(c26, more="70499"), release=replace(c26.release, starter=False))
        # its OPPS columns are 70496's nonQPP ones: 8.19702 x 33.5675 = 275.1534...
        assert own.price("70499", locality=MIAMI, qp=True).allowed_amount == Decimal("275.15")
        with pytest.raises(Exception, match="no code 70499 in RVU26C"):
            own.price("70499", locality=MIAMI)

    def test_other_values_are_of_the_track(self, c26):
        """A work RVU of 2.71 in the QPP member alone: the fee is (2.71 + 6.37 x 1.041 + 0.12 x 2.529) x 33.5675."""
        own = replace(c26, rvu_qp=member(c26, work_rvu="2.71"))
        assert own.price("70496", locality=MIAMI, qp=True).fee_schedule_amount == Decimal("323.75")
        assert own.price("70496", locality=MIAMI).fee_schedule_amount == Decimal("288.74")

    def test_a_year_with_one_factor_has_one_table(self, d25):
        assert d25.of_track(qp=True) is d25


class TestInEveryWay:
    """The table, claims in one batch with everybody else's, baskets and bridges price as the one service is priced."""

    def test_the_table(self, c26, with_member):
        for schedule, amount in ((c26, BY_RATIO), (with_member, BY_MEMBER)):
            rows = schedule.table(codes=["70496"], localities=[MIAMI], qp=True)
            assert rows.filter(pl.col("modifier") == "")["nonfacility_amount"].to_list() == [amount]

    def test_claims_of_both_tracks_together(self, c26, with_member):
        lines = pl.DataFrame(
            {
                "claim_id": ["A", "B", "C", "D"],
                "line": [1, 1, 1, 1],
                "date_of_service": [date(2026, 8, 3)] * 4,
                "hcpcs": ["70496", "70496", "70496", "64493"],
                "modifier_1": ["", "", "TC", ""],
                "place_of_service": ["11"] * 4,
                "mac": ["09102"] * 4,
                "locality": ["04"] * 4,
                "units": [1] * 4,
                "qp": [False, True, True, True],
            }
        )
        # 64493: 6.08134 x 33.5675 = 204.1353...
        # the member's own TC row: (5.34 x 1.041 + 0.03 x 2.529) x 33.5675 = 5.63481 x 33.5675 = 189.1465...
        for schedule, whole, tc in ((c26, BY_RATIO, TC_BY_RATIO), (with_member, BY_MEMBER, Decimal("189.15"))):
            found = schedule.price_claims(lines.lazy()).collect()
            assert found["allowed_amount"].to_list() == [Decimal("273.79"), whole, tc, Decimal("204.14")]

    def test_a_group_that_holds_both_tracks_is_ranked_together(self, c26):
        """Ch. 12 sec. 40.6: the highest in full, the other half, whoever of the group is the QP.

        National: 64493 is 5.70 RVU, 191.33 for a QP; 64483 is ranked by its own fee.
        """
        one = c26.price("64483").allowed_amount
        lines = pl.DataFrame(
            {
                "claim_id": ["A", "A"],
                "line": [1, 2],
                "date_of_service": [date(2026, 8, 3)] * 2,
                "hcpcs": ["64493", "64483"],
                "place_of_service": ["11"] * 2,
                "mac": [""] * 2,
                "locality": [""] * 2,
                "units": [1] * 2,
                "qp": [True, False],
            }
        )
        nation = c26.localities.head(1).with_columns(
            pl.lit("").alias("mac"),
            pl.lit("").alias("locality"),
            *(pl.lit(Decimal(1)).cast(pl.Decimal(6, 3)).alias(name) for name in ("work_gpci", "pe_gpci", "mp_gpci")),
        )
        found = replace(c26, localities=nation).price_claims(lines.lazy()).collect()["allowed_amount"].to_list()
        high, low = max(Decimal("191.33"), one), min(Decimal("191.33"), one)
        half = (low / 2).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        assert sorted(found) == sorted([high, half])

    def test_a_bridge_to_the_qps_track(self, c26, with_member):
        """From everybody's factor to the QPs': the ends are the two prices, whatever the parts between."""
        place = {"place_of_service": "11", "mac": "09102", "locality": "04"}
        volume = pl.DataFrame([{"hcpcs": "70496", "modifier_1": "", "units": 3, **place}])
        found = bridge(Terms(c26), Terms(with_member, qp=True), volume)
        amounts = found.steps["amount"].to_list()
        assert sum(amounts, Decimal(0)) == 3 * (BY_MEMBER - Decimal("273.79"))


def test_a_bridge_of_qp_claims_into_the_first_year_of_two_tracks(c26, d25, with_member):
    """The rows that price QPs are the paying release's whichever side's rules hold: no rule between the two changed."""
    place = {"place_of_service": "11", "mac": "09102", "locality": "04", "units": 1, "modifier_1": ""}
    codes = enumerate(("70496", "64493"))
    claims = pl.DataFrame([{"claim_id": str(at), "line": 1, "hcpcs": code, "qp": True, **place} for at, code in codes])
    taken = ("factor", "work", "pe", "mp", "gpci", "cap")
    for latter in (c26, with_member):
        terms = Terms(d25), Terms(latter, qp=True)
        prices = []
        for parts in (taken, (*taken, "rules")):
            engine = mixed(*terms, parts, ClaimRules())
            day = date(engine.ruling.schedule.release.year, 10, 5)
            found = engine.pricer.price(claims.with_columns(date_of_service=pl.lit(day)), ["allowed_amount"])
            prices.append(found["allowed_amount"].to_list())
        assert prices[0] == prices[1]


def test_the_rows_of_cms_itself():
    """71046, October 2026: OPPS PE 2.70 and MP 0.05, TC 2.62 and 0.04 in the nonQPP member; 2.69, 0.05, 2.61, 0.04 in
    the QPP member.

    The scaled rows are CMS's own: the ratio is how its two members stand to each other. Source: PPRRVU2026_Oct_nonQPP
    and PPRRVU2026_Oct_QPP.
    """
    kinds = {name: pl.Decimal(8, 2) for name in ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu")}
    rvu = pl.DataFrame(
        {
            "hcpcs": ["71046", "71046"],
            "modifier": ["", "TC"],
            "conversion_factor": ["33.4009"] * 2,
            "opps_pe_rvu_nonfacility": ["2.70", "2.62"],
            "opps_pe_rvu_facility": ["2.70", "2.62"],
            "opps_mp_rvu": ["0.05", "0.04"],
            "source_line": [1, 2],
        }
    ).cast({**kinds, "conversion_factor": pl.Decimal(8, 4)})
    found = QpRows.of(rvu, None, date(2026, 10, 1))
    assert found.rvu["opps_pe_rvu_nonfacility"].to_list() == [Decimal("2.69"), Decimal("2.61")]
    assert found.rvu["opps_mp_rvu"].to_list() == [Decimal("0.05"), Decimal("0.04")]
    assert not found.printed.any()
