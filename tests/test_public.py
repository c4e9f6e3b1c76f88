"""The public names: each is there, loads only when it is used, says what it takes and gives, and its example runs."""

import ast
import doctest
import inspect
import re
import shutil
import subprocess
import sys
import warnings
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import feecalc
import feecalc.spark

REPOSITORY = Path(__file__).parents[1]
PLAIN = {"__version__", "errors"}  # neither a function nor a class
OF_SCHEDULE = ("price", "table", "price_claims")  # methods of FeeSchedule that are held to the same
_HEADING = re.compile(r"^(Parameters|Returns|Raises|Source|Example)\n-+$", re.MULTILINE)


def is_error(item):
    return inspect.isclass(item) and issubclass(item, Exception)


DOCUMENTED = {
    name: getattr(feecalc, name)
    for name in feecalc.__all__
    if name not in PLAIN and not is_error(getattr(feecalc, name))
} | {f"FeeSchedule.{name}": getattr(feecalc.FeeSchedule, name) for name in OF_SCHEDULE}
ON_SPARK = {"spark.price_claims": feecalc.spark.price_claims}  # tests/test_spark.py runs it


def sections(item):
    """The sections of a docstring by their headings."""
    parts = _HEADING.split(inspect.getdoc(item) or "")
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section):
    """The names that a section explains: the lines that are not indented, "name : type" or "one, another"."""
    lines = re.findall(r"^(\w[\w, ]*?)(?: :.*)?$", section, re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


def test_every_name_is_there_once_and_in_order():
    assert len(set(feecalc.__all__)) == len(feecalc.__all__)
    assert set(feecalc.__all__) <= set(dir(feecalc))
    assert all(getattr(feecalc, name) is not None for name in feecalc.__all__)
    with pytest.raises(AttributeError, match="no attribute 'price_clams'"):
        feecalc.price_clams  # noqa: B018


def test_every_error_of_the_tree_is_public():
    errors = {name for name, item in vars(feecalc.errors).items() if is_error(item)}
    assert errors == {name for name in feecalc.__all__ if is_error(getattr(feecalc, name))}
    assert all(inspect.getdoc(getattr(feecalc, name)) for name in errors)


def test_a_type_checker_sees_the_names_that_are_loaded_late():
    tree = ast.parse(Path(feecalc.__file__).read_text(encoding="utf-8"))
    (stubs,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {alias.name: f"{node.module}" for node in stubs.body for alias in node.names}
    assert seen == {name: f"feecalc.{module}" for name, module in feecalc._HOME.items()}


def test_importing_feecalc_loads_nothing_else():
    code = "import sys, feecalc; print(*sorted({'polars', 'numpy', 'pydantic', 'feecalc.public'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", [*DOCUMENTED, *ON_SPARK])
def test_a_public_name_says_what_it_takes_and_gives(name):
    item = (DOCUMENTED | ON_SPARK)[name]
    told = sections(item)
    assert (inspect.getdoc(item) or "").split("\n")[0].endswith((".", ":")), "a first line that is a sentence"
    assert {"Returns", "Source", "Example"} <= told.keys()
    if inspect.isfunction(item):
        assert {"Parameters", "Raises"} <= told.keys()
        taken = set(inspect.signature(item).parameters) - {"self"}
        assert taken == entries(told["Parameters"])
        assert entries(told["Raises"])
        assert entries(told["Raises"]) <= set(feecalc.__all__)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_example_of_a_public_name_runs(name, tmp_path, monkeypatch):
    shutil.copytree(REPOSITORY / "data" / "samples", tmp_path / "data" / "samples")
    monkeypatch.chdir(tmp_path)  # as in a checkout, for what an example reads and writes
    (example,) = doctest.DocTestFinder(recurse=False).find(DOCUMENTED[name], name, globs={})
    assert len(example.examples) >= 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it is starter data
        assert not doctest.DocTestRunner(verbose=False).run(example).failed


def test_the_jobs_that_several_releases_answer():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        lines = feecalc.read_claims(REPOSITORY / "data" / "samples" / "claims.csv")
        by_days = feecalc.price_claims(lines).collect()
    assert any("starter data" in str(each.message) for each in said)
    assert any("month first" in str(each.message) for each in said)  # what was assumed of the file is said
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        schedules = [feecalc.open_schedule(name) for name in ("2025D", "2026C")]
    of_both = feecalc.price_claims(lines, schedules).collect()
    pinned = schedules[1].price_claims(lines).collect()
    assert by_days["allowed_amount"].to_list() == of_both["allowed_amount"].to_list()
    assert of_both["allowed_amount"].to_list() == pinned["allowed_amount"].to_list()  # July 2026: RVU26C's days
    assert by_days["pricing_status"].to_list().count("priced") == 17  # of 19, as feecalc claims says
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        facet = feecalc.read_claims(REPOSITORY / "data" / "samples" / "facet.csv")
    findings = feecalc.check_claims(facet, schedules)
    assert set(findings.found["claim_id"]) == {"F-04", "F-05", "F-06", "F-07"}  # data/samples/README.md
    assert any("NCCI" in sentence for sentence in findings.missing)
    with pytest.raises(feecalc.MissingColumn, match="date_of_service"):
        feecalc.check_claims(lines.drop("date_of_service"))


def test_contracts_by_an_earlier_release_warn_of_starter_data_where_they_are_priced(tmp_path, monkeypatch):
    monkeypatch.setenv("FEECALC_HOME", str(tmp_path))  # nothing is installed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        schedule = feecalc.open_schedule("2026C")
    volume = feecalc.read_volume(REPOSITORY / "data" / "samples" / "volume.csv", schedule).head(3)
    earlier = feecalc.Contract(payer="Bay Health", percent="110", basis={"release": "2025D"})
    with pytest.warns(UserWarning, match="starter data") as priced:
        feecalc.price_contract(earlier, volume, schedule)
    with pytest.warns(UserWarning, match="starter data") as compared:
        feecalc.compare_contracts([feecalc.Contract.at(100), earlier], volume, schedule)
    assert {warning.filename for warning in [*priced, *compared]} == {__file__}


def test_offers_are_compared_on_the_day_that_is_given():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        schedule = feecalc.open_schedule("2026C")
    volume = feecalc.read_volume(REPOSITORY / "data" / "samples" / "volume.csv", schedule).head(1)
    rises = feecalc.Contract(
        payer="Bay Health", percent="100", escalator={"percent": "10", "first_applied": date(2026, 8, 1)}
    )
    offers = [feecalc.Contract.at(100), rises]

    def change(day):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return feecalc.compare_contracts(offers, volume, schedule, day=day).offers()["change_amount"].to_list()[1]

    assert change(date(2026, 7, 31)) == 0
    # 420 units of 20553 in Miami at 65.22 (the example of price_contract); 10 percent more is 71.742, so 71.74
    assert change(date(2026, 8, 1)) == 420 * (Decimal("71.74") - Decimal("65.22"))
