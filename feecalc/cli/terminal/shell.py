"""How every command ends: its exit code, and its error once, for a person or as JSON."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from feecalc.cli.terminal.output import one_line, print_json, say
from feecalc.errors import FeeCalcError

if TYPE_CHECKING:
    from typer._click.core import Context

NO_ANSWER = 1  # no price, a difference, a finding
WRONG_USAGE = 2
_INTERRUPTED = 130  # what a shell reports for a command stopped with Ctrl-C: 128 + SIGINT


@dataclass(frozen=True)
class _Quick:
    """Take text, and what was not given, as it is; the rest typer's way, for which it imports pydantic.

    That import takes as long as a price. Where typer has no ``get_runtime_param`` nothing is lost but that time.
    """

    usual: Callable[[], Any]
    annotation: Any

    def __call__(self) -> _Quick:
        return self

    def coerce(self, value: Any, param: Any, ctx: Context) -> Any:
        """Return the value a command gets for a parameter."""
        is_list = param.multiple or param.nargs == -1
        if value is None or (is_list and not value):
            return () if is_list else None
        if self.annotation is str and isinstance(value, str):
            return value
        if self.annotation is int and type(value) is int:  # a default: what is typed comes as text
            return value
        if self.annotation == list[str] and all(isinstance(word, str) for word in value):
            return list(value)
        return self.usual().coerce(value, param=param, ctx=ctx)


def _quickly(params: list[Any]) -> list[Any]:
    for param in params:
        usual = getattr(param, "get_runtime_param", None)
        if usual is not None and not isinstance(usual, _Quick):
            param.get_runtime_param = _Quick(usual, param.type_descriptor.annotation)
    return params


class CommandGroup(TyperGroup):
    """Commands under one name; their help shows no Python types."""

    def get_command(self, ctx: Context, cmd_name: str) -> Any:
        """Return the command of that name, its arguments taken the quick way."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            for param in _quickly(command.get_params(ctx)):
                if param.param_type_name == "argument":
                    param.display_type_rich = lambda ctx: ""  # no "<list[str]>" after its name in the help
        return command


class Shell(CommandGroup):
    """The group of all commands; turns errors into messages and exit codes, never into a traceback."""

    def get_params(self, ctx: Context) -> list[Any]:
        """Return the options of feecalc itself, taken the quick way."""
        return _quickly(super().get_params(ctx))

    def invoke(self, ctx: Context) -> Any:
        """Run the command; a reader of its output that has seen enough (head, less) is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_standard_output()
            return 0

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that ``args`` (the shell's, if None) name and exit with its code."""
        arguments = sys.argv[1:] if args is None else list(args)
        as_json = "--json" in arguments
        _accept_any_character()
        try:
            code = super().main(arguments, "feecalc", complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()
            if code == _INTERRUPTED:
                raise KeyboardInterrupt
        except FeeCalcError as error:
            code = _tell(type(error).__name__, str(error), error.exit_code, as_json=as_json)
        except TyperException as error:
            code = _tell_usage(error, as_json=as_json)
        except (Abort, KeyboardInterrupt):
            code = _tell("Interrupted", "interrupted", _INTERRUPTED, as_json=as_json)
        except BrokenPipeError:
            _drop_standard_output()
            code = 0
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            code = _tell("OSError", f"{where}{error.strerror or error}", WRONG_USAGE, as_json=as_json)
        raise SystemExit(code if isinstance(code, int) else 0)


def _tell(kind: str, message: str, code: int, *, as_json: bool) -> int:
    try:
        if as_json:
            print_json({"error": {"type": kind, "message": message}})
            sys.stdout.flush()
        else:
            say(f"feecalc: {message}")
    except OSError:  # standard output is what failed: closed, or on a full disk
        _drop_standard_output()
        say(f"feecalc: {message}")
    return code


def _tell_usage(error: TyperException, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if as_json:
        return _tell("WrongUsage", message, error.exit_code, as_json=True)
    if type(error).__name__ == "NoArgsIsHelpError":  # the message is the whole help text
        print(message, file=sys.stderr)
        return error.exit_code
    if context is not None:
        print(context.get_usage(), file=sys.stderr)
        say(f"Help: {context.command_path} -h\n")
    say(f"feecalc: {one_line(message)}")
    return error.exit_code


def _accept_any_character() -> None:
    """Let a character that the terminal's encoding lacks print as an escape instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _drop_standard_output() -> None:
    """Send what is still buffered nowhere, so that Python's own flush at exit does not fail a second time."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
