"""Medicare physician fees, exact to the cent and explained step by step.

``feecalc.open_schedule("2026C").price(hcpcs, place_of_service="11", locality="Miami, FL").allowed_amount`` is an exact
``Decimal``; docs/python.md shows the main jobs. A name is loaded where it is first used, so that ``import feecalc``
takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from feecalc import errors
from feecalc.errors import (
    AmbiguousLocality,
    BadValue,
    CheckFailed,
    DownloadError,
    DuplicateKey,
    FeeCalcError,
    InputError,
    InvalidValue,
    LicenseNotAccepted,
    MissingColumn,
    MissingMember,
    MissingRule,
    NotInstalled,
    SourceFileError,
    SplitZip,
    StoreError,
    UnknownCode,
    UnknownLocality,
    UnknownModifier,
    UnknownRelease,
    UnknownZip,
    UnreadableFile,
    UnsafeArchive,
)

if TYPE_CHECKING:
    from feecalc.contracts.contract import Contract
    from feecalc.pricing.claims.rules import ClaimRules
    from feecalc.pricing.price import Price
    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.public import (
        compare_contracts,
        compare_localities,
        forecast,
        open_schedule,
        price_contract,
        read_contract,
        read_volume,
        releases,
    )
    from feecalc.runs.claim_files import check_claim_file, price_claim_file
    from feecalc.runs.public import check_claims, price_claims, read_claims

__version__ = "0.1.0"
_HOME = {  # where each name is loaded from; the same as above, for a type checker
    "Contract": "contracts.contract",
    "ClaimRules": "pricing.claims.rules",
    "FeeSchedule": "pricing.schedule",
    "Price": "pricing.price",
    "check_claim_file": "runs.claim_files",
    "check_claims": "runs.public",
    "compare_contracts": "public",
    "compare_localities": "public",
    "forecast": "public",
    "open_schedule": "public",
    "price_claim_file": "runs.claim_files",
    "price_claims": "runs.public",
    "price_contract": "public",
    "read_claims": "runs.public",
    "read_contract": "public",
    "read_volume": "public",
    "releases": "public",
}
__all__ = [
    "AmbiguousLocality",
    "BadValue",
    "CheckFailed",
    "ClaimRules",
    "Contract",
    "DownloadError",
    "DuplicateKey",
    "FeeCalcError",
    "FeeSchedule",
    "InputError",
    "InvalidValue",
    "LicenseNotAccepted",
    "MissingColumn",
    "MissingMember",
    "MissingRule",
    "NotInstalled",
    "Price",
    "SourceFileError",
    "SplitZip",
    "StoreError",
    "UnknownCode",
    "UnknownLocality",
    "UnknownModifier",
    "UnknownRelease",
    "UnknownZip",
    "UnreadableFile",
    "UnsafeArchive",
    "__version__",
    "check_claim_file",
    "check_claims",
    "compare_contracts",
    "compare_localities",
    "errors",
    "forecast",
    "open_schedule",
    "price_claim_file",
    "price_claims",
    "price_contract",
    "read_claims",
    "read_contract",
    "read_volume",
    "releases",
]


if not TYPE_CHECKING:  # else a type checker would take any name for one of feecalc's

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'feecalc' has no attribute {name!r}")
        found: object = getattr(import_module(f"feecalc.{_HOME[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
