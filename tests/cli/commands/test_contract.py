"""What the commands of ``feecalc contract`` share: a percent for a contract, and files not to be overwritten."""

from decimal import Decimal
from pathlib import Path

import pytest

from feecalc.cli.commands.contract.practice import contract_argument
from feecalc.errors import InvalidValue

VOLUME = Path(__file__).parents[3] / "data" / "samples" / "volume.csv"


def test_a_percent_stands_for_a_contract():
    assert contract_argument(Path("137.5")).percent == Decimal("137.5")


def test_a_contract_is_at_one_percent():
    with pytest.raises(InvalidValue, match="is a range; a contract is at one percent"):
        contract_argument(Path("120..200"))


@pytest.mark.parametrize("command", ["price", "readings", "compare"])
def test_a_contract_and_its_volume_are_not_written_over(run, tmp_path, command):
    volume, contract = tmp_path / "volume.csv", tmp_path / "contract.toml"
    volume.write_bytes(VOLUME.read_bytes())
    contract.write_text('payer = "One"\npercent = 120\n')
    contracts = [contract, "100"] if command == "compare" else [contract]
    code, _, err = run("contract", command, *contracts, "--volume", volume, "-o", volume)
    assert code == 2
    assert "is the volume; give another name" in " ".join(err.split())
    assert volume.read_bytes() == VOLUME.read_bytes()
