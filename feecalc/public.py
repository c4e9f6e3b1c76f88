"""The public functions that bring several parts together. ``feecalc`` has these names; each example runs on samples."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from feecalc import installed

if TYPE_CHECKING:
    from feecalc.contracts.comparing import Comparison
    from feecalc.contracts.contract import Contract
    from feecalc.contracts.practice import VolumePractice
    from feecalc.ingest.manifest import Manifest
    from feecalc.ingest.starter import StarterRelease
    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.scenarios.basket.localities import Compared
    from feecalc.scenarios.forecast.result import Forecast


def open_schedule(
    release: str | None = None, *, day: date | None = None, home: str | Path | None = None
) -> FeeSchedule:
    """Open the fee schedule of a release, of a day, or the newest that is installed.

    Parameters
    ----------
    release : str, optional
        A relative value release: "2026C", "RVU26C".
    day : datetime.date, optional
        A date of service: the release in force on it is opened. Without both, the newest installed.
    home : str or Path, optional
        The folder of installed releases; by default the person's own, or ``FEECALC_HOME``.

    Returns
    -------
    FeeSchedule
        It prices one service (``price``), a table of codes and localities (``table``) and claim lines
        (``price_claims``). What should be known of the choice (starter data answers; a newer release is in force) comes
        as a ``UserWarning``.

    Raises
    ------
    UnknownRelease
        No release has that name, or none is known for the day.
    NotInstalled
        The release is known and not installed; the message names the command that loads it.
    StoreError
        An installed release is damaged.

    Source
    ------
    CMS's relative value files (RVU26C and so on), or the selection of them in ``data/starter``.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> schedule.release.name, schedule.release.first_date_of_service.isoformat()
    ('RVU26C', '2026-07-01')
    """
    opened = installed.open_schedule(release, day=day, home=_folder(home))
    _warn(opened.notices)
    return opened.schedule


def releases(home: str | Path | None = None) -> pl.DataFrame:
    """List what is installed: relative value releases, ZIP code files, OPPS, ASC and NCCI files.

    Parameters
    ----------
    home : str or Path, optional
        The folder of installed releases; by default the person's own, or ``FEECALC_HOME``.

    Returns
    -------
    polars.DataFrame
        A row for each, the oldest first: name, kind ("release", or the kind of another CMS file), year,
        first_date_of_service (null for a file without one), source (CMS's file), sha256, starter (whether it is a
        selection that comes with feecalc, and no release of that name is installed).

    Raises
    ------
    StoreError
        The folder cannot be read, or something in it is damaged.

    Source
    ------
    The manifest that ``feecalc build`` writes beside what it installs.

    Example
    -------
    >>> import feecalc
    >>> feecalc.releases().filter(starter=True, year=2026).select("name", "kind").rows()[-1]
    ('RVU26C', 'release')
    """
    from feecalc.ingest.starter import starter_releases
    from feecalc.ingest.store import Store

    here = Store(_folder(home)).manifests()
    names = {manifest.name for manifest in here}
    rows = [_row(manifest, is_starter=False) for manifest in here]
    rows += [_row(release, is_starter=True) for release in starter_releases() if release.name not in names]
    schema = {
        "name": pl.String, "kind": pl.String, "year": pl.Int32, "first_date_of_service": pl.Date, "source": pl.String,
        "sha256": pl.String, "starter": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("year", "first_date_of_service", "name")


def read_volume(path: str | Path, schedule: FeeSchedule, *, locality: str | None = None) -> pl.DataFrame:
    """Read a practice's volume: how many units of which code in a year, where, at what charge.

    Parameters
    ----------
    path : str or Path
        A csv, xlsx or parquet file; a column for the code and one for the units are needed.
    schedule : FeeSchedule
        The release whose localities the file's are looked up in.
    locality : str, optional
        For rows that name none: a key ("09102-04"), a name ("Miami, FL") or "national".

    Returns
    -------
    polars.DataFrame
        A row for each row of the file: hcpcs, modifier_1 to modifier_4, place_of_service ("11" where none is given),
        mac, locality, units, billed_amount [USD for one unit, null where none is given], payer, category,
        provider_type, minutes.

    Raises
    ------
    MissingColumn
        No column for the code, the units or the locality.
    InvalidValue
        A cell that cannot be read; the message names its row.
    UnknownLocality
        A locality that the release does not have.
    UnreadableFile
        The file is no csv, xlsx or parquet file.

    Source
    ------
    The practice's own report of a year, such as "units by CPT" of a practice management system.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> volume = feecalc.read_volume("data/samples/volume.csv", schedule)
    >>> volume.select("hcpcs", "place_of_service", "units").row(0)
    ('20553', '11', 420)
    """
    from feecalc.files import volume

    return volume.read_volume(Path(path), [schedule], locality=locality)


def read_contract(path: str | Path) -> Contract:
    """Read a payer's contract from a TOML file, or from the filled-in spreadsheet of ``feecalc contract template``.

    Parameters
    ----------
    path : str or Path
        The file. A fee table it names is looked for beside it.

    Returns
    -------
    Contract
        The terms as they are written; what the contract does not say is None.

    Raises
    ------
    InvalidValue
        A term that cannot be; the message names the key and its line or cell.
    DuplicateKey
        The same carve-out twice for one day.
    UnreadableFile
        The file is no TOML and no workbook.

    Source
    ------
    The signed contract and its fee exhibit.

    Example
    -------
    >>> import feecalc
    >>> contract = feecalc.read_contract("data/samples/contracts/gulf.toml")
    >>> contract.payer, contract.percent
    ('Gulf Coast Health Plan', Decimal('118'))
    """
    from feecalc.contracts.files import reading

    return reading.read_contract(Path(path))


def price_contract(
    contract: Contract, volume: pl.DataFrame, schedule: FeeSchedule, *, day: date | None = None
) -> pl.DataFrame:
    """Price a volume by one contract: what the payer pays for a unit of each row, and what Medicare would.

    Parameters
    ----------
    contract : Contract
        Of ``read_contract``, or ``Contract.at(120)`` for 120 percent of Medicare.
    volume : polars.DataFrame
        Of ``read_volume``.
    schedule : FeeSchedule
        Current Medicare's.
    day : datetime.date, optional
        A date of service of Medicare's amounts, by default the release's first.

    Returns
    -------
    polars.DataFrame
        The volume's columns, then, for one unit: setting, medicare_amount, pricing_status, reason, basis_amount (what
        the percents are of), before_charge_amount (before the lower of the charge), contract_amount [USD],
        contract_basis (the term that decided), contract_reason (why an amount is null).

    Raises
    ------
    NotInstalled
        The release of a year the contract names is not installed.
    InvalidValue
        A row or a term that cannot be priced as it stands.

    Source
    ------
    The contract; where it is silent, Medicare's rule. See docs/contracts.md.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> volume = feecalc.read_volume("data/samples/volume.csv", schedule)
    >>> priced = feecalc.price_contract(feecalc.Contract.at(120), volume, schedule)
    >>> priced.select("hcpcs", "medicare_amount", "contract_amount").row(0)
    ('20553', Decimal('65.22'), Decimal('78.26'))
    """
    practice = _practice(volume, schedule, day)
    priced = practice.rows(contract)
    _warn(practice.notices)
    return priced


def compare_contracts(
    contracts: Sequence[Contract], volume: pl.DataFrame, schedule: FeeSchedule, *, day: date | None = None
) -> Comparison:
    """Compare a payer's offers over a volume; changes are from the first contract.

    Parameters
    ----------
    contracts : sequence of Contract
        The contract of today, then the offers.
    volume, schedule, day :
        As for ``price_contract``.

    Returns
    -------
    Comparison
        ``offers()``: one row an offer: payer, contract_amount, change_amount (from the first), effective_percent (of
        Medicare), lost_amount (what charges below the allowed amount cost) [USD], unpaid_units (without an amount).
        ``by("category")`` and ``winners_and_losers(offer)``: where the change comes from. ``costs``: what each term
        that is not a rate costs.

    Raises
    ------
    NotInstalled, InvalidValue
        As for ``price_contract``.

    Source
    ------
    The contracts; where one is silent, Medicare's rule. See docs/contracts.md.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> volume = feecalc.read_volume("data/samples/volume.csv", schedule)
    >>> offers = [feecalc.read_contract(f"data/samples/contracts/{name}.toml") for name in ("gulf", "offer_headline")]
    >>> feecalc.compare_contracts(offers, volume, schedule).offers()["change_amount"].to_list()
    [Decimal('0.00'), Decimal('357797.80')]
    """
    from feecalc.contracts.comparing import compare

    practice = _practice(volume, schedule, day)
    compared = compare(contracts, practice)
    _warn(practice.notices)
    return compared


def compare_localities(
    volume: pl.DataFrame, schedule: FeeSchedule, *, localities: Sequence[str] | None = None
) -> Compared:
    """Price a volume as if all of it were done in one payment locality, in each of them.

    Parameters
    ----------
    volume : polars.DataFrame
        Of ``read_volume``, or a frame of hcpcs and units; its own localities are set aside.
    schedule : FeeSchedule
        The release.
    localities : sequence of str, optional
        Keys or names; by default all.

    Returns
    -------
    Compared
        ``places``: one row a locality, the dearest first: rank, mac, locality, state, locality_name, amount, difference
        (from national) [USD], index_to_national, the part of each GPCI in the difference, gaf and more.
        ``national_amount`` and ``units``. ``left_out``: services that Medicare does not price, with their reason.

    Raises
    ------
    MissingColumn
        No column hcpcs or units.
    UnknownLocality
        A locality that the release does not have.

    Source
    ------
    SSA 1848(e): the geographic indices (GPCI) of the release.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> compared = feecalc.compare_localities(feecalc.read_volume("data/samples/volume.csv", schedule), schedule)
    >>> compared.national_amount
    Decimal('7640377.70')
    """
    from feecalc.scenarios.basket.localities import basket_across_localities

    return basket_across_localities(schedule, volume, localities=localities)


def forecast(path: str | Path, schedule: FeeSchedule, *, years: int = 3) -> Forecast:
    """Forecast a practice's revenue by its scenario file: volumes, payers, contracts, and events with their dates.

    Parameters
    ----------
    path : str or Path
        The scenario, a TOML file; the volume and contract files it names are looked for beside it.
    schedule : FeeSchedule
        The release that prices all years, of the scenario's base year.
    years : int
        How many years after the base year, 1 to 10.

    Returns
    -------
    Forecast
        ``years``: one row a year: revenue, cost (of events), net [USD]. ``total``: the net of the years after the base
        year. ``by("payer")``, also category, location, part: revenue by year. ``cells``: all of it. Every event is
        taken to come to pass; odds and draws: ``feecalc forecast --draws``.

    Raises
    ------
    InvalidValue
        The file says what cannot be; the message names the key and its line.
    UnreadableFile
        The scenario, or a file it names, cannot be read.

    Source
    ------
    The scenario's own assumptions; amounts by the release.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> feecalc.forecast("data/samples/scenario.toml", schedule).total
    Decimal('24572415.51')
    """
    from feecalc.scenarios.forecast import result
    from feecalc.scenarios.forecast.opening import open_plan
    from feecalc.scenarios.scenario.reading import read_scenario

    scenario = read_scenario(Path(path))
    opened = open_plan(scenario, Path(path).parent, schedule, years=years)
    _warn([*opened.notices, *opened.plan.pots.notices])
    return result.forecast(opened.plan)


def _practice(volume: pl.DataFrame, schedule: FeeSchedule, day: date | None) -> VolumePractice:
    """Return a volume ready to be priced by contracts."""
    from feecalc.contracts.practice import VolumePractice
    from feecalc.contracts.pricing import VolumeContracts

    return VolumePractice(volume, VolumeContracts(schedule, day))


def _warn(notices: Iterable[str]) -> None:
    """Warn of what should be known of the result, at the line that called the public function."""
    for notice in dict.fromkeys(notices):
        warnings.warn(notice, stacklevel=3)


def _row(release: Manifest | StarterRelease, *, is_starter: bool) -> tuple[object, ...]:
    """Return a row of ``releases``."""
    source = release.source
    return (
        release.name, release.kind, release.year, release.first_date_of_service, source["name"], source["sha256"],
        is_starter,
    )  # fmt: skip


def _folder(home: str | Path | None) -> Path | None:
    return None if home is None else Path(home)
