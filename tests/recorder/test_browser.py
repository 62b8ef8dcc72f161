"""The page of a recording in a browser: accessible, as wide as the screen, silent, by one request."""

import pytest

from tests.recorder.trained import run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    one, other = (run("resnet", several=True, epoch=12, steps=40, lr=lr, name=f"rate {lr}") for lr in (0.05, 0.6))
    return one.compare(other).report(folder / "both.html")


@pytest.mark.parametrize("width", [1100, 400])
def test_a_comparison_is_accessible_and_fits_the_screen(chromium, page, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = chromium.new_context(bypass_csp=True, viewport={"width": width, "height": 900})
    shown, said, asked = context.new_page(), [], []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(page.as_uri())
    assert axe.run(shown).response["violations"] == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert said == [] and [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    context.close()
