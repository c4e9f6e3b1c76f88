"""Opening what is installed while another process builds it anew: every opening is of one build."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from cms_shaped import release_zip
from cms_shaped.rows import AREAS, SERVICES

from feecalc import conformance
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

