"""Options declared once: a command's groups are spread into its options, and the rules come from one list."""

import inspect
from dataclasses import fields

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.cli.terminal.claim_options import ClaimLineOptions, RuleOptions
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.errors import InvalidValue
from feecalc.pricing.claims.rules import RULE_WORDS, ClaimRules

SWITCHES = [field.name for field in fields(ClaimRules) if field.type in ("bool", bool)]


def commands(group=None, path=()):
    """Every command under its path."""
    group = get_command(app) if group is None else group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())


def options_of(*path):
    return {name: each for each in COMMANDS[path].params for name in each.opts}


@pytest.fixture
def given():
    """Run a command of one argument, two groups and an option; what it was handed."""
    found = {}

    def example(name: str, *, how_read: ClaimLineOptions, chosen: RuleOptions, as_json: JsonOption = False) -> None:
        """Keep what it was handed."""
        found.update(name=name, how_read=how_read, rules=chosen.rules, as_json=as_json)

    shell = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    add_command(shell, "example", example, example="Example: example one")

    def call(*arguments):
        result = CliRunner().invoke(shell, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result, found

    return call


def test_a_command_is_handed_its_groups(given):
    place, rules = ("--pos", "22", "--locality", "Miami, FL"), ("--no-surgery", "--mips-percent", "-1.5")
    _, found = given("one", *place, *rules, "--json")
    assert found["name"] == "one"
    assert found["how_read"] == ClaimLineOptions(locality="Miami, FL", pos="22")
    assert found["rules"] == ClaimRules(surgery=False, mips_percent="-1.5")
    assert found["as_json"]


@pytest.mark.parametrize("option", ["--no-two-units-bilateral", "--no-two-units-are-both-sides"])
def test_two_units_are_two_procedures_under_either_name(given, option):
    _, found = given("one", option)
    assert found["rules"] == ClaimRules(two_units_are_both_sides=False)
    assert given("one", "--two-units-bilateral")[1]["rules"] == ClaimRules()
    options = COMMANDS[("claims",)].params
    switches = {name: option.hidden for option in options for name in (*option.opts, *option.secondary_opts)}
    assert not switches["--no-two-units-bilateral"]
    assert switches["--no-two-units-are-both-sides"]


def test_what_is_not_given_is_medicares(given):
    _, found = given("one")
    assert found["rules"] == ClaimRules()
    assert found["how_read"] == ClaimLineOptions()


def test_a_group_may_refuse(given):
    with pytest.raises(InvalidValue, match="is not a percent"):
        given("one", "--mips-percent", "101")


def test_help_shows_the_options_of_a_group_and_the_example(given):
    result, _ = given("--help")
    for words in ("--no-opps-cap", "--map", "Keep what it was handed.", "Example: example one"):
        assert words in result.output


def test_every_rule_that_can_be_left_out_has_words_and_an_option():
    assert list(RULE_WORDS) == SWITCHES
    switches = options_of("claims")
    for rule in SWITCHES:
        assert switches["--no-" + rule.replace("_", "-")].default is False


# Options that mean another thing in another command: the date of one service, of all lines, of a contract's terms.
OWN_WORDS = {
    "--chart", "--claims", "--county", "--date", "--explain", "--from", "--locality", "--modifier",
    "--nonparticipating", "--output", "--pos", "--provider-type", "--release", "--report", "--setting", "--strict",
    "--volume", "--year", "--zip", "-o",
}  # fmt: skip


def test_an_option_of_several_commands_says_the_same_in_all():
    said = {}
    for path, command in COMMANDS.items():
        for each in command.params:
            for name in each.opts:
                said.setdefault(name, {}).setdefault(getattr(each, "help", None), []).append(" ".join(path))
    differing = {name: words for name, words in said.items() if len(words) > 1 and name.startswith("-")}
    assert set(differing) == OWN_WORDS


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_option_says_what_it_does_in_a_sentence(path):
    for each in COMMANDS[path].params:
        assert each.help, f"{' '.join(path)} {each.name}"
        assert each.help.endswith("."), f"{' '.join(path)} {each.name}"


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_no_command_repeats_a_long_list_of_parameters(path):
    """A group counts once: a list that grows belongs into a group."""
    own = inspect.unwrap(COMMANDS[path].callback).__code__
    assert 0 < own.co_argcount + own.co_kwonlyargcount <= 20
