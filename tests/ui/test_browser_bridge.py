"""Year over year in a real browser: a volume dropped in, another order, downloads, saved and loaded again."""

import json

from ui.browser import settled, too_wide, turn_to

MINE = 'code,pos,locality,units\n64493,11,"Miami, FL",10\n'  # 183.03 a unit in RVU25D, 203.12 in RVU26C


def dropped(tab, label, file):
    box = tab.locator('[data-testid="stFileUploader"]').filter(has_text=label)
    box.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)


def test_the_change_on_a_person_s_own_volume(server, tab, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(MINE)
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Year over year")
    tab.get_by_text("The sample practice.").wait_for()
    dropped(tab, "Your volumes", file)
    tab.get_by_text("+$200.90").first.wait_for()
    settled(tab)
    picture = tab.locator('[data-testid="stVegaLiteChart"]').first
    assert picture.locator("svg, canvas").first.bounding_box()["height"] > 150
    order = tab.get_by_role("combobox", name="Parts to compute first")
    order.click()
    order.fill("work")
    order.press("Enter")
    tab.wait_for_function("document.location.search.includes('order=work')")
    settled(tab)

    with tab.expect_download() as given:
        tab.locator(".st-key-bridge_parts_files_csv button:visible").click()
    rows = given.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows[1].startswith("work RVUs,-13.00,")
    with tab.expect_download() as given:
        tab.locator(".st-key-bridge_codes_files_xlsx button:visible").click()
    assert given.value.suggested_filename == "bridge-RVU25D-RVU26C-codes.xlsx"
    picture.hover()
    with tab.expect_download() as given:
        tab.get_by_role("button", name="Download as PNG: The change").click()
    assert given.value.suggested_filename.endswith(".png")

    tab.get_by_role("button", name="Save or load").click()
    with tab.expect_download() as given:
        tab.get_by_role("button", name="Save to a file").click()
    saved = tmp_path / "saved.json"
    saved.write_bytes(given.value.path().read_bytes())
    assert json.loads(saved.read_text())["inputs"]["asked"]["order"] == "work"
    tab.keyboard.press("Escape")

    tab.get_by_role("button", name="Use the sample practice").click()
    tab.get_by_text("The sample practice.").wait_for()
    settled(tab)
    tab.get_by_role("button", name="Save or load").click()
    dropped(tab, "Load a saved scenario", saved)
    tab.get_by_text("+$200.90").first.wait_for()
    settled(tab)
    tab.keyboard.press("Escape")
    tab.set_viewport_size({"width": 390, "height": 2000})
    tab.wait_for_timeout(500)
    assert too_wide(tab) <= 0
    assert (tab.complaints, tab.asked_elsewhere) == ([], [])
