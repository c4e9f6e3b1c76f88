"""Opening what is installed: of one build, whatever is built meanwhile; with what another release of the year knows."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from cms_shaped import release_zip
from cms_shaped.floored import AREAS_2026, zip_of_2026
from cms_shaped.rows import AREAS, SERVICES

from feecalc import conformance
from feecalc.errors import InvalidValue
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule, schedules_at_hand

REPOSITORY = Path(__file__).parents[1]
VISIT = "99213"
MIAMI = "09102-04"
# One build prints 1.30 work RVUs for the visit, practice expense 1.027 and an anesthesia factor of 22.39 in Miami, as
# CMS does; the other, made up, 2.30, 2.027 and 33.39, and another name.
FIRST = (Decimal("1.30"), Decimal("1.027"), Decimal("22.39"), "MIAMI", "MIAMI")
SECOND = (Decimal("2.30"), Decimal("2.027"), Decimal("33.39"), "MIAMI BEACH", "MIAMI BEACH")

# Installs what two other homes hold, in turn, as a build does.
BUILDING = """
import sys
from pathlib import Path
from feecalc.ingest.store import Store
homes = [Store(Path(home)) for home in sys.argv[2:4]]
built = [(home.manifest("RVU25D"), {table: home.read("RVU25D", table) for table in home.manifest("RVU25D").tables})
         for home in homes]
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for turn in range(int(sys.argv[4])):
    store.write(*built[turn % 2])
"""


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory):
    """Homes in which RVU25D is installed, the first build and the second."""
    folder = tmp_path_factory.mktemp("builds")
    services = [replace(each, work="2.30") if each.hcpcs == VISIT else each for each in SERVICES]
    areas = [
        replace(each, pe="2.027", anesthesia="33.39", name="MIAMI BEACH", area="MIAMI BEACH")
        if (each.mac, each.locality) == ("09102", "04") else each
        for each in AREAS
    ]  # fmt: skip
    homes = []
    for number, changed in enumerate([{}, {"services": services, "areas": areas}]):
        store = Store(folder / str(number))
        build(release_zip(folder, **changed), store=store)
        homes.append(store.home)
    return homes


def facts(schedule):
    """What tells the builds apart, of each of a release's tables."""
    at_miami = {"mac": "09102", "locality": "04"}
    place = schedule.localities.filter(**at_miami).row(0, named=True)
    return (
        schedule.rows(VISIT)["work_rvu"][0],
        place["pe_gpci"],
        schedule.anesthesia.filter(**at_miami)["anesthesia_conversion_factor"].item(),
        place["locality_name"],
        schedule.counties.filter(**at_miami)["fee_schedule_area"].item(),
    )


