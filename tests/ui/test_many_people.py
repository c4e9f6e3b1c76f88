"""Several people at the app at once: nothing of theirs waits for the others for ever.

A thread that holds Python's lock and waits for polars' pool of threads, and a thread of the pool that waits for the
lock, wait for each other; every page then stands still. So no Python function is put into an expression, and streamlit
is never left to ask a polars frame for pandas. ``many_sessions.py`` beside this tries it with a real server.
"""

import ast
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from polars.io.plugins import register_io_source

import feecalc
from feecalc.ui.navigation import PAGES
from feecalc.ui.shared import figures

PACKAGE = Path(feecalc.__file__).parent
# Python inside polars' pool, and pandas out of polars
FORBIDDEN = re.compile(
    r"\b(map_batches|map_elements|map_groups|map_rows|rolling_map|cum_fold|cum_reduce|to_pandas|from_pandas)\b"
    r"|\bpl\.(fold|reduce)\b|\bname\.map\b"
)
DRAWS = {"dataframe", "data_editor", "table", "line_chart", "bar_chart", "area_chart", "scatter_chart", "map"}
LOOKED_AT = (
    ("fee", {"code": "64493"}), ("localities", {"code": "64493"}), ("claims", {"sample": "facet"}), ("contracts", {}),
    ("contracts", {"view": "terms"}), ("sites", {}), ("forecast", {}), ("bridge", {}), ("data", {}),
)  # fmt: skip
SECONDS = 6  # of the threads below; with Python in the pool they stood still within one


def _sources():
    return sorted(PACKAGE.rglob("*.py"))


def test_no_python_function_stands_in_an_expression():
    found = {
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in _sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if FORBIDDEN.search(line)
    }
    assert not found


def _drawn(tree):
    """Each call that has streamlit draw a table, or a chart of one: ``st.dataframe(..)``, ``column.table(..)``."""
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute))
    for each in calls:
        if each.func.attr in DRAWS and each.args and ast.unparse(each.func.value) != "tables":
            yield each


def test_every_table_is_drawn_in_one_place_and_as_arrow():
    drawn = {path: list(_drawn(ast.parse(path.read_text()))) for path in (PACKAGE / "ui").rglob("*.py")}
    assert [path.name for path, calls in drawn.items() if calls] == ["figures.py"]
    for call in drawn[Path(figures.__file__)]:
        assert re.match(r"arrow\(|pa\.Table\.", ast.unparse(call.args[0])), ast.unparse(call)


def test_a_table_is_handed_over_as_arrow():
    rows = pl.DataFrame({"word": ["a", None], "kind": pl.Series(["x", "y"], dtype=pl.Categorical), "amount": [1.5, 2]})
    read = figures.arrow(rows)
    assert isinstance(read, pa.Table)
    assert read.to_pylist() == rows.to_dicts()
    assert not any(pa.types.is_dictionary(kind) for kind in read.schema.types)


@pytest.mark.parametrize(("page", "asked"), LOOKED_AT)
def test_no_page_asks_polars_for_pandas(monkeypatch, opened, page, asked):
    def refuse(self, *_, **__):
        raise AssertionError(f"to_pandas of {self.shape}: streamlit is to be handed Arrow")

    monkeypatch.setattr(pl.DataFrame, "to_pandas", refuse)
    monkeypatch.setattr(pl.Series, "to_pandas", refuse)
    shown = opened(page, **asked)
    assert len(shown.app.dataframe) + len(shown.app.get("vega_lite_chart")) > 0


def test_all_pages_are_looked_at():
    assert {each.path for each in PAGES} == {page for page, _ in LOOKED_AT}


WORK = """
import sys, threading, time
from pathlib import Path

import polars as pl

from feecalc.runs.reading import read_claims
from feecalc.runs.claim_files import review
from feecalc.ui.shared.exports import csv_bytes
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.uploads import as_path, sample_file

end, done = time.monotonic() + float(sys.argv[1]), {}
table = pl.DataFrame({"word": ["x"] * 109, "amount": [1.5] * 109})


def again(name, work):
    while time.monotonic() < end:
        work()
        done[name] = done.get(name, 0) + 1


def draw():
    money_table(table, {"word": "A", "amount": "B"}, key=f"{threading.get_ident()} {time.monotonic_ns()}", alt="")


with as_path(sample_file("claims.csv")) as path:
    lines = read_claims(path)
    work = {
        "a table": draw, "another": draw, "cells": lambda: lines.frame.collect(engine="in-memory"),
        "claims": lambda: review(path), "csv": lambda: csv_bytes(table),
    }
    threads = [threading.Thread(target=again, args=each, daemon=True) for each in work.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
assert set(done) == set(work), done
print("all went on")
"""


def test_people_at_work_do_not_bring_each_other_to_a_standstill(tmp_path):
    environment = {**os.environ, "FEECALC_HOME": str(tmp_path), "PYTHONPATH": str(PACKAGE.parent)}
    ended = subprocess.run(
        [sys.executable, "-c", WORK, str(SECONDS)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "all went on" in ended.stdout


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads tell their names on Linux")
@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_a_generator_of_batches_does_not_run_in_the_pool(engine):
    """Prices come to polars from a Python generator (``price_claims``). It may wait for the lock, so it must not hold a
    thread of the pool: polars runs it in the caller's thread, or in one of those it reads and writes with."""

    def name():
        return Path(f"/proc/self/task/{threading.get_native_id()}/comm").read_text().strip()

    def source(columns, predicate, rows, size):
        for _ in range(3):
            seen.add(name())
            yield pl.DataFrame({"a": [1]})

    def mapped(cells):
        seen.add(name())
        return cells

    def lines():
        return register_io_source(source, schema={"a": pl.Int64})

    seen = set()
    pl.concat([lines(), lines()]).collect(engine=engine)
    lines().join(lines(), on="a").collect(engine=engine)
    list(lines().collect_batches())
    assert seen
    assert not any(each.startswith("polars-") for each in seen), seen
    seen.clear()
    frame = pl.DataFrame({"a": [1], "b": [1]}).lazy()
    frame.select(pl.all().map_batches(mapped, return_dtype=pl.Int64)).collect(engine="in-memory")
    assert any(each.startswith("polars-") for each in seen), "this test does not see the pool any more"
