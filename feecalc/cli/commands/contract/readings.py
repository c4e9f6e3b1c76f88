"""``feecalc contract readings``: what each reading of a contract's silence is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from feecalc.cli.commands.contract.practice import opened_practice
from feecalc.cli.terminal.contract_options import ContractArgument, PracticeOptions
from feecalc.cli.terminal.options import JsonOption, OutputOption, add_command
from feecalc.cli.terminal.output import money, one_line, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.terminal.output_files import check_table, refuse_clashes, write_table

if TYPE_CHECKING:
    from feecalc.contracts.readings import ClauseWorth, Readings

_PLACES = 8  # localities that a silence could mean


def register(contract: typer.Typer) -> None:
    """Add the command to the group."""
    add_command(
        contract, "readings", readings, example="Example: feecalc contract readings gulf.toml --volume volume.csv"
    )


def readings(
    contract: ContractArgument,
    *,
    over: PracticeOptions,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Price every reading of what a contract does not say.

    Each question comes with the sentence that settles it. Each missing clause is priced in every way it can be read
    while the others are read as Medicare does; then all that matter together. Releases are those installed (feecalc
    releases), localities those of the practice's states.
    """
    from feecalc.contracts.files.reading import read_contract
    from feecalc.contracts.readings import price_readings
    from feecalc.contracts.terms.silence import Choices
    from feecalc.contracts.trials import trials_of
    from feecalc.installed import schedules_at_hand

    check_table(output)
    refuse_clashes({"the contract": contract, **over.files}, {"--output": output})
    terms = read_contract(contract)
    practice = opened_practice(over)
    schedules = schedules_at_hand()
    trials = trials_of(practice, schedules)
    choices = Choices.of(schedules, trials.places, trials.day_of(terms), _PLACES)
    found = price_readings(terms, trials.pay, choices, prepare=trials.prepare)
    if output is not None:
        write_table(found.table(), output)
    if as_json:
        print_json(_read(found, practice.notices))
        return
    _show_readings(found)
    if over.volume is not None:
        say("rules over the lines of a day, and charges of a claim, do not show in a volume; give --claims FILE")
    if output is not None:
        show(f"{output}: {found.table().height} readings written")


def _read(found: Readings, notices: list[str]) -> dict[str, Any]:
    return {
        "payer": found.payer,
        "revenue": found.revenue,
        "lowest": found.lowest,
        "highest": found.highest,
        "spread": found.spread,
        "clauses": [
            {"clause": clause.clause, "question": clause.question, "at_stake": clause.at_stake}
            for clause in found.clauses
        ],
        "readings": found.table(),
        "together": found.together,
        "left_out": found.left_out,
        "not_priced": list(found.not_priced),
        "notices": notices,
    }


def _show_readings(found: Readings) -> None:
    show_large(f"{money(found.spread)}  between the readings of what {one_line(found.payer)} does not say")
    show(f"{money(found.revenue)} as Medicare does it; {money(found.lowest)} to {money(found.highest)}")
    show()
    if not found.unclear:
        show("Nothing that the contract does not say changes what is paid here.")
        return
    rows = [
        {
            "clause": clause.clause.replace("_", " "),
            "at stake": clause.at_stake,
            "least": clause.lowest.revenue,
            "most": clause.highest.revenue,
        }
        for clause in found.unclear
    ]
    print_table(rows)
    for clause in found.unclear:
        _show_clause(clause)
    quiet = [clause.clause.replace("_", " ") for clause in found.clauses if clause not in found.unclear]
    if quiet:
        show()
        show(wrapped(f"not in the contract, and without effect here: {', '.join(quiet)}"))
    alone = [clause for clause in found.clauses if clause.clause == "release" and len(clause.readings) == 1]
    for clause in alone:
        only = clause.taken.reading.name
        say(wrapped(f"no quarter is named, and only {only} of that year is at hand: feecalc fetch the others"))
    for reading in found.not_priced:
        say(wrapped(reading, "not priced: "))
    if found.left_out:
        say(f"{found.left_out:,} combinations of readings were not priced")


def _show_clause(clause: ClauseWorth) -> None:
    show()
    show(clause.question)
    print_table(
        [
            {"": "*" if worth is clause.taken else "", "reading": worth.reading.meaning, "difference": worth.difference}
            for worth in sorted(clause.readings, key=lambda worth: -worth.revenue)
        ]
    )
    sentences = {"most": clause.highest.reading}
    if clause.taken is not clause.highest:
        sentences["*"] = clause.taken.reading
    for which, reading in sentences.items():
        show(wrapped(reading.sentence, f"  {which}: "))
