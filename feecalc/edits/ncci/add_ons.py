"""Add-on codes: paid only beside a primary code of the same patient, day and physician.

Type 1: one of the primaries listed. Type 3: one of those listed, or another the contractor accepts, which is warned of.
Type 2: the contractor defines the primaries; alone it is denied, beside another service it passes, and that the
contractor's list was not looked at is said once (reference/edit_gap.toml). Of a type that no rule here knows: without a
listed primary it is warned of. A code whose primary a colleague of the group may have billed is warned of. A primary
that is not paid does not count: an add-on without its own primary, or a line denied otherwise. A colleague's primary
counts where he may be the same physician.
A hospital's bill is not denied by these edits: a question. An add-on procedure (global period ZZZ) without any other
service has a remittance code of its own (ch. 12 sec. 40.4.D.3). Source: CMS's add-on code edits (CR 7501); Pub. 100-04
ch. 12 sec. 30.D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Found, wordings
from feecalc.edits.lines.codes import ADD_ON, Bill, Sources, numbers
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.spans import Spans, first_days, last_days
from feecalc.edits.lines.together import of_one_group
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.adjustments import code_of
from feecalc.reference import Row, rows
from feecalc.reference.indicators import ever_known

_BY_NUMBER = (
    "add_on_without_primary", "add_on_with_wrong_primary", "add_on_alone", "add_on_primary_denied",
    "add_on_contractor_accepts", "add_on_of_group", "add_on_unknown_type",
)  # fmt: skip
_IN_HOSPITAL = "add_on_in_hospital"  # in place of all of them
RULES = (*_BY_NUMBER, _IN_HOSPITAL)
_PAID = 0
_WITHOUT, _WRONG, _ALONE, _PRIMARY_DENIED, _ACCEPTS, _OF_GROUP, _UNKNOWN = range(1, len(_BY_NUMBER) + 1)
_CONTRACTOR_DEFINES, _CONTRACTOR_ACCEPTS = "2", "3"  # types of the file
_OF_CONTRACTOR = "those of the contractor's list"  # what a sentence says for the primaries of type 2
_CODES_NAMED = 6  # in a sentence


@dataclass(frozen=True)
class AddOns:
    """Which codes are add-ons on a day, and which primaries each has. Suspended edits are not applied, and left out.

    Codes have numbers of their own here: those that stand in the file.
    """

    edits: pl.DataFrame  # hcpcs (the add-on), edit_type, primary, effective_from, ends (null: none)
    number: Integers  # of each code that the edits know, -1 for one that is not in the file [code + 1]
    count: int
    is_add_on: Flags  # on any day [number + 1]
    primaries: Spans  # by add-on x count + primary
    types: Spans  # by the add-on: the days of each of its types
    defined: Flags  # of type 2 [row of types]
    accepted: Flags  # of type 3 [row of types]
    unknown: Flags  # of a type that no rule knows [row of types]
    of_group: Spans  # codes whose primary another physician of the group may have billed
    surgery: Flags  # codes of the global period of add-on procedures [release, code + 1]

    def of_day(self, number: Integers, day: Integers) -> tuple[Flags, Flags, Flags, Flags]:
        """Return whether each code is an add-on on its day, and whether of type 2, of type 3, of an unknown one.

        Shape of each: [code given].
        """
        start, end = (np.searchsorted(self.types.keys, number, side=side) for side in ("left", "right"))
        line = np.repeat(np.arange(len(number)), end - start)
        row = np.arange(len(line)) - np.repeat(np.cumsum(end - start) - end, end - start)
        holds = (self.types.first[row] <= day[line]) & (self.types.last[row] >= day[line])
        found = []
        for flags in (np.ones_like(self.defined), self.defined, self.accepted, self.unknown):
            of_code = np.zeros(len(number), np.bool_)
            of_code[line[holds & flags[row]]] = True
            found.append(of_code)
        is_add_on, defined, accepted, unknown = found
        return is_add_on, defined, accepted, unknown


def prepare(sources: Sources) -> AddOns | None:
    """Make the look-up tables of CMS's list; None where none is installed."""
    if sources.tables.add_ons is None:
        return None
    ends = pl.min_horizontal("deleted_on", "primary_deleted_on", "add_on_deleted_on").alias("ends")
    applied = sources.tables.add_ons.filter(~pl.col("note").str.contains(_suspended()))
    edits = applied.select(pl.col("add_on").alias("hcpcs"), "edit_type", "primary", "effective_from", ends)
    edits = pl.concat([edits, _of_policies(edits, sources)])
    words = pl.concat([edits["hcpcs"], edits["primary"]]).unique().sort()
    kind, count = pl.Enum(words), len(words)
    add_on, primary = (numbers(edits[name], kind).astype(np.int64) for name in ("hcpcs", "primary"))
    is_add_on = np.zeros(count + 1, np.bool_)
    is_add_on[add_on] = True
    primaries, _ = Spans.of(add_on * count + primary, first_days(edits["effective_from"]), last_days(edits["ends"]))
    types = edits.select("hcpcs", "edit_type", "effective_from", "ends").unique(maintain_order=True)
    spans, order = Spans.of(
        numbers(types["hcpcs"], kind).astype(np.int64), first_days(types["effective_from"]), last_days(types["ends"])
    )
    edit_type = types["edit_type"][order]
    return AddOns(
        edits, sources.codes.numbers_in(kind), count, is_add_on, primaries, spans,
        (edit_type == _CONTRACTOR_DEFINES).to_numpy(), (edit_type == _CONTRACTOR_ACCEPTS).to_numpy(),
        ~edit_type.is_in(sorted(ever_known("add_on", "edit_type"))).to_numpy(), _of_group(kind),
        sources.codes.indicator("global_days").one_of(ADD_ON),
    )  # fmt: skip


