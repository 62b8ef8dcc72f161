"""What a figure is: tables in, the rows it shows, a drawing of them and a sentence about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from normshift.figures import style
from normshift.params import Rules

Tables = Mapping[str, pd.DataFrame]
PANEL = (2.75, 2.1)  # inches


class NotMeasured(ValueError):
    """The tables hold nothing to show; the message is the reason, printed in the figure's place."""


@dataclass(frozen=True)
class Plot:
    """A figure: ``data`` picks the rows, ``draw`` shows them, ``describe`` says them.

    Of its ``studies`` it needs the first; where the others ran too, it sees the tables it ``reads`` as those of one. It
    shows cells of the reference network, and of the other ``models`` it names.
    """

    title: str
    data: Callable[[Tables, Rules], pd.DataFrame]
    draw: Callable[[pd.DataFrame], Figure]
    describe: Callable[[pd.DataFrame], str]
    studies: tuple[str, ...] = ("core",)
    reads: tuple[str, ...] = ("cells", "outcomes")
    models: tuple[str, ...] = ()

    def figure(self, frame: pd.DataFrame) -> Figure:
        """Return the figure in the one style."""
        with matplotlib.rc_context(style.RC):
            return self.draw(frame)


def panels(count: int, columns: int, share: bool = False, height: float = PANEL[1]) -> tuple[Figure, list[Axes]]:
    """Return a figure of ``count`` panels, ``columns`` abreast; ``share`` gives them one vertical scale.

    Each panel is labelled in full: on a phone it stands alone (`svg.crops`).
    """
    rows = -(-count // columns)
    size = (max(PANEL[0] * columns, 3.8), height * rows + 0.45)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=share)
    axes = list(grid.flat)
    for place in axes:
        place.tick_params(labelleft=True)
    for spare in axes[count:]:
        spare.remove()
    return figure, axes[:count]


def legend(figure: Figure, names: list[str], look: Callable[[str], style.Arm] = style.arm, room: float = 1.65) -> None:
    """Name the arms, or what else has a look of its own, once, above all panels; ``room`` (inches) for each."""
    handles = [
        Line2D(
            [],
            [],
            color=style.INK[arm.colour],
            marker=arm.marker,
            markeredgewidth=0,
            linestyle=(0, arm.dash) if arm.dash else "-",
            label=arm.label,
        )
        for arm in map(look, names)
    ]
    columns = int(figure.get_figwidth() / room)
    figure.legend(handles=handles, loc="outside upper left", ncols=columns, handlelength=3, columnspacing=1.2)
