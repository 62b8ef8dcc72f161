"""The one place that turns a Figure into SVG: same figure, same bytes, in the colours of the page it stands in."""

import io
import re
from collections import Counter
from html import escape

import matplotlib
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.slim import slim

NOWHERE = {"Date": None, "Creator": None, "Format": None, "Type": None}  # no metadata: it would hold dates and versions
POINTS = 72  # units of the drawing per inch
ROOM = 5  # around a panel that stands alone: a browser's letters may be wider than those measured here
NUMBER = re.compile(r"-?\d+\.\d{2,}")
PLACES = re.compile(r' (?:x|y|width|height|transform)="[^"]*"')
STYLES = re.compile(r' style="[^"]*"')
Box = tuple[float, float, float, float]
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def svg(figure: Figure, name: str, title: str, description: str) -> str:
    """Return an inline SVG: ids start with ``name``, colours are CSS variables, title and description are spoken."""
    buffer = io.StringIO()
    with matplotlib.rc_context(style.RC):
        figure.savefig(buffer, format="svg", metadata=NOWHERE)
    drawing = re.search(r"<svg.*</svg>", buffer.getvalue(), re.DOTALL).group()
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawing).groups()
    body = _short(slim(_plain(re.sub(r"^<svg[^>]*>", "", drawing))))
    body = _classed(_named(_themed(body), name), name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {float(width):g} {float(height):g}" style="max-width:{float(width) * 1.4:.0f}px" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f'<g id="{name}-all">{body.removesuffix("</svg>")}</g></svg>'
    )


def crops(figure: Figure) -> list[Box]:
    """Return where the legend and each panel lie in the drawing (x, y, width, height), for a narrow page."""
    figure.set_dpi(POINTS)  # as it is drawn: at another resolution ticks may be others, and labels lie elsewhere
    height = figure.get_figheight() * POINTS
    with matplotlib.rc_context(style.RC):
        boxes = [part.get_tightbbox() for part in (*figure.legends, *figure.axes)]
    sides = [(box.x0, height - box.y1, box.x1, height - box.y0) for box in boxes]
    return [tuple(round(float(side), 1) for side in _apart(box, sides)) for box in sides]


def _apart(box: Box, others: list[Box]) -> Box:
    """Return a box (left, top, right, bottom) as (x, y, width, height), with room around but none of its neighbours'.

    Each side moves outwards, up to the nearest other box that lies further out.
    """
    left, top, right, bottom = box
    beside = [other for other in others if other[1] < bottom and other[3] > top]
    stacked = [other for other in others if other[0] < right and other[2] > left]
    x = max([left - ROOM, *(min(other[2], left) for other in beside if other[0] < left)])
    y = max([top - ROOM, *(min(other[3], top) for other in stacked if other[1] < top)])
    width = min([right + ROOM, *(max(other[0], right) for other in beside if other[2] > right)]) - x
    height = min([bottom + ROOM, *(max(other[1], bottom) for other in stacked if other[3] > bottom)]) - y
    return x, y, width, height


def standalone(drawing: str) -> str:
    """Return an inline SVG as a file of its own, with the colours of both themes inside."""
    style_sheet = f"{style.css()}svg{{background:var(--page)}}text{{font-family:sans-serif}}"
    head, rest = drawing.split(">", 1)
    return f"{head}><style>{style_sheet}</style>{rest}\n"


def _plain(body: str) -> str:
    """Drop what the page says itself or nobody needs: metadata, fonts, names of groups, turns by nothing."""
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<defs>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r"font-family: [^;\"]*;? ?| transform=\"rotate\(-?0[^)]*\)\"", "", body)
    return re.sub(r'<g id="[^"]*"', "<g", body)


def _short(body: str) -> str:
    """Write places to a tenth, styles without spaces, references as SVG 2 does."""
    body = PLACES.sub(lambda attribute: NUMBER.sub(lambda number: f"{float(number[0]):.1f}", attribute[0]), body)
    body = STYLES.sub(lambda attribute: re.sub(r"([:;]) ", r"\1", attribute[0]), body)
    return body.replace("xlink:href", "href")


def _themed(body: str) -> str:
    variables = {sentinel: f"var(--{name})" for name, sentinel in style.INK.items()}
    if foreign := sorted(set(HEX.findall(body)) - set(variables)):
        raise ValueError(f"colours outside the style map: {', '.join(foreign)}; use style.INK")
    return HEX.sub(lambda colour: variables[colour.group()], body)


def _named(body: str, name: str) -> str:
    """Give what is referred to a short id that starts with the figure's name, and drop all other ids."""
    used = dict.fromkeys(re.findall(r'(?:url\(|href=")#([^")]+)', body))
    short = {long: f"{name}-{number}" for number, long in enumerate(used)}
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", body)
    return re.sub(r'(url\(|href=")#([^")]+)', lambda found: f"{found[1]}#{short[found[2]]}", body)


def _classed(body: str, name: str) -> str:
    """Write a style that recurs once, as a class: marks repeat it, and it is most of their size."""
    counts = Counter(re.findall(r' style="([^"]+)"', body))
    names = {rule: f"{name}-c{number}" for number, rule in enumerate(rule for rule in counts if counts[rule] > 1)}
    sheet = "".join(f".{short}{{{rule}}}" for rule, short in names.items())
    body = re.sub(
        r' style="([^"]+)"', lambda found: f' class="{names[found[1]]}"' if found[1] in names else found[0], body
    )
    return f"<style>{sheet}</style>{body}"
