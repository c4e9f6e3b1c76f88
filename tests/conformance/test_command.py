"""``feecalc conformance`` in a shell."""

from __future__ import annotations

import json

import pytest
from conformance.small_files import ALABAMA, EQUAL, installed, payment

from feecalc.cli import app


class TestCommand:
    """``feecalc conformance``: exit code 1 on a difference, 2 where the question cannot be asked."""

    def command(self, capsys, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(["conformance", *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def test_equal(self, tmp_path, capsys):
        installed(tmp_path)
        code, out, _ = self.command(capsys, "--release", "2025D", str(payment(tmp_path, EQUAL)))
        assert code == 0
        assert "PFREV4_2025.txt against RVU25D" in out

    def test_one_cent(self, tmp_path, capsys):
        installed(tmp_path)
        off = (*ALABAMA, "64493", "", "A", "154.47", "81.66")
        code, out, _ = self.command(capsys, "--release", "2025D", str(payment(tmp_path, [off])))
        assert code == 1
        assert "154.47" in out
        assert "154.46" in out

    def test_one_cent_as_json(self, tmp_path, capsys):
        installed(tmp_path)
        off = (*ALABAMA, "64493", "", "A", "154.47", "81.66")
        code, out, _ = self.command(capsys, "--json", "--release", "2025D", str(payment(tmp_path, [*EQUAL, off])))
        assert code == 1
        report = json.loads(out)
        assert report["agrees"] is False
        (comparison,) = report["comparisons"]
        assert (comparison["rows"], comparison["equal"], comparison["different"]) == (4, 3, 1)
        assert comparison["differing"][0]["nonfacility_recomputed"] == 154.46

    def test_not_installed(self, tmp_path, capsys):
        code, out, err = self.command(capsys, "--release", "2025D", str(payment(tmp_path, EQUAL)))
        assert code == 2
        assert out == ""
        assert "RVU25D is not installed" in err