def _of_policies(edits: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """Return the primaries that a coverage policy has beside CMS's own, for the add-ons of CMS's list."""
    listed = {primary for policy in sources.policies for primary in policy.primaries()}
    types = dict(edits.select("hcpcs", "edit_type").unique("hcpcs", keep="first").iter_rows()) if listed else {}
    more = [
        (add_on, types[add_on], primary, first, None if last == date.max else last)
        for add_on, primary, first, last in sorted(listed)
        if add_on in types
    ]
    return pl.DataFrame(more, edits.schema, orient="row")


def _of_group(kind: pl.Enum) -> Spans:
    listed = [(code, row["effective_from"], row.get("effective_to")) for row in rows("add_on_of_group")
              for code in row["codes"] if code in kind.categories]  # fmt: skip
    schema = {"code": pl.String, "first": pl.Date, "last": pl.Date}
    frame = pl.DataFrame(listed, schema, orient="row")
    code = numbers(frame["code"], kind).astype(np.int64)
    spans, _ = Spans.of(code, first_days(frame["first"]), last_days(frame["last"]))
    return spans


def _suspended() -> str:
    """Return the words of CMS's notes that say an edit is not applied, as one pattern."""
    return "|".join(word for row in rows("edit_note") if row["means"] == "suspended" for word in row["listed"])


@dataclass(frozen=True)
class AddOnGroups:
    """The groups of a batch that hold an add-on. ``at``: positions of their lines; ``group``, ``kind``: of each.

    Lines of one group and code are of one kind, and all that CMS lists is said of kinds. Shape of the others: [kind];
    ``one`` and ``two``: a kind and the add-on that it is a listed primary of.
    """

    at: Integers
    group: Integers
    kind: Integers
    kind_is_add_on: Flags  # on its day
    lenient: Flags  # another service than a listed primary may be enough
    accepted: Flags  # the contractor may accept another
    unknown: Flags  # of a type that no rule knows
    of_group: Flags  # another physician of the group may have billed the primary
    one: Integers
    two: Integers

    @classmethod
    def of(cls, lines: EditLines, add_ons: AddOns) -> AddOnGroups:
        """Find the groups. Lines without a day or units are left out: they are no primary and no add-on."""
        number, known = add_ons.number[lines.code], (lines.units > 0) & lines.dated
        maybe = np.flatnonzero(add_ons.is_add_on[number] & known)
        is_add_on, *_ = add_ons.of_day(number[maybe], lines.day[maybe])
        whose = lines.surely_apart
        at = np.flatnonzero(lines.any_in_group(maybe[is_add_on], whose)[whose] & known)
        keys = whose[at].astype(np.int64) * (add_ons.count + 1)
        keys += np.where(number[at] < 0, add_ons.count, number[at])
        _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
        own, group, day = number[at][first].astype(np.int64), whose[at][first], lines.day[at][first]
        flags = [np.zeros(len(first), np.bool_) for _ in range(4)]
        listed = np.flatnonzero(add_ons.is_add_on[own])
        for flag, values in zip(flags, add_ons.of_day(own[listed], day[listed]), strict=True):
            flag[listed] = values
        held, defined, accepted, unknown = flags
        of_group = held & (add_ons.of_group.holding(own, day) >= 0)
        one, two = _primaries(own, group, day, held, add_ons)
        return cls(at, whose[at], kind, held, defined | accepted, accepted, unknown, of_group, one, two)

    @property
    def is_add_on(self) -> Flags:
        """Return whether each line is an add-on on its day. Shape: [line of at]."""
        return self._of_lines(self.kind_is_add_on)

    def rules(self, unpaid: Flags) -> Integers:
        """Return what follows for each line: 0 where it is paid, else 1 + the place in RULES. Shape: [line of at].

        ``unpaid``: lines denied otherwise. Shape: [line of at].
        """
        accompanied, paid = self._paid(np.zeros_like(unpaid))
        rule = np.where(self.lenient, _ALONE, np.where(accompanied, _WRONG, _WITHOUT))
        rule = np.where(self.of_group, _OF_GROUP, rule)
        has_listed = np.zeros_like(paid)
        has_listed[self.two[paid[self.one]]] = True
        doubtful = np.where(self.accepted, _ACCEPTS, _PAID)
        rule = np.where(paid, np.where(self.lenient & accompanied & ~has_listed, doubtful, _PAID), rule)
        rule = self._of_lines(np.where(self.kind_is_add_on & self.unknown & ~has_listed, _UNKNOWN, rule))
        if unpaid.any():
            _, still = self._paid(unpaid)
            rule = np.where(self._of_lines(paid & ~still) & ~unpaid, _PRIMARY_DENIED, rule)
        return np.where(self.is_add_on, rule, _PAID)

    def _of_lines(self, of_kinds: Integers) -> Integers:
        found: Integers = of_kinds[self.kind]
        return found

    def _paid(self, unpaid: Flags) -> tuple[Flags, Flags]:
        """Of each kind, whether a paid line of no add-on is beside it, and whether its lines that are not denied
        otherwise are paid: what falls takes with it what leans on it.
        """
        left = np.zeros(len(self.kind_is_add_on), np.bool_)  # whether any line of the kind is not denied otherwise
        left[self.kind[~unpaid]] = True
        others = np.zeros(int(self.group[-1]) + 1 if len(self.group) else 0, np.bool_)
        others[self.group[~self.is_add_on & ~unpaid]] = True
        accompanied = np.zeros_like(left)
        accompanied[self.kind] = others[self.group]
        paid = ~self.kind_is_add_on | self.unknown | (self.lenient & accompanied)
        while True:
            more = self.two[paid[self.one] & left[self.one] & ~paid[self.two]]
            if not len(more):
                return accompanied, paid
            paid[more] = True


def _primaries(
    own: Integers, group: Integers, day: Integers, held: Flags, add_ons: AddOns
) -> tuple[Integers, Integers]:
    """Return each kind of a group that is a listed primary of an add-on of it, and that add-on."""
    found = [(own[:0], own[:0])]
    for one, two in of_one_group(group, np.flatnonzero(own >= 0), np.flatnonzero(held)):
        listed = add_ons.primaries.holding(own[two] * add_ons.count + own[one], day[two]) >= 0
        some = np.flatnonzero((own[one] != own[two]) & listed)
        found.append((one[some], two[some]))
    one, two = (np.concatenate(each) for each in zip(*found, strict=True))
    return one, two


def find(
    lines: EditLines, add_ons: AddOns, groups: AddOnGroups, unpaid: Flags, wanted: frozenset[str],
    bill: Bill = "professional",
) -> Iterator[Found]:  # fmt: skip
    """Find the add-on lines without a primary, or with one nobody has listed; on a hospital's bill as a question.

    ``groups``: those of the batch. ``unpaid``: lines that are no primaries, as they are denied otherwise. [line of at]
    """
    rule = groups.rules(unpaid)
    if bill == "hospital":
        met = np.flatnonzero(rule != _PAID)
        if _IN_HOSPITAL in wanted and len(met):
            yield _found(_IN_HOSPITAL, lines, add_ons, groups, unpaid, met)
        return
    for place, name in enumerate(_BY_NUMBER, 1):
        met = np.flatnonzero(rule == place)
        if name not in wanted or not len(met):
            continue
        if place not in (_WITHOUT, _ALONE):
            yield _found(name, lines, add_ons, groups, unpaid, met)
            continue
        surgery = lines.of_release(groups.at[met], add_ons.surgery)
        code = code_of("edit", "add_on_alone")
        for some, dated in (
            (met[~surgery], None),
            (met[surgery], [{**row, "carc": code.carc, "rarc": code.rarc} for row in wordings(name)]),
        ):
            if len(some):
                yield _found(name, lines, add_ons, groups, unpaid, some, dated)


def of_contractor(codes: pl.Series, edits: pl.DataFrame) -> list[str]:
    """Return those of some codes, sorted, whose primaries the contractor defines. ``edits``: CMS's list."""
    listed = edits.filter(pl.col("edit_type") == _CONTRACTOR_DEFINES)["add_on"].unique()
    return sorted(set(codes.cast(pl.String).drop_nulls().unique()) & set(listed))


def _found(
    rule: str, lines: EditLines, add_ons: AddOns, groups: AddOnGroups, unpaid: Flags, met: Integers,
    dated: Sequence[Row] | None = None,
) -> Found:  # fmt: skip
    def columns() -> Columns:
        """Return the primaries that would do, what is beside the add-on, and what of that is not paid."""
        in_group = np.isin(groups.group, groups.group[met])
        beside = pl.DataFrame({"group": groups.group[in_group], "hcpcs": lines.text(groups.at[in_group], "hcpcs")})
        others, lost = (~groups.is_add_on)[in_group], unpaid[in_group]
        own = pl.DataFrame(
            {
                "group": groups.group[met], "hcpcs": lines.text(groups.at[met], "hcpcs"),
                "day": lines.frame["date_of_service"][lines.row[groups.at[met]]],
            }
        )  # fmt: skip
        return {
            "primaries": _named(own, _listed_primaries(own, add_ons.edits), "hcpcs", "day"),
            "others": _named(own, beside.filter(pl.Series(others)).rename({"hcpcs": "code"}), "group"),
            "unpaid_lines": _named(own, beside.filter(pl.Series(lost)).rename({"hcpcs": "code"}), "group"),
        }

    return Found(rule, lines.row[groups.at[met]], columns, dated)


def _listed_primaries(own: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """Return the primaries of each add-on on its day. Shape: hcpcs, day, code."""
    day = pl.col("day")
    listed = own.select("hcpcs", "day").unique().join(edits, on="hcpcs").filter(
        (pl.col("effective_from") <= day) & (pl.col("ends").is_null() | (pl.col("ends") >= day))
    )
    named = pl.when(pl.col("edit_type") == _CONTRACTOR_DEFINES).then(pl.lit(_OF_CONTRACTOR)).otherwise("primary")
    return listed.select("hcpcs", "day", named.alias("code"))


def _named(own: pl.DataFrame, codes: pl.DataFrame, *key: str) -> pl.Series:
    """Return the first few codes that have the key of each line, sorted, as one text; null where there is none."""
    few = pl.col("code").head(_CODES_NAMED).str.join(", ")
    shown = pl.when(pl.len() > _CODES_NAMED).then(few + pl.lit(", ...")).otherwise(few).first()
    by_key = codes.unique().sort("code").group_by(*key).agg(shown.alias("shown"))
    return own.join(by_key, on=list(key), how="left", maintain_order="left")["shown"]
