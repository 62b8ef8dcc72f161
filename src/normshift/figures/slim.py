"""A drawing of Matplotlib's made small without a visible change: what it says many times is said once."""

import itertools
import re
from collections import Counter

MARK = 16  # units of the drawing: a path that lies within so many of its origin is a mark and keeps a digit more
WRITTEN = re.compile(r' d="([^"]*)"')
TAG = re.compile(r"(<[^>]*>)")
DEFINED = re.compile(r'<path id="(?P<mark>\w+)" (?P<drawn>d="(?P<data>[^"]*)"(?: style="(?P<style>[^"]*)")?)/>')
USED = re.compile(r'<use xlink:href="#(?P<mark>\w+)" x="(?P<x>\S+)" y="(?P<y>\S+)"(?: style="(?P<style>[^"]*)")?/>')
SEGMENT = re.compile(r'<path d="(?P<data>M [-\d. ]+L [-\d. ]+)"(?P<look>[^>]*)/>')
COMMAND = re.compile(r"([MLQCz])([^MLQCz]*)")

Points = list[tuple[float, float]]


def slim(body: str) -> str:
    """Return the inside of an SVG without white space, idle groups and repeated marks, its coordinates short."""
    for step in (_tight, _unwrapped, _defined_once, _inlined, _strewn, _joined):
        body = step(body)
    return WRITTEN.sub(lambda found: f' d="{short(found[1])}"', body)


def short(data: str) -> str:
    """Return a path's data, each point relative to the one before: to a tenth, of a mark to a hundredth.

    Points are rounded, not the differences between them, so that errors do not add up.
    """
    digits = 2 if max((abs(float(one)) for one in re.findall(r"[-\d.]+", data)), default=0) < MARK else 1
    words: list[tuple[str, list[int]]] = []
    at = begun = (0, 0)
    for command, points in _commands(data):
        rounded = [(round(x * 10**digits), round(y * 10**digits)) for x, y in points]
        origin = (0, 0) if command == "M" else at
        steps = [number for x, y in rounded for number in (x - origin[0], y - origin[1])]
        words.append((command if command in "Mz" else command.lower(), steps))
        at = rounded[-1] if rounded else begun
        begun = at if command == "M" else begun
    return _spelt(words, digits)


def moved(data: str, x: float, y: float) -> str:
    """Return a path's data, moved by (x, y)."""
    words = [
        " ".join((command, *(f"{one + x:.3f} {other + y:.3f}" for one, other in points)))
        for command, points in _commands(data)
    ]
    return " ".join(words)


def _commands(data: str) -> list[tuple[str, Points]]:
    found = [(command, [float(one) for one in rest.split()]) for command, rest in COMMAND.findall(data)]
    return [(command, list(zip(numbers[::2], numbers[1::2], strict=True))) for command, numbers in found]


def _spelt(words: list[tuple[str, list[int]]], digits: int) -> str:
    """Return commands and numbers as short as SVG allows: a letter, a zero, a space only where they are needed."""
    text = last = ""
    for command, numbers in words:
        if command == "l" and 0 in numbers:
            command, numbers = ("v", numbers[1:]) if numbers[0] == 0 else ("h", numbers[:1])
        told = [re.sub(r"^(-?)0\.", r"\1.", f"{number / 10**digits:g}") for number in numbers]
        text += (" " if command == last != "M" else command) + " ".join(told)
        last = command
    return text.replace(" -", "-")


def _tight(body: str) -> str:
    return re.sub(r"> <", "><", re.sub(r"\s+", " ", re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)))


def _unwrapped(body: str) -> str:
    """Drop groups that say nothing."""
    kept, opened = [], []
    for token in TAG.split(re.sub(r"<g[^>]*/>", "", body)):
        if token.startswith("<g"):
            opened.append(token != "<g>")
        if token not in ("<g>", "</g>") or (token == "</g>" and opened.pop()):
            kept.append(token)
    return "".join(kept)


def _defined_once(body: str) -> str:
    """Let equal marks share one definition."""
    first: dict[str, str] = {}
    same = {found["mark"]: first.setdefault(found["drawn"], found["mark"]) for found in DEFINED.finditer(body)}
    body = DEFINED.sub(lambda found: found[0] if same[found["mark"]] == found["mark"] else "", body)
    return re.sub(r'(xlink:href="#)(\w+)', lambda found: found[1] + same.get(found[2], found[2]), body)


def _inlined(body: str) -> str:
    """Draw a path that is used once where it is used; its own style goes before that of its use."""
    count = Counter(found["mark"] for found in USED.finditer(body))
    once = {found["mark"]: found for found in DEFINED.finditer(body) if count[found["mark"]] == 1}

    def drawn(found: re.Match[str]) -> str:
        own = once[found["mark"]]
        rules = "; ".join(filter(None, (found["style"], own["style"])))
        return f'<path d="{moved(own["data"], float(found["x"]), float(found["y"]))}" style="{rules}"/>'

    body = DEFINED.sub(lambda found: "" if found["mark"] in once else found[0], body)
    body = USED.sub(lambda found: drawn(found) if found["mark"] in once else found[0], body)
    return body.replace("<defs></defs>", "")


def _strewn(body: str) -> str:
    """Draw a run of the same mark as one path that has it at each of its points."""
    looks: dict[tuple[str, str], str] = {}
    tokens = []
    for look, run in itertools.groupby(filter(None, TAG.split(body)), key=_look):
        marks = list(run)
        if look is not None and len(marks) > 1:
            marks = [_path(marks, looks.setdefault(look, f"{look[0]}m{len(looks)}"))]
        tokens += marks
    defined = "".join(
        f'<marker id="{name}" overflow="visible" markerUnits="userSpaceOnUse">'
        f'<use xlink:href="#{mark}" x="0" y="0" style="{style}"/></marker>'
        for (mark, style), name in looks.items()
    )
    return (f"<defs>{defined}</defs>" if defined else "") + "".join(tokens)


def _look(token: str) -> tuple[str, str] | None:
    found = USED.fullmatch(token)
    return found and (found["mark"], found["style"] or "")


def _path(marks: list[str], name: str) -> str:
    places = [f"{found['x']} {found['y']}" for found in map(USED.fullmatch, marks)]
    return f'<path d="M {" L ".join(places)}" style="fill: none; marker: url(#{name})"/>'


def _joined(body: str) -> str:
    """Draw straight lines of one look, as of a grid, as one path, unless something but words lies between them."""
    tokens, first = [], {}
    for token in filter(None, TAG.split(body)):
        segment = SEGMENT.fullmatch(token)
        if segment and segment["look"] in first:
            place = first[segment["look"]]
            tokens[place] = tokens[place].replace('" ', f' {segment["data"]}" ', 1)
            continue
        if segment:
            first[segment["look"]] = len(tokens)
        elif token.startswith("<") and not token.startswith(("<text", "</text")):
            first = {}
        tokens.append(token)
    return "".join(tokens)
