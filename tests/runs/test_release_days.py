"""Which release answers for a file's days: starter data only where nothing is installed, and any that is installed."""

import json
from datetime import date

import pytest
from cms_shaped import release_zip

from feecalc.errors import NotInstalled, UnknownRelease
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule
from feecalc.runs.release_days import open_schedules, release_days

FILE = "claim_id,hcpcs,date_of_service,pos,locality\nA,64493,2025-11-03,11,{key}\nB,64493,2026-08-03,11,{key}\n"
LATER = date(2026, 8, 3)  # of RVU26C, which the starter data has


@pytest.fixture
def store(tmp_path):
    """A store with RVU25D, made up."""
    found = Store(tmp_path / "home")
    build(release_zip(tmp_path), store=found)
    return found


def renamed(store, name, day):
    """The store's release under a name that this version does not know."""
    folder, new = store.folder("RVU25D"), store.folder(name)
    folder.rename(new)
    path = new / "manifest.json"
    manifest = json.loads(path.read_text()) | {"name": name, "year": day.year, "first_date_of_service": f"{day}"}
    path.write_text(json.dumps(manifest))


class TestStarterData:
    def test_it_answers_where_nothing_is_installed(self, tmp_path):
        opened = open_schedules([LATER], home=tmp_path)
        assert [each.release.starter for each in opened.schedules] == [True]
        assert any(note.startswith("starter data") for note in opened.notices)

    def test_it_does_not_answer_beside_an_installed_release(self, store):
        opened = open_schedules([date(2025, 11, 3), LATER], home=store.home)
        assert [each.release.name for each in opened.schedules] == ["RVU25D"]
        assert opened.notices == ("not installed, and their lines not priced: RVU26C (feecalc fetch RVU26C)",)

    def test_where_all_is_missing_it_is_an_error(self, store):
        with pytest.raises(NotInstalled, match=r"call for RVU26C: .*installed: RVU25D"):
            open_schedules([LATER], home=store.home)

    def test_it_answers_by_name(self, store):
        (schedule,) = open_schedules([LATER], "2026C", home=store.home).schedules
        assert schedule.release.starter


class TestNewerThanThisVersion:
    def test_an_installed_release_is_found_by_its_name(self, store):
        renamed(store, "RVU31A", date(2031, 1, 1))
        assert open_schedule("2031A", home=store.home).schedule.release.name == "RVU31A"
        assert open_schedules([], "2031A", home=store.home).pinned
        with pytest.raises(UnknownRelease, match="no release RVU31B"):
            open_schedule("2031B", home=store.home)

    def test_and_by_its_days_up_to_the_next(self, store):
        renamed(store, "RVU31A", date(2031, 1, 1))
        assert open_schedule(day=date(2031, 2, 1), home=store.home).schedule.release.name == "RVU31A"
        opened = open_schedules([date(2031, 2, 1)], home=store.home)
        (held,) = release_days(opened)
        assert (held.first, held.last) == (date(2031, 1, 1), date(2031, 12, 31))

    def test_it_ends_the_days_of_a_known_one(self, store, tmp_path):
        renamed(store, "RVU25E", date(2025, 11, 1))
        build(release_zip(tmp_path), store=store)
        opened = open_schedules([date(2025, 10, 5), date(2025, 11, 5)], home=store.home)
        assert [(each.first, each.last) for each in release_days(opened)] == [
            (date(2025, 10, 1), date(2025, 10, 31)),
            (date(2025, 11, 1), date(2025, 12, 31)),
        ]