def while_building(home, homes, turns, look):
    """What ``look`` sees, again and again, while another process installs the two builds in turn."""
    command = [sys.executable, "-c", BUILDING, str(home), *map(str, homes), str(turns)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    seen = []
    while process.poll() is None:
        seen.append(look())
    assert process.communicate()[1] == ""
    return seen


def installed(home, homes):
    first = Store(homes[0])
    Store(home).write(
        first.manifest("RVU25D"), {table: first.read("RVU25D", table) for table in first.manifest("RVU25D").tables}
    )


def test_each_opening_is_of_one_build(tmp_path, two_builds):
    installed(tmp_path, two_builds)
    assert facts(open_schedule("2025D", home=tmp_path).schedule) == FIRST
    seen = while_building(
        tmp_path, two_builds, 70, lambda: facts(open_schedule("2025D", home=tmp_path).schedule)
    )
    assert set(seen) == {FIRST, SECOND}


def test_so_are_all_releases_at_hand(tmp_path, two_builds):
    installed(tmp_path, two_builds)
    seen = while_building(tmp_path, two_builds, 40, lambda: [facts(each) for each in schedules_at_hand(tmp_path)])
    assert {one for (one,) in seen} == {FIRST, SECOND}


def test_a_comparison_with_oppscap_is_of_one_build(tmp_path, two_builds):
    """Each build's own OPPSCAP agrees with its own rows; against the other's it fails in Miami."""
    installed(tmp_path, two_builds)
    store = Store(tmp_path)
    seen = while_building(
        tmp_path, two_builds, 40, lambda: conformance.run("2025D", store=store).comparisons[0].count.different
    )
    assert set(seen) == {0}



class TestWorkIndexWithoutTheFloor:
    """RVU26D prints the index with the floor alone, as CMS's files do since May 2026.

    The visit has 1.30 work RVUs, 1.35 practice expense in an office and 0.10 malpractice, at 33.4009. In Miami
    (practice expense 1.041, malpractice 2.529) all but work is 1.35 x 1.041 + 0.10 x 2.529 = 1.65825 RVUs.
    """

    @pytest.fixture
    def store(self, tmp_path):
        found = Store(tmp_path / "home")
        build(zip_of_2026(tmp_path, "26D", both=False), store=found, allow_warnings=True)
        return found

    @staticmethod
    def price(store, locality=MIAMI, *, floor=False):
        schedule = open_schedule("2026D", home=store.home).schedule
        return schedule.price(VISIT, locality=locality, gpci_floor=floor)

    def test_alone_the_starter_data_has_it(self, store):
        # (1.30 x 1.000 + 1.65825) x 33.4009 = 98.8082...; with 0.994, as CMS printed, 98.5476...
        assert self.price(store, floor=True).allowed_amount == Decimal("98.81")
        found = self.price(store)
        assert found.allowed_amount == Decimal("98.55")
        (work,) = [step for step in found.steps if step.name == "work"]
        assert work.detail == "1.30 RVU x 0.994 GPCI"
        assert "work GPCI without the floor: GPCI2026.csv of RVU26C in the starter data, 09102-04 MIAMI" in work.source
        (work,) = [step for step in self.price(store, floor=True).steps if step.name == "work"]
        assert "GPCI2026.csv, 09102-04 MIAMI, FL; the work GPCI floor of 1.000 is in force" in work.source

    def test_a_modifier_is_priced_with_it_too(self, store):
        # both sides of 64493: (1.52 x 0.994 + 3.64 x 1.041 + 0.16 x 2.529) x 33.4009 = 190.5441...
        schedule = open_schedule("2026D", home=store.home).schedule
        found = schedule.price("64493", "50", locality=MIAMI, gpci_floor=False)
        assert found.allowed_amount == Decimal("285.81")  # 1.5 x 190.54
        (work,) = [step for step in found.steps if step.name == "work"]
        assert work.detail == "1.52 RVU x 0.994 GPCI"
        assert "GPCI2026.csv of RVU26C in the starter data, 09102-04 MIAMI" in work.source

    def test_a_release_of_the_year_that_prints_it_is_asked_first(self, store, tmp_path):
        """Made up: 0.990 in place of CMS's 0.994, which the starter data has."""
        areas = [replace(each, unfloored="0.990") if each.name == "MIAMI" else each for each in AREAS_2026]
        build(zip_of_2026(tmp_path, "26A", both=True, areas=areas), store=store, allow_warnings=True)
        found = self.price(store)
        assert found.allowed_amount == Decimal("98.37")  # (1.30 x 0.990 + 1.65825) x 33.4009 = 98.3740...
        schedule = open_schedule("2026D", home=store.home).schedule
        assert schedule.unfloored.source == "GPCI2026.csv of RVU26A"
        for place in ("02102-01", "01182-18"):  # 1.500 and 1.041 in both columns
            assert self.price(store, place, floor=True).allowed_amount == self.price(store, place).allowed_amount

    def test_where_it_differs_the_next_is_asked(self, store, tmp_path):
        areas = [replace(each, unfloored="0.990", pe="1.040") if each.name == "MIAMI" else each for each in AREAS_2026]
        build(zip_of_2026(tmp_path, "26A", both=True, areas=areas), store=store, allow_warnings=True)
        assert self.price(store).allowed_amount == Decimal("98.55")
        assert open_schedule("2026D", home=store.home).schedule.unfloored.source == (
            "GPCI2026.csv of RVU26A, and for 1 locality GPCI2026.csv of RVU26C in the starter data"
        )

    def test_where_all_differ_it_is_said(self, tmp_path):
        areas = [replace(each, pe="1.050") if each.name == "MIAMI" else each for each in AREAS_2026]
        store = Store(tmp_path / "home")
        build(zip_of_2026(tmp_path, "26D", both=False, areas=areas), store=store, allow_warnings=True)
        said = r"09102-04 MIAMI: .*practice expense 1\.050 here and 1\.041 in GPCI2026"
        with pytest.raises(InvalidValue, match=said):
            self.price(store)
        # work 1.30 x 0.988, practice expense 1.35 x 0.875, malpractice 0.10 x 0.566, x 33.4009 = 84.2454...
        assert self.price(store, "10112-00").allowed_amount == Decimal("84.25")
        schedule = open_schedule("2026D", home=store.home).schedule
        with pytest.raises(InvalidValue, match="09102-04 MIAMI"):
            schedule.table(gpci_floor=False)
        alone = schedule.table(codes=[VISIT], localities=["10112-00"], gpci_floor=False)
        assert alone["nonfacility_amount"].to_list() == [Decimal("84.25")]

    def test_the_store_keeps_what_was_printed(self, store):
        assert store.read("RVU26D", "gpci")["work_gpci_unfloored"].null_count() == len(AREAS_2026)

    def test_a_damaged_release_of_the_year_keeps_none_from_being_opened(self, store, tmp_path):
        build(zip_of_2026(tmp_path, "26A", both=True), store=store, allow_warnings=True)
        file = store.manifest("RVU26A").tables["gpci"]["file"]
        (store.folder("RVU26A") / file).write_bytes(b"not what was written")
        assert self.price(store).allowed_amount == Decimal("98.55")
        (store.folder("RVU26A") / file).unlink()
        assert self.price(store).allowed_amount == Decimal("98.55")
        (store.folder("RVU26A") / "manifest.json").write_text("{")
        assert self.price(store).allowed_amount == Decimal("98.55")

    def test_another_year_has_nothing_to_say(self, two_builds):
        schedule = open_schedule("2025D", home=two_builds[0]).schedule
        with pytest.raises(InvalidValue, match="no other release of 2025 that prints both is installed or in the star"):
            schedule.price(VISIT, locality=MIAMI, gpci_floor=False)
