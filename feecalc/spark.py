"""Claims priced on a Spark cluster, by the same function that prices them on a laptop. Extra: ``spark``.

A patient's lines (a beneficiary's where one is given, else a claim's) must be priced together. Spark brings them into
one partition and sorts them; a patient whose lines lie in two of a partition's Arrow batches waits for the next one.
The workers need the same feecalc, Python and Polars as the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import polars as pl

from feecalc.errors import InvalidValue, NotInstalled
from feecalc.pricing.claims.batches import LINES, whole_patients
from feecalc.pricing.claims.columns import OPTIONAL, REQUIRED, present, require
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.line_pricer import LinePricer
from feecalc.pricing.claims.results import SCHEMA
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_tables import ReleaseTables

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark import Broadcast
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructType

    Batches = Iterable[pa.RecordBatch]

_KINDS = {**REQUIRED, **{name: kind for name, (kind, _) in OPTIONAL.items()}}
_NEEDED = ("pyspark", "pandas", "pyarrow")
_SORTED_BY = ("date_of_service", "billing_npi", "claim_id", "line")  # saves the workers a sort, changes no result


def price_claims(
    claims: DataFrame,
    schedule: ReleaseTables | Sequence[ReleaseDays],
    rules: ClaimRules | None = None,
    *,
    lines: int = LINES,
) -> DataFrame:
    """Price claim lines on a Spark cluster, to the cent as ``feecalc.price_claims`` prices them on a laptop.

    Parameters
    ----------
    claims : pyspark.sql.DataFrame
        One row a line, of a session in this process; columns as for ``feecalc.price_claims``.
    schedule : FeeSchedule or sequence of ReleaseDays
        A release, which prices every day of its year, or several, each with its first and last day.
    rules : ClaimRules, optional
        The rules applied; by default all of Medicare's.
    lines : int
        A worker prices so many lines or more at once, whole patients together.

    Returns
    -------
    pyspark.sql.DataFrame
        The claims' own columns, untouched, then the results of ``feecalc.price_claims``, amounts as decimal(18,2), in
        no order that can be relied on. [USD] A bad line never stops a job: it has its ``pricing_status`` and reason.

    Raises
    ------
    NotInstalled
        Spark is not installed; the extra is ``spark``.
    MissingColumn
        A column that is needed is not there.
    InvalidValue
        A column of another type or with the name of a result, or a session of Spark Connect. All before a job starts.

    Source
    ------
    Pub. 100-04 ch. 12 and ch. 23; SSA 1848.

    Example
    -------
    >>> import feecalc
    >>> from feecalc.spark import price_claims
    >>> claims = spark.read.parquet("claims/")  # doctest: +SKIP
    >>> priced = price_claims(claims, feecalc.open_schedule("2026C"))  # doctest: +SKIP
    >>> priced.write.parquet("priced/")  # doctest: +SKIP
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise NotInstalled(f"pricing on Spark needs {', '.join(missing)}; install it: pip install 'feecalc[spark]'")
    from pyspark.sql.classic.dataframe import DataFrame as ClassicDataFrame

    if not isinstance(claims, ClassicDataFrame):
        raise InvalidValue(
            f"claims are a {type(claims).__module__}.{type(claims).__name__}; pricing on Spark takes a pyspark "
            "DataFrame of a session in this process (one of Spark Connect cannot broadcast the fee schedule)"
        )
    _check(claims)
    releases = [ReleaseDays.of_year(schedule)] if isinstance(schedule, ReleaseTables) else schedule
    pricer = ClaimPricer([replace(each, tables=replace(each.tables)) for each in releases], rules or ClaimRules())
    broadcast = claims.sparkSession.sparkContext.broadcast(pricer)
    patient = _patient(claims)
    order = [claims[name] for name in _SORTED_BY if name in claims.columns]
    together = claims.repartition(*patient).sortWithinPartitions(*patient, *order)
    return together.mapInArrow(_worker(broadcast, lines), _schema(claims))


