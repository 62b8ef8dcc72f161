"""The page in a real browser: silent, alone, whole."""

import shutil

import pytest

pytestmark = pytest.mark.browser
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this system: install the package chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture
def opened(browser, address):
    """Return a function that opens the page and the list of what it said and asked for."""
    contexts = []

    def open_page(width=1200, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page, heard = context.new_page(), []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url) if request.url != address else None)
        page.goto(address)
        return page, heard

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_is_silent_asks_for_nothing_and_fits_its_width(opened, width, scheme):
    page, heard = opened(width, color_scheme=scheme)
    assert [message for message in heard if not message.startswith("data:,")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_anchor_leads_somewhere(opened, config):
    page, _ = opened()
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert lost == []
    page.click("details:has(a[href='#C8']) > summary >> nth=0")
    page.click("a[href='#C8']:visible >> nth=0")
    assert page.evaluate("location.hash") == "#C8"


def test_the_button_goes_round_three_themes_by_keyboard(opened):
    page, _ = opened()
    grounds = []
    page.focus("#theme")
    for _ in range(4):
        grounds.append(
            (page.inner_text("#theme-name"), page.evaluate("getComputedStyle(document.body).backgroundColor"))
        )
        page.keyboard.press("Enter")
    assert [name for name, _ in grounds] == ["system", "light", "dark", "system"]
    assert grounds[0] == grounds[3] and grounds[1][1] != grounds[2][1] == "rgb(20, 24, 29)"


def test_figures_follow_the_theme(opened):
    page, _ = opened(color_scheme="dark")
    colour = "getComputedStyle(document.querySelector('#figure-bands text')).fill"
    dark = page.evaluate(colour)
    page.emulate_media(color_scheme="light")
    assert dark == "rgb(163, 173, 184)" and page.evaluate(colour) == "rgb(87, 96, 106)"


def test_without_scripts_the_page_is_whole_and_offers_no_button(opened, config):
    page, _ = opened(java_script_enabled=False)
    assert not page.is_visible("#theme")
    for name in config.claims.claims:
        assert page.is_visible(f"article#{name} h3")


def test_print_opens_what_is_folded_and_is_light(opened, config):
    page, _ = opened(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for name in config.claims.claims:
        folded = page.locator(f"article#{name} details dl").last
        assert folded.is_visible() and folded.bounding_box()["height"] > 50


def test_a_phone_shows_panels_one_below_the_other(opened):
    page, _ = opened(390)
    panels = page.locator("#figure-bands .narrow svg")
    boxes = [panels.nth(number).bounding_box() for number in range(panels.count())]
    assert len(boxes) == 3
    assert all(after["y"] >= before["y"] + before["height"] for before, after in zip(boxes, boxes[1:], strict=False))
    assert all(box["width"] > 300 for box in boxes)
    assert (
        not page.is_visible("#figure-bands .wide") or page.locator("#figure-bands .wide").bounding_box()["width"] <= 1
    )


def test_letters_are_legible_on_every_screen(opened):
    script = """() => [...document.querySelectorAll('figure svg')].filter(svg => svg.getBoundingClientRect().width > 10)
      .map(svg => { const box = svg.viewBox.baseVal; return 8 * svg.getBoundingClientRect().width / box.width; })"""
    for width in (1200, 390):
        page, _ = opened(width)
        sizes = page.evaluate(script)
        assert sizes and min(sizes) > 7.5
