import re
import xml.etree.ElementTree as ET

import matplotlib
import pytest
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.svg import crops, standalone, svg


def figure(colour: str = style.INK["batch"], label: str = "0.0012345") -> Figure:
    with matplotlib.rc_context(style.RC):
        figure = Figure(figsize=(3, 2), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 1, 2], [0.123456, 0.5, 0.2], color=colour, marker="o")
        axes.set_title(label)
    return figure


def test_the_same_figure_gives_the_same_bytes():
    assert svg(figure(), "a", "t", "d") == svg(figure(), "a", "t", "d")


def test_colours_are_variables_of_the_page():
    drawing = svg(figure(), "a", "t", "d")
    assert "var(--batch)" in drawing and "var(--text)" in drawing
    assert not re.search(r"#[0-9a-fA-F]{6}\b", drawing)


def test_a_colour_outside_the_map_is_refused():
    with pytest.raises(ValueError, match="#123456"):
        svg(figure("#123456"), "a", "t", "d")


def test_ids_start_with_the_name_and_every_reference_resolves():
    drawing = svg(figure(), "effects-C3", "t", "d")
    ids = re.findall(r'id="([^"]+)"', drawing)
    references = {name for pair in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', drawing) for name in pair if name}
    assert ids and len(set(ids)) == len(ids)
    assert all(name.startswith("effects-C3-") for name in ids)
    assert references and references <= set(ids)


def test_classes_cannot_reach_another_figure():
    drawing = svg(figure(), "one", "t", "d")
    assert set(re.findall(r"\.([\w-]+)\{", drawing)) == set(re.findall(r'class="([^"]+)"', drawing))
    assert all(name.startswith("one-") for name in re.findall(r'class="([^"]+)"', drawing))


def test_title_and_description_are_spoken_and_escaped():
    drawing = svg(figure(), "a", "<b>", 'x & "y"')
    root = ET.fromstring(drawing)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "a-title a-desc"
    texts = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert texts["a-title"] == "<b>" and texts["a-desc"] == 'x & "y"'


def test_coordinates_are_rounded_and_words_are_not():
    drawing = svg(figure(label="0.0012345"), "a", "t", "d")
    assert "0.0012345" in drawing
    assert not [path for path in re.findall(r' d="([^"]+)"', drawing) if re.search(r"\.\d{3}", path)]


def test_no_metadata_is_left():
    drawing = svg(figure(), "a", "t", "d").lower()
    assert not [word for word in ("metadata", "matplotlib", "dc:date", "doctype") if word in drawing]


def test_a_file_of_its_own_brings_the_colours_of_both_themes():
    text = standalone(svg(figure(), "a", "t", "d"))
    ET.fromstring(text)
    assert style.css() in text


def test_crops_cover_the_panels_and_do_not_overlap():
    with matplotlib.rc_context(style.RC):
        pair = Figure(figsize=(6, 2), layout="constrained")
        for axes in pair.subplots(1, 2):
            axes.set_ylabel("y")
    svg(pair, "a", "t", "d")
    (left, *_, width, _), (right, *_) = crops(pair)
    assert 0 - 6 <= left < left + width < right + 2 * 6 < 6 * 72


@pytest.mark.parametrize("resolution", [50, 100, 300])
def test_panels_lie_where_they_are_drawn_at_any_resolution(resolution):
    found = []
    for dpi in (72, resolution):
        with matplotlib.rc_context(style.RC):
            pair = Figure(figsize=(5.5, 2.6), dpi=dpi, layout="constrained")
            for axes in pair.subplots(1, 3):
                axes.plot([0, 119], [-0.97, 2.61], color=style.INK["batch"])
                axes.set_ylabel("y")
        svg(pair, "a", "t", "d")
        found.append(crops(pair))
    assert found[0] == found[1]


def test_a_crop_shows_nothing_of_its_neighbours():
    with matplotlib.rc_context(style.RC):
        four = Figure(figsize=(4, 3), layout="constrained")
        four.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
        for axes in four.subplots(2, 2).flat:
            axes.set(ylabel="y", xlabel="x", title="one")
    svg(four, "a", "t", "d")
    boxes = [(x, y, x + width, y + height) for x, y, width, height in crops(four)]
    scale, height = 72 / four.dpi, 3 * 72
    for number, axes in enumerate(four.axes):
        tight = axes.get_tightbbox()
        own = (tight.x0 * scale, height - tight.y1 * scale, tight.x1 * scale, height - tight.y0 * scale)
        left, top, right, bottom = boxes[number]
        assert left <= own[0] + 0.1 and top <= own[1] + 0.1 and right >= own[2] - 0.1 and bottom >= own[3] - 0.1
        for other in boxes[:number] + boxes[number + 1 :]:
            inside = [min(own[2], other[2]) - max(own[0], other[0]), min(own[3], other[3]) - max(own[1], other[1])]
            assert min(inside) <= 0.1
