"""The one style map: an arm has one colour, one line style and one marker in every figure and in the page.

A figure is drawn in sentinel colours, which `svg` replaces by CSS variables, so that it follows light and dark. Arms
are told apart by dash and marker too; the colours of the three main arms stay apart in the three kinds of colour
blindness (a test simulates them after Machado, Oliveira & Fernandes 2009).
"""

from collections.abc import Callable
from dataclasses import dataclass

# Colour name -> its value on a light and on a dark page.
COLOURS: dict[str, tuple[str, str]] = {
    "page": ("#ffffff", "#14181d"),
    "card": ("#f4f6f8", "#1c2229"),
    "text": ("#1b1f24", "#e8ecf0"),
    "muted": ("#57606a", "#a3adb8"),
    "rule": ("#d3d9df", "#3a434d"),
    "link": ("#0b4f9e", "#7cbcff"),
    "supported": ("#116329", "#56d364"),
    "contradicted": ("#b42318", "#ff8a80"),
    "depends": ("#6639a6", "#c99bf5"),
    "nothing": ("#3f4d5c", "#b4c3d2"),
    "definition": ("#0b4f9e", "#7cbcff"),
    "undecided": ("#7a4d00", "#e6b450"),
    "none": ("#d55e00", "#ff9457"),
    "batch": ("#0b4f9e", "#5aa5ff"),
    "frozen": ("#119c7f", "#58e0b0"),
    "gamma": ("#7b3fa0", "#c99bf5"),
    "beta": ("#d0408f", "#ff8bd0"),
    "layer": ("#7a5c00", "#e3c25a"),
    "noisy": ("#5b6472", "#b4bcc8"),
    "none_noisy": ("#a14a2b", "#f0b59b"),
    "other": ("#57606a", "#a3adb8"),
}
INK = {name: f"#5e{number:02x}a1" for number, name in enumerate(COLOURS)}  # the sentinels


@dataclass(frozen=True)
class Arm:
    """How an arm is named and drawn: its colour, dash pattern ("" is solid) and marker."""

    label: str
    colour: str
    dash: tuple[float, ...] | str
    marker: str


ARMS = {
    "none": Arm("no normalisation", "none", (4, 1.5), "X"),
    "batch": Arm("batch norm", "batch", "", "o"),
    "frozen": Arm("batch norm, frozen", "frozen", (1, 1), "s"),
    "gamma": Arm("batch norm, gamma only", "gamma", (3, 1, 1, 1), "^"),
    "beta": Arm("batch norm, beta only", "beta", (5, 1, 1, 1), "v"),
    "layer": Arm("layer norm", "layer", (6, 2), "D"),
    "noisy": Arm("batch norm and noise", "noisy", (2, 2), "P"),
    "none_noisy": Arm("noise, no normalisation", "none_noisy", (1, 3), "*"),
}

# A parameter has the colour of the arm that learns it alone; the weights, which every arm learns, that of the text.
PARAMETERS = {
    "gamma": Arm("gamma", "gamma", (3, 1, 1, 1), "^"),
    "beta": Arm("beta", "beta", (5, 1, 1, 1), "v"),
    "weight": Arm("weights", "text", "", "o"),
}

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "text.color": INK["text"],
    "axes.labelcolor": INK["text"],
    "axes.titlecolor": INK["text"],
    "axes.edgecolor": INK["muted"],
    "xtick.color": INK["muted"],
    "ytick.color": INK["muted"],
    "xtick.bottom": False,  # the grid says where a tick is
    "ytick.left": False,
    "grid.color": INK["rule"],
    "grid.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "lines.linewidth": 1.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "normshift",
}


def arm(name: str) -> Arm:
    """Return an arm's style; an arm that is not in the map is drawn in the neutral one under its own name."""
    return ARMS.get(name, Arm(name, "other", (1, 1.5, 4, 1.5), "h"))


def parameter(name: str) -> Arm:
    """Return how gamma, beta or the weights are drawn."""
    return PARAMETERS[name]


def ink(name: str) -> str:
    """Return the sentinel colour an arm is drawn in."""
    return INK[arm(name).colour]


def arms(names: object) -> list[str]:
    """Return the distinct arms among ``names`` in the order of the map, unknown ones last by name."""
    order = {name: number for number, name in enumerate(ARMS)}
    return sorted(dict.fromkeys(names), key=lambda name: (order.get(name, len(order)), name))


def seaborn(names: list[str], look: Callable[[str], Arm] = arm) -> dict[str, object]:
    """Return the keywords that make a seaborn line plot, hue and style by column `norm`, follow the map."""
    return {
        "hue": "norm",
        "style": "norm",
        "hue_order": names,
        "style_order": names,
        "palette": {name: INK[look(name).colour] for name in names},
        "dashes": {name: look(name).dash for name in names},
        "markers": {name: look(name).marker for name in names},
        "markeredgewidth": 0,
        "markersize": 5,
        "legend": False,
    }


def css() -> str:
    """Return the CSS variables of both themes: the system's choice unless the page's `data-theme` says otherwise."""
    light, dark = (
        ";".join(f"--{name}:{values[side]}" for name, values in COLOURS.items()) + f";color-scheme:{scheme}"
        for side, scheme in ((0, "light"), (1, "dark"))
    )
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    )
