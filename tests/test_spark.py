"""Spark prices every line as Polars does, however the lines lie in partitions and batches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal
from pricing.claims.random_claims import Claims, claims_frame

import feecalc.spark
from feecalc.errors import InvalidValue, MissingColumn, NotInstalled
from feecalc.installed import open_schedule
from feecalc.pricing.claims import batches
from feecalc.pricing.claims.columns import REQUIRED
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import COLUMNS, SCHEMA
from feecalc.pricing.schedule import FeeSchedule
from feecalc.spark import price_claims, priced

KEY = ["claim_id", "line"]
SECONDS = 240  # after which a job that hangs is given up; all of them take less than 60
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture(scope="module")
def d25() -> FeeSchedule:
    return open_schedule("2025D", home=Path("no-such-folder")).schedule


@pytest.fixture(scope="module")
def c26() -> FeeSchedule:
    return open_schedule("2026C", home=Path("no-such-folder")).schedule


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """One session of two cores for all tests; it listens on this machine only."""
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: pip install 'feecalc[spark]'")
    java = shutil.which(f"{os.environ['JAVA_HOME']}/bin/java" if "JAVA_HOME" in os.environ else "java")
    if not java or subprocess.run([java, "-version"], capture_output=True, check=False, timeout=60).returncode:
        pytest.skip("needs Java 17 or later, which Spark runs on")
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",  # small partitions stay apart
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = sql.SparkSession.builder.master("local[2]").appName("feecalc")
        session = builder.config(map=settings).getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        limit = threading.Timer(SECONDS, session.sparkContext.cancelAllJobs)
        limit.daemon = True
        limit.start()
        yield session
        limit.cancel()
        session.stop()


def to_spark(spark, claims, pieces=1):
    """The claims in Spark, dealt to partitions like cards, so that each claim's lines lie in several."""
    found = None
    for first in range(pieces):
        piece = claims.gather_every(pieces, first).to_arrow(compat_level=pl.CompatLevel.oldest())
        dealt = spark.createDataFrame(piece)
        found = dealt if found is None else found.unionAll(dealt)
    return found


def from_spark(found):
    return pl.DataFrame(found.toArrow())


def batches_of(spark, records):
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(records))


def assert_same(found, expected):
    """Every line and column alike, whatever the order of lines; Spark has text where polars has categoricals."""
    expected = expected.cast({pl.Categorical: pl.String})
    assert found.columns == expected.columns
    assert found.schema == expected.schema
    assert_frame_equal(found.sort(KEY), expected.sort(KEY))


def test_twenty_thousand_lines_are_priced_as_polars_prices_them(spark, d25):
    claims = Claims(d25, seed=31).frame(4500)
    assert claims.height > 20_000
    expected = d25.price_claims(claims.lazy()).collect()
    assert expected["mppr_factor"].n_unique() > 5  # the rules that need a whole patient are there
    batches_of(spark, 256)
    dealt = to_spark(spark, claims, pieces=5)
    assert dealt.rdd.getNumPartitions() >= 5
    assert_same(from_spark(price_claims(dealt, d25, lines=1)), expected)


@pytest.mark.parametrize("records", [1, 3])
def test_patients_whose_lines_span_many_batches(spark, c26, records):
    claims = Claims(c26, seed=32).frame(90)
    batches_of(spark, records)
    found = from_spark(price_claims(to_spark(spark, claims, pieces=3), c26, lines=1))
    assert_same(found, c26.price_claims(claims.lazy()).collect())


def test_two_patients_leave_most_partitions_empty(spark, d25):
    claims = Claims(d25, seed=33).frame(2)
    found = from_spark(price_claims(to_spark(spark, claims), d25))
    assert_same(found, d25.price_claims(claims.lazy()).collect())


def test_no_lines_give_no_lines_of_the_same_columns(spark, d25):
    claims = Claims(d25, seed=34).frame(1).clear()
    found = price_claims(spark.createDataFrame([], to_spark(spark, Claims(d25, seed=34).frame(1)).schema), d25)
    assert found.count() == 0
    assert found.columns == [*claims.columns, *COLUMNS]


def test_dates_choose_among_several_releases_and_the_tables_are_broadcast_once(spark, d25, c26, monkeypatch):
    coverage = [
        ReleaseDays(d25, date(2025, 10, 1), date(2025, 12, 31)),
        ReleaseDays(c26, date(2026, 1, 1), date(2026, 12, 31)),
    ]
    earlier = Claims(d25, seed=35).frame(60)
    later = Claims(c26, seed=36).frame(60).with_columns(claim_id=pl.col("claim_id").str.replace("C", "D"))
    claims = pl.concat([earlier, later])
    expected = batches.price_claims(claims.lazy(), ClaimPricer(coverage)).collect()
    assert set(expected["release"].drop_nulls()) == {"RVU25D", "RVU26C"}
    sent, context = [], type(spark.sparkContext)
    broadcast = context.broadcast
    monkeypatch.setattr(context, "broadcast", lambda self, value: sent.append(value) or broadcast(self, value))
    assert_same(from_spark(price_claims(to_spark(spark, claims, pieces=4), coverage)), expected)
    assert len(sent) == 1


