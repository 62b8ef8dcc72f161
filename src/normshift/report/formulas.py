"""What a claim computes, as MathML with its symbols explained."""

import re
from dataclasses import dataclass
from functools import cache

from latex2mathml.converter import convert
from markupsafe import Markup, escape

from normshift.report.equations import EQUATIONS
from normshift.report.symbols import SYMBOLS

# What puts symbols together and is none itself; names of parts stand below a d.
STRUCTURE = (
    *("frac", "sqrt", "underset", "operatorname", "sum", "int", "left", "right", "max", "min", "ln", "exp", "partial"),
    *("mathrm", "in", "ge", "le", "cdot", "quad"),
)
WORDS = ("and", "for all", "if", "in place of", "in place of the mean")
PART = re.compile(r"d_\{\\text\{([^}]*)\}\}")
_LONGEST = sorted(SYMBOLS, key=lambda symbol: (-len(symbol), symbol))
_SYMBOL = "|".join(
    re.escape(symbol) + (r"(?![a-zA-Z])" if re.fullmatch(r"\\[a-zA-Z]+", symbol) else "") for symbol in _LONGEST
)
TOKEN = re.compile(
    rf"\\operatorname\{{[a-z]+\}}|\\mathrm\{{d\}}|\\(?:{'|'.join(STRUCTURE)})(?![a-zA-Z])|\\text\{{(?:{'|'.join(WORDS)})\}}"
    rf"|(?P<symbol>{_SYMBOL})|(?P<rest>\\[a-zA-Z]+|[a-zA-Z])"
)


@dataclass(frozen=True)
class Term:
    """A symbol of a formula, as MathML, and what it means."""

    symbol: Markup
    meaning: str


@dataclass(frozen=True)
class Formula:
    """A claim's formula: its lines, each an element ``math``, and its symbols in the order of `SYMBOLS`."""

    lines: tuple[Markup, ...]
    where: tuple[Term, ...]

    @property
    def markup(self) -> Markup:
        """All lines below one another."""
        return Markup("\n").join(self.lines)


@cache
def formula(name: str) -> Formula:
    """Return the formula of a claim; none has another notation than `symbols`."""
    lines = EQUATIONS[name]
    found = {symbol for line in lines for symbol in symbols(line)}
    return Formula(
        tuple(mathml(line, "block") for line in lines),
        tuple(Term(mathml(symbol, "inline"), meaning) for symbol, meaning in SYMBOLS.items() if symbol in found),
    )


def symbols(latex: str) -> list[str]:
    """Return the symbols of a line in the order in which they come; one without a meaning raises ``ValueError``."""
    found = [match for match in TOKEN.finditer(PART.sub("d", latex)) if match.lastgroup]
    if unknown := [match["rest"] for match in found if match["rest"]]:
        raise ValueError(f"{', '.join(unknown)} in {latex}: no such symbol")
    return [match["symbol"] for match in found]


def mathml(latex: str, display: str) -> Markup:
    """Return LaTeX as an element ``math``, which carries it as its alternative text; in HTML it needs no namespace."""
    element = convert(latex, xmlns="", display=display).replace(' xmlns=""', "", 1)
    return Markup(element.replace("<math ", f'<math alttext="{escape(latex)}" ', 1))
