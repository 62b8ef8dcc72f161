"""The page in a real browser: silent, alone, whole."""

import json
import re
from pathlib import Path

import pytest

from normshift.report.explorer import explorer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def told(material):
    return json.loads(explorer(material.studies, "mlp"))


@pytest.fixture
def opened(chromium, address):
    """Return a function that opens the page and the list of what it said and asked for."""
    contexts = []

    def open_page(width=1200, height=800, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
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
@pytest.mark.parametrize("width", [1200, 390, 320])
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390, 320])
def test_nothing_keeps_people_from_reading_it(opened, width, scheme):
    axe = Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js"
    page, _ = opened(width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["html"][:99] for node in one["nodes"][:3]]) for one in found] == []


def test_the_first_screen_holds_the_answer_every_question_and_the_picture(opened, material):
    page, _ = opened(1200, 800)
    for part in ("h1", ".lead .answer", ".glance", ".tally"):
        assert page.locator(part).first.is_visible()
    summaries = page.locator(".questions > details > summary")
    boxes = [summaries.nth(number).bounding_box() for number in range(len(material.thread))]
    assert all(box["y"] + box["height"] <= 800 for box in boxes)


def test_a_link_to_a_claim_in_a_folded_table_opens_nothing_else(opened):
    page, _ = opened()
    assert page.locator(".questions details[open]").count() == 0
    page.locator(".questions summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".questions details[open]").count() == 1
    assert page.locator(".questions details[open] table").is_visible()


def test_the_explorer_works_by_keyboard_alone(opened, told):
    page, heard = opened()
    said = [page.inner_text("#explore-words")]
    page.locator("#explore-choices [name=arm]").focus()
    page.keyboard.press("ArrowUp")
    said.append(page.inner_text("#explore-words"))
    for name, key in (("rate", "Home"), ("stream", "End"), ("layer", "Home"), ("step", "End")):
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                break
        page.keyboard.press(key)
        said.append(page.inner_text("#explore-words"))
    assert len(set(said)) == len(said)
    last = told["steps"][-1]
    for words in ("no normalisation", told["rates"][0], told["streams"][-1], f"hidden layer {told['layers'][0]}"):
        assert words in said[-1]
    assert f"{last:,} updates made" in said[-1]
    assert page.locator("#explore-panels > svg").count() == 4
    assert page.get_attribute("#explore-choices [name=step]", "aria-valuetext") == f"{last:,} updates made"
    assert [message for message in heard if not message.startswith("data:,")] == []


def test_the_explorer_says_the_numbers_of_the_tables(opened, material, told):
    page, _ = opened()
    core = material.studies["core"]
    cells = core["cells"].query("norm == 'batch' and order == 'reshuffle' and regime == 'clean' and seed == 0")
    (cell,) = cells.loc[cells["lr"] == float(told["rates"][told["start"][1]]), "cell"]
    step = told["steps"][len(told["steps"]) // 2]
    losses = core["losses"][core["losses"]["cell"] == cell].set_index("step")["loss"]
    said = float(re.search(r"loss ([\d.]+) nats", page.inner_text("#explore-words"))[1])
    assert said == pytest.approx(losses[step], rel=6e-3)


def test_no_choice_in_the_explorer_shows_a_missing_number_or_an_axis_without_two_marks(opened):
    page, heard = opened()
    script = """() => {
      const {elements} = document.getElementById("explore-choices"), panels = document.getElementById("explore-panels");
      const words = document.getElementById("explore-words"), found = [];
      for (const arm of elements.arm.options) for (const rate of elements.rate.options)
        for (const stream of elements.stream.options) for (const step of [0, elements.step.max]) {
          [["arm", arm.value], ["rate", rate.value], ["stream", stream.value], ["step", step]]
            .forEach(([name, value]) => { elements[name].value = value; });
          elements.arm.dispatchEvent(new Event("input", {bubbles: true}));
          const bare = [...panels.querySelectorAll("svg[role]")].slice(2)
            .filter(one => one.querySelector('path[d^="M"]')).some(one => one.querySelectorAll(".grid").length < 2);
          if (bare || /NaN|undefined|Infinity|not measured (nats|sigma)/.test(panels.innerHTML + words.textContent))
            found.push(words.textContent);
        }
      return found;
    }"""
    assert page.evaluate(script) == []
    assert [message for message in heard if not message.startswith("data:,")] == []


def test_what_stands_for_the_explorer_is_seen_only_where_it_cannot_work(opened):
    strip, choices = "#figure-strip svg >> nth=0", "#explore-choices"
    page, _ = opened()
    assert page.is_visible(choices) and not page.is_visible(strip)
    page.emulate_media(media="print")
    assert page.is_visible(strip) and not page.is_visible(choices)
    page, _ = opened(java_script_enabled=False)
    assert page.is_visible(strip) and not page.is_visible(choices)


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
    page.locator(".questions summary").first.click()
    assert page.locator(".questions table").first.is_visible()


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