def test_other_columns_pass_by_untouched(spark, d25):
    from pyspark.sql import functions

    claims = to_spark(spark, Claims(d25, seed=37).frame(5)).withColumns(
        {
            "tags": functions.create_map(functions.lit("line"), functions.col("line")),
            "seen": functions.timestamp_micros(functions.col("line") * 1_000_001),
            "share": functions.lit("0.123456789012345678").cast("decimal(38,18)"),
            "nested": functions.struct("hcpcs", functions.array("modifier_1", "modifier_2").alias("modifiers")),
        }
    )
    found = price_claims(claims, d25)
    assert found.schema.fields[: len(claims.columns)] == claims.schema.fields
    own = sorted(claims.collect(), key=lambda row: (row.claim_id, row.line))
    kept = sorted(found.select(*claims.columns).collect(), key=lambda row: (row.claim_id, row.line))
    assert kept == own


def test_results_have_exact_types(spark, d25):
    found = price_claims(to_spark(spark, Claims(d25, seed=38).frame(1)), d25)
    kinds = {field.name: field.dataType.simpleString() for field in found.schema.fields}
    assert kinds["allowed_amount"] == "decimal(18,2)"
    assert kinds["rank"] == "int"
    assert kinds["pricing_status"] == "string"
    assert [field.name for field in found.schema.fields[-len(SCHEMA) :]] == list(COLUMNS)


def test_patients_whose_names_a_collation_takes_for_one(spark, d25):
    """Sorted without regard to case, the lines of b and B would mix, and each be priced in pieces."""
    one = {
        "date_of_service": date(2025, 11, 3), "place_of_service": "11", "mac": "09102", "locality": "04",
        "hcpcs": "64493", "units": 1,
    }  # fmt: skip
    claims = claims_frame({**one, "claim_id": name, "line": line} for line in range(1, 5) for name in ("b", "B"))
    batches_of(spark, 1)
    collated = to_spark(spark, claims).selectExpr("claim_id collate UTF8_LCASE as claim_id", *claims.columns[1:])
    expected = d25.price_claims(claims.lazy()).collect()
    assert expected["rank"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4]  # four procedures of each patient
    assert_same(from_spark(price_claims(collated, d25, lines=1)), expected)


def test_a_missing_column_is_named_before_a_job_starts(spark, d25):
    claims = to_spark(spark, Claims(d25, seed=39).frame(1)).drop("locality", "units")
    with pytest.raises(MissingColumn, match="missing: locality, units; seen: claim_id"):
        price_claims(claims, d25)


def test_columns_of_other_types_are_all_named(spark, d25):
    claims = to_spark(spark, Claims(d25, seed=40).frame(1))
    others = {"line": "double", "date_of_service": "timestamp", "billed_amount": "double"}
    with pytest.raises(InvalidValue) as refused:
        price_claims(claims.withColumns({name: claims[name].cast(kind) for name, kind in others.items()}), d25)
    for said in (
        "line is double and must be int",
        "date_of_service is timestamp and must be date",
        "billed_amount is double and must be decimal(12,2)",
        "cast them first",
    ):
        assert said in str(refused.value)


def test_claims_that_are_priced_already_are_refused(spark, d25):
    claims = to_spark(spark, Claims(d25, seed=41).frame(1))
    with pytest.raises(InvalidValue, match=r"columns of results: Rank; drop or rename"):
        price_claims(claims.withColumnRenamed("minutes", "Rank"), d25)


# Without Spark


def test_without_spark_it_says_what_to_install(d25, monkeypatch):
    monkeypatch.setattr(feecalc.spark, "find_spec", lambda name: None if name == "pyspark" else name)
    with pytest.raises(NotInstalled, match=r"needs pyspark; install it: pip install 'feecalc\[spark\]'"):
        price_claims(None, d25)


def test_another_frame_is_refused(d25):
    pytest.importorskip("pyspark.sql", reason="needs pyspark: pip install 'feecalc[spark]'")
    with pytest.raises(InvalidValue, match=r"polars\.\S*DataFrame; pricing on Spark takes a pyspark DataFrame"):
        price_claims(pl.DataFrame(schema=REQUIRED), d25)


@pytest.mark.parametrize("lines", [1, 10, 10_000])
@pytest.mark.parametrize("records", [1, 2, 7])
def test_a_partition_is_priced_alike_wherever_its_batches_end(d25, records, lines):
    claims = Claims(d25, seed=42).frame(30).sort("beneficiary_id", "claim_id")
    expected = d25.price_claims(claims.lazy()).collect()
    table = claims.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    cut = table.to_batches(max_chunksize=records)
    none = cut[0].slice(0, 0)
    found = pa.Table.from_batches(priced([none, *cut, none], ClaimPricer([ReleaseDays.of_year(d25)]), lines))
    assert_frame_equal(pl.DataFrame(found), expected.cast({pl.Categorical: pl.String}))  # in the same order, too


def test_a_partition_without_batches_gives_none(d25):
    assert not list(priced([], ClaimPricer([ReleaseDays.of_year(d25)]), 1))
