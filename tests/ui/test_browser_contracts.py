"""Contracts in a real browser: an offer dropped in and changed, solved for, its silence settled and downloaded."""

from ui.browser import settled, too_wide, turn_to

MINE = 'payer = "Mine"\npercent = 110\n[basis]\nyear = "current"\n[[category]]\nname = "visits"\npercent = 100\n'


def _view(tab, name):
    tab.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    settled(tab)


def test_an_offer_is_held_against_today_and_solved_for(server, tab, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Contracts")
    tab.get_by_text("Today: 1. Gulf Coast Health Plan").first.wait_for()
    tab.locator('.st-key-contracts_box [data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)
    tab.get_by_text("5. Mine").first.wait_for()
    settled(tab)
    picture = tab.locator('[data-testid="stVegaLiteChart"]').locator("svg, canvas").first
    assert picture.bounding_box()["height"] > 100

    _view(tab, "Terms")
    box = tab.get_by_role("textbox", name="Percent of Medicare")
    box.fill("112.5")
    box.press("Enter")
    tab.wait_for_function("[...document.querySelectorAll('textarea')].some(e => e.value.includes('percent = 112.5'))")
    box.fill("twelve")
    box.press("Enter")
    tab.get_by_text("key 'percent'").wait_for()
    box.fill("115")
    box.press("Enter")
    tab.wait_for_function("[...document.querySelectorAll('textarea')].some(e => e.value.includes('percent = 115'))")
    settled(tab)
    with tab.expect_download() as given:
        tab.get_by_role("button", name="Download the contract").click()
    assert 'payer = "Mine"\npercent = 115\n' in given.value.path().read_text()

    _view(tab, "Solve")
    tab.get_by_text("The percent of visits").wait_for()
    slider = tab.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    tab.wait_for_function("[...document.querySelectorAll('input')].some(e => e.value === '4')")  # from 3
    settled(tab)
    tab.get_by_role("button", name="Put it into the contract").click()
    settled(tab)

    _view(tab, "Readings")
    tab.get_by_text("The sentence to put in the contract:").first.wait_for()
    settled(tab)
    tab.get_by_role("button", name="Put it in", exact=True).first.click()
    settled(tab)
    _view(tab, "Offers side by side")
    tab.get_by_text("From today to an offer").wait_for()
    settled(tab)
    with tab.expect_download() as given:
        tab.get_by_role("button", name="Report to print (HTML)").click()
    assert "Contract comparison" in given.value.path().read_text(encoding="utf-8")
    assert too_wide(tab) <= 0
    tab.set_viewport_size({"width": 390, "height": 2000})
    tab.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")  # redrawn
    settled(tab)
    assert (tab.complaints, tab.asked_elsewhere) == ([], [])