def _check(claims: DataFrame) -> None:
    """Raise for claims that cannot be priced as they are, before any job starts."""
    require(pl.Schema({name: _KINDS.get(name, pl.Null) for name in claims.columns}))
    wrong = []
    for name, kind in _KINDS.items():
        if name in claims.columns and claims.schema[name].dataType.typeName() not in _readable(kind):
            wrong.append(f"{name} is {claims.schema[name].dataType.simpleString()} and must be {_spark_name(kind)}")
    if wrong:
        raise InvalidValue(f"claim columns of another type: {'; '.join(wrong)}; cast them first, or read them as such")
    taken = [name for name in claims.columns if name.lower() in SCHEMA]
    if taken:
        raise InvalidValue(f"claims already have columns of results: {', '.join(taken)}; drop or rename them first")


def _readable(kind: pl.DataType | type[pl.DataType]) -> set[str]:
    """Spark's types, by name, whose values are those of a claim's column. A double is not exact money."""
    whole = {"byte", "short", "integer", "long"}
    if kind == pl.String:
        return {"string", "char", "varchar"}
    if isinstance(kind, pl.Decimal):
        return {"decimal", *whole}
    return {"date"} if kind == pl.Date else {"boolean"} if kind == pl.Boolean else whole


def _spark_name(kind: pl.DataType | type[pl.DataType]) -> str:
    return _spark_type(kind).simpleString()


def _spark_type(kind: pl.DataType | type[pl.DataType]) -> DataType:
    """Spark's type for a column of claims or results."""
    from pyspark.sql import types

    if isinstance(kind, pl.Decimal):
        return types.DecimalType(kind.precision, kind.scale)
    plain: dict[object, DataType] = {
        pl.String: types.StringType(), pl.Int32: types.IntegerType(), pl.Date: types.DateType(),
        pl.Boolean: types.BooleanType(),
    }  # fmt: skip
    return plain[pl.String if kind == pl.Categorical else kind]


def _schema(claims: DataFrame) -> StructType:
    from pyspark.sql import types

    results = [types.StructField(name, _spark_type(kind)) for name, kind in SCHEMA.items()]
    return types.StructType([*claims.schema.fields, *results])


def _patient(claims: DataFrame) -> list[Column]:
    """Who the patient is, as ``feecalc.pricing.claims.grouping.patient`` has it."""
    from pyspark.sql import functions

    def text(name: str) -> Column:
        # As plain text: under a collation that takes "a" for "A", sorted lines of the two would mix.
        return functions.coalesce(claims[name].cast("string"), functions.lit(""))

    claim = text("claim_id")
    if "beneficiary_id" not in claims.columns:
        return [claim]
    beneficiary = text("beneficiary_id")
    is_given = beneficiary != ""
    return [is_given, functions.when(is_given, beneficiary).otherwise(claim)]


def _worker(broadcast: Broadcast[ClaimPricer], lines: int) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def price(batches: Batches) -> Iterator[pa.RecordBatch]:
        # A worker process keeps the broadcast's value between its tasks, and with it the look-up tables of the days.
        return priced(batches, broadcast.value, lines)

    return price


def priced(batches: Batches, pricer: LinePricer, lines: int) -> Iterator[pa.RecordBatch]:
    """A partition's lines, each patient's together, with their results. The claims' own columns pass by untouched."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []

    def frames() -> Iterator[pl.DataFrame]:
        for batch in batches:
            waiting.append(batch)
            yield present(pl.DataFrame(batch.select([name for name in batch.schema.names if name in _KINDS])))

    for frame in whole_patients(frames(), lines):
        own = pa.Table.from_batches(waiting)
        waiting[:] = own.slice(frame.height).to_batches()
        # Spark takes neither numbers that stand for texts nor view types.
        results = pricer.price(frame).cast({pl.Categorical: pl.String}).to_arrow(compat_level=pl.CompatLevel.oldest())
        columns = own.slice(0, frame.height).columns + results.columns
        yield from pa.table(columns, [*own.column_names, *results.column_names]).combine_chunks().to_batches()
