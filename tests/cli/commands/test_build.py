"""``feecalc build``: what it prints, what it refuses, its exit codes."""

import json
from dataclasses import replace

from cms_shaped import SERVICES, opps_addenda_zip, opps_csv, oppscap_csv, oppscap_rows, pprrvu_csv, release_zip
from edits.test_hospital_files import pair, ptp

from feecalc.ingest.store import Store


def test_it_tells_tables_checks_and_notes(run, tmp_path):
    code, out, err = run("build", release_zip(tmp_path))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "RVU25D installed from rvu25d.zip, services from 2025-10-01"
    assert ["rvu", str(len(SERVICES)), "PPRRVU2025_Oct.csv"] in [line.split() for line in lines]
    assert ["totals", str(len(SERVICES)), "ok"] in [line.split()[:3] for line in lines]
    assert ["oppscap_amounts", str(len(oppscap_rows())), "ok"] in [line.split()[:3] for line in lines]
    assert lines[-1] == "note: RVU25D.pdf: not a table of the release, not read"
    assert max(len(line) for line in lines) <= 100
    assert "…" not in out
    assert [each.name for each in Store().manifests()] == ["RVU25D"]


def test_json_is_one_document(run, tmp_path):
    code, out, err = run("build", release_zip(tmp_path), "--json")
    document = json.loads(out)
    assert (code, err, document["failed"]) == (0, "", [])
    (manifest,) = document["installed"]
    assert (manifest["name"], manifest["first_date_of_service"]) == ("RVU25D", "2025-10-01")
    assert manifest["tables"]["rvu"]["rows"] == len(SERVICES)
    assert manifest == Store().manifest("RVU25D").as_dict() | {"checks": manifest["checks"], "notes": manifest["notes"]}


def test_a_bad_source_does_not_lose_the_others(run, tmp_path):
    bad = tmp_path / "rvu25b.zip"
    bad.write_text("<html><title>Log in</title>")
    code, out, err = run("build", bad, release_zip(tmp_path), tmp_path / "none.zip")
    assert code == 2
    assert out.startswith("RVU25D installed")
    assert "feecalc: rvu25b.zip: an HTML page titled 'Log in'" in err
    assert "none.zip: no such file or folder" in err
    assert err.endswith("feecalc: 2 of 3 were not installed\n")
    code, out, err = run("build", bad, tmp_path / "rvu25d.zip", "--json")
    document = json.loads(out)
    assert code == 2
    assert [each["name"] for each in document["installed"]] == ["RVU25D"]
    assert [(each["source"], each["type"]) for each in document["failed"]] == [("rvu25b.zip", "UnreadableFile")]


def test_a_whole_zip_of_addenda_ends_well(run, tmp_path):
    path = tmp_path / "2025-nfrm-opps-addenda.zip"
    path.write_bytes(opps_addenda_zip())
    code, out, err = run("build", path)
    assert code == 0
    names = ["APC-2025", "OPPS-2025", "COMPREHENSIVE_RANK-2025", "COMPLEXITY_ADJUSTMENT-2025"]
    assert [line.split()[0] for line in out.splitlines() if " installed from " in line] == names
    assert [line for line in err.splitlines() if "not read" in line and "Addendum P" in line]
    path.write_bytes(opps_addenda_zip(without=("A", "B", "J", "D1")))
    code, out, err = run("build", path)
    assert (code, out) == (2, "")
    assert "no table that feecalc knows" in err


def test_what_is_replaced_is_told(run, tmp_path):
    path = tmp_path / "January_2025_Web_Addendum_B.csv"
    path.write_bytes(opps_csv())
    run("build", path)
    path.write_bytes(opps_csv().replace(b"$890.290", b"$890.280"))
    code, out, _ = run("build", path)
    assert code == 0
    (note,) = [line for line in out.splitlines() if "replaces" in line]
    assert note.startswith("note: replaces OPPS-20251 (quarterly addendum) built 20")
    assert "from January_2025_Web_Addendum_B.csv (sha256 " in note


def test_a_refused_release(run, tmp_path):
    path = release_zip(tmp_path, changed={"PPRRVU2025_Oct.csv": pprrvu_csv(factor="33.2875")})
    code, out, err = run("build", path)
    assert (code, out) == (2, "")
    assert err.startswith("feecalc: RVU25D from rvu25d.zip is refused, nothing was installed:\n")
    assert "\n  conversion_factor (error): " in err
    code, out, _ = run("build", path, "--json")
    assert (code, json.loads(out)["error"]["type"]) == (2, "CheckFailed")
    assert Store().manifests() == []


def test_an_oppscap_amount_that_is_not_cms_formula_is_refused(run, tmp_path):
    """One cent more than (work x GPCI + PE x GPCI + MP x GPCI) x CF, capped, gives: CMS's figures and ours differ."""
    rows = oppscap_rows()
    rows[0] = [*rows[0][:-1], f"{float(rows[0][-1]) + 0.01:.2f}"]
    code, _, err = run("build", release_zip(tmp_path, changed={"OPPSCAP_Oct.csv": oppscap_csv(rows)}))
    assert code == 2
    assert "oppscap_amounts (error)" in err
    assert rows[0][0] in err


def test_warnings(run, tmp_path):
    """A global service that is not its professional and its technical part: no price is touched."""
    apart = [replace(row, mp="0.05") if (row.hcpcs, row.modifier) == ("77003", "26") else row for row in SERVICES]
    path = release_zip(tmp_path, services=apart)
    code, _, err = run("build", path)
    assert code == 2
    assert "modifiers (warning)" in err
    assert "--allow-warnings" in err
    code, out, _ = run("build", path, "--allow-warnings")
    assert code == 0
    (told,) = [line.split() for line in out.splitlines() if line.startswith("modifiers")]
    assert told[2:4] == ["1", "failed"]
    assert "note: installed in spite of warnings" in out
    assert Store().manifest("RVU25D").allowed_warnings


def test_the_release_is_asked_for_where_it_cannot_be_told(run, tmp_path):
    path = release_zip(tmp_path).rename(tmp_path / "2025.zip")
    assert run("build", path)[0] == 0
    assert run("build", path, "--release", "2025D")[0] == 0
    code, _, err = run("build", path, "--release", "2025C")
    assert code == 2
    assert "--release RVU25C says RVU25C" in err
    assert run("build")[0] == 2


def test_the_main_job_on_cms_own_zip(run, cms):
    code, out, err = run("build", cms / "zips" / "rvu26c.zip")
    assert (code, err) == (0, "")
    assert out.startswith("RVU26C installed from rvu26c.zip, services from 2026-07-01")
    assert max(len(line) for line in out.splitlines()) <= 100


def test_whose_edits_a_file_holds_is_said(run, tmp_path):
    """NCCI's files of practitioners and of hospitals look alike: where no name says it, the option does."""
    path = tmp_path / "edits_2026q3.txt"
    path.write_bytes(ptp(pair("00200", "64493")))
    code, _, err = run("build", path)
    assert code == 2
    assert "--services practitioner (or hospital)" in " ".join(err.split())
    code, _, err = run("build", path, "--services", "both")
    assert code == 2
    assert "practitioner, hospital" in err
    assert run("build", path, "--services", "hospital")[0] == 0
    listed = run("releases", "--installed")[1]
    assert "NCCI_PAIR_HOSPITAL-20263" in listed
    assert "NCCI hospital pairs" in listed
