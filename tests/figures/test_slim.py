"""The same drawing, in fewer bytes: compared with a plain reading of what Matplotlib wrote."""

import io
import re
import xml.etree.ElementTree as ET

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.slim import moved, short, slim
from normshift.figures.svg import svg

places = st.floats(-900, 900, allow_nan=False).map(lambda place: round(place, 6))
points = st.lists(st.tuples(places, places), min_size=1, max_size=30)
SIZES = {"M": 1, "L": 1, "H": 1, "V": 1, "Q": 2, "C": 3, "Z": 0}
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


def read(data):
    """Follow a path as the standard says, one number at a time: every point it names, in absolute places."""
    named, x, y, begun = [], 0.0, 0.0, (0.0, 0.0)
    for command, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", data):
        numbers, relative = [float(one) for one in NUMBER.findall(rest)], command.islower()
        if command in "zZ":
            x, y = begun
        while numbers:
            own = (x, y) if relative else (0.0, 0.0)
            if command in "hHvV":
                step = numbers.pop(0)
                x, y = (own[0] + step, y) if command in "hH" else (x, own[1] + step)
                named.append((x, y))
                continue
            for _ in range(SIZES[command.upper()]):
                x, y = own[0] + numbers.pop(0), own[1] + numbers.pop(0)
                named.append((x, y))
            begun = (x, y) if command in "mM" else begun
    return named


def written(runs):
    return "".join(f"M {' L '.join(f'{x} {y}' for x, y in run)} " for run in runs)


@given(st.lists(points, min_size=1, max_size=4))
def test_a_short_path_goes_through_the_same_points(runs):
    found = read(short(written(runs)))
    expected = [place for run in runs for place in run]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=0.0501)


def test_errors_do_not_add_up_along_a_path():
    line = [(0.043 * step, 100 - 0.037 * step) for step in range(5000)]
    assert read(short(written([line])))[-1] == pytest.approx(line[-1], abs=0.0501)


@pytest.mark.parametrize("scale", [1, 100])
def test_curves_and_closed_paths_keep_their_points(scale):
    data = "M 1.25 2 L 3 4 z M 0 -1.5 C 1 2 3 4 5 6 Q 7 8 9 1.125 L 2 2 z L 4 4 "
    data = re.sub(r"-?[\d.]+", lambda number: str(float(number[0]) * scale), data)
    found, expected = read(short(data)), read(data)
    assert len(found) == len(expected) == 10
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=0.0501 if scale > 1 else 0.00501)


def test_the_pen_is_lifted_where_a_path_begins_anew():
    assert short("M 1 2 M 3 4 L 5 6 L 5 7 L 8 7 M -0.5 20 L 0 20") == "M1 2M3 4l2 2v1h3M-.5 20h.5"


@given(points, places, places)
def test_a_moved_path_is_moved_as_a_whole(run, x, y):
    for one, other in zip(read(moved(written([run]), x, y)), run, strict=True):
        assert one == pytest.approx((other[0] + x, other[1] + y), abs=0.001)


def drawn():
    with matplotlib.rc_context(style.RC):
        figure = Figure(figsize=(5, 2), layout="constrained")
        for axes, colour in zip(figure.subplots(1, 2), ("none", "batch"), strict=True):
            axes.scatter([0, 1, 2, 2], [0, 3, 1, 1], color=style.INK[colour], alpha=0.5, linewidths=0)
            axes.plot([0.5], [2.5], marker="x", color=style.INK["frozen"], alpha=0.25 if colour == "none" else 0.5)
            axes.plot([1.5, 2.5], [2.5, 0.2], marker="x", linestyle="", color=style.INK[colour])
            axes.fill_between([0, 1, 2], [0, 0, 1], [1, 2, 2], color=style.INK[colour], alpha=0.1)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg")
    text = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)
    return figure, re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)[1]


def parsed(text):
    return ET.fromstring(f"<svg>{re.sub('xlink:(?=href)| xmlns=[^ ]*', '', text)}</svg>")


def looks(text):
    """Return every mark and shape with its place and its colours, whichever way it is drawn: the oracle of the eye."""
    root, found = parsed(text), []
    named = {part.get("id"): part for part in root.iter() if part.get("id")}
    inside = {id(part) for box in root.iter() if box.tag in ("defs", "marker") for part in box.iter()}
    for part in (part for part in root.iter() if id(part) not in inside):
        rules = dict(re.findall(r"([\w-]+): ?([^;]+)", part.get("style") or ""))
        if "marker" in rules:
            (use,) = named[rules["marker"][5:-1]]
            own = [(place, use, named[use.get("href")[1:]]) for place in read(part.get("d"))]
        elif part.tag == "use":
            own = [((float(part.get("x")), float(part.get("y"))), part, named[part.get("href")[1:]])]
        else:
            own = [((0.0, 0.0), part, part)] if part.tag == "path" and "fill: none" not in part.get("style") else []
        for (x, y), use, shape in own:
            end = read(shape.get("d"))[0]
            styles = f"{use.get('style') or ''};{shape.get('style') or ''}"
            colour = tuple(sorted(set(re.findall(r"[\w-]+: ?(?:#\w+|0\.\d+)", styles))))
            found.append((colour, len(read(shape.get("d"))), round(x + end[0]), round(y + end[1])))
    return sorted(found)


def test_every_mark_and_shape_keeps_its_place_and_its_colours():
    _, raw = drawn()
    found, expected = looks(slim(raw)), looks(raw)
    assert len(expected) > 12
    for one, other in zip(found, expected, strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:], abs=1)


def test_words_stay_as_they_are_and_idle_groups_go():
    figure, raw = drawn()
    text = svg(figure, "a", "t", "d")
    words = [[part.text for part in parsed(one).iter() if part.tag == "text"] for one in (text, raw)]
    assert words[0] == words[1] and len(words[0]) > 6
    assert "<g>" not in text and len(text) < len(raw) / 2


def test_an_empty_group_closes_itself():
    assert slim('<g id="a"><g id="b"/><g/><g><text>1</text></g></g>') == '<g id="a"><text>1</text></g>'


def test_straight_lines_are_joined_only_past_words():
    line = '<path d="M {0} 1 L {0} 2 " style="a"/>'
    grid = line.format(1) + "<text>1</text>" + line.format(2)
    assert slim(grid) == '<path d="M1 1v1M2 1v1" style="a"/><text>1</text>'
    assert slim(grid.replace("text", "b")).count("<path") == 2
    assert slim(grid.replace('"a"', '"b"', 1)).count("<path") == 2
