"""A command run as a shell runs it."""

import pytest

from feecalc.cli import app


@pytest.fixture
def run(capsys):
    """Run a command; its exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call
