"""The pages Fee, Localities and Data in a real browser, from the real server, used as a person uses them."""

from cms_shaped import release_zip
from ui.browser import DONE, chosen, settled, too_wide, turn_to


def test_a_code_typed_gives_its_amount_and_a_picture(server, tab):
    tab.goto(server)
    box = tab.get_by_role("combobox", name="Procedure code")
    box.click()
    box.fill("64493")
    box.press("Enter")
    tab.get_by_role("heading", name="$190.39").wait_for()  # 5.70 RVU x 33.4009 = 190.38513
    tab.wait_for_selector(DONE)
    tab.wait_for_function("document.location.search.includes('code=64493')")
    tab.get_by_text("22 Hospital outpatient, on campus", exact=True).wait_for()
    assert tab.locator('[data-testid="stMetricValue"]').all_inner_texts() == ["$190.39", "$81.50"]  # 2.44 x 33.4009
    picture = tab.locator('[data-testid="stVegaLiteChart"]').locator("svg, canvas").first
    picture.wait_for()
    assert picture.bounding_box()["height"] > 100
    assert tab.asked_elsewhere == []


def test_back_asks_what_was_asked_before(server, tab):
    tab.goto(f"{server}/?code=64493")
    tab.get_by_role("heading", name="$190.39").wait_for()
    tab.get_by_text("Locality", exact=True).click()
    place = tab.get_by_role("combobox", name="Locality")
    place.click()
    place.fill("miami")
    place.press("Enter")
    tab.get_by_role("heading", name="$203.12").wait_for()  # 6.08134 RVU x 33.4009 = 203.122229206
    tab.wait_for_function("document.location.search.includes('09102-04')")
    tab.go_back()
    tab.get_by_role("heading", name="$190.39").wait_for()


def test_the_first_page_is_found_by_its_path_too(server, tab):
    tab.goto(f"{server}/fee?code=64493&pos=22")
    tab.get_by_role("heading", name="$81.50").wait_for()  # 2.44 RVU x 33.4009 = 81.498196
    settled(tab)
    assert tab.get_by_text("Page not found").count() == 0


def test_an_unknown_code_is_told_in_words(server, tab):
    tab.goto(server)
    box = tab.get_by_role("combobox", name="Procedure code")
    box.click()
    box.fill("99999")
    box.press("Enter")
    tab.get_by_text("no code 99999 in the starter data").wait_for()
    assert tab.locator("text=Traceback").count() == 0


def test_a_narrow_screen_cuts_nothing_off(server, tab):
    tab.set_viewport_size({"width": 420, "height": 1800})
    tab.goto(f"{server}/?code=64493&locality=09102-04&pos=24")
    tab.get_by_role("heading", name="$89.77").wait_for()  # 2.68768 RVU x 33.4009 = 89.7709...
    tab.wait_for_selector(DONE)
    wider = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
    assert wider <= 0


def test_the_map_the_ranking_and_two_places(server, tab):
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Localities")
    chosen(tab, "Procedure code", "64493")
    tab.wait_for_function("document.location.search.includes('code=64493')")
    tab.get_by_text("$190.39").first.wait_for()
    chosen(tab, "First place", "MIAMI, FL")
    tab.wait_for_function("document.location.search.includes('first=09102-04')")
    settled(tab)
    pictures = tab.locator('[data-testid="stVegaLiteChart"]')
    assert pictures.count() == 3
    assert pictures.first.locator("svg, canvas").first.bounding_box()["height"] > 300
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="Excel").first.click()
    assert waited.value.suggested_filename.endswith(".xlsx")
    assert tab.asked_elsewhere == []
    assert tab.complaints == []


def test_what_was_asked_is_still_asked_after_another_page(server, tab):
    tab.goto(f"{server}/?code=64493&pos=24")
    tab.get_by_role("heading", name="$81.50").wait_for()
    turn_to(tab, "Data")
    turn_to(tab, "Fee")
    tab.get_by_role("heading", name="$81.50").wait_for()
    tab.wait_for_function("document.location.search.includes('pos=24')")


def test_a_release_is_uploaded_and_used(server, tab, tmp_path):
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Data")
    tab.get_by_role("tab", name="Drop in a file").click()
    tab.locator('[data-testid="stFileUploaderDropzoneInput"]').first.set_input_files(release_zip(tmp_path, "25D"))
    tab.get_by_text("If its name does not say").click()
    tab.get_by_text("Install in spite of warnings").click()
    settled(tab)
    tab.get_by_role("button", name="Check and install").click()
    tab.get_by_text("RVU25D is installed from").wait_for()
    turn_to(tab, "Fee")
    chosen(tab, "Release", "RVU25D")
    tab.get_by_text("Priced by RVU25D").first.wait_for()
    chosen(tab, "Procedure code", "64493")
    tab.get_by_role("heading", name="64493").first.wait_for()
    assert tab.get_by_text("starter data").count() == 0
    assert tab.asked_elsewhere == []
    assert tab.complaints == []


def test_localities_and_data_on_a_narrow_screen(server, tab):
    tab.set_viewport_size({"width": 390, "height": 1800})
    for path in ("localities?code=64493", "data"):
        tab.goto(f"{server}/{path}")
        settled(tab)
        assert too_wide(tab) <= 0
