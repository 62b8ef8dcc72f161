"""What a run cannot show, told by what it is: how many of its networks are like the reference one."""

import pandas as pd

from normshift.figures.numbers import counted, listed, share
from normshift.params import Cell
from normshift.report.material import Material


def limits(reference: Cell, material: Material) -> list[str]:
    """Return the limits of a run around a reference cell, one sentence or two each."""
    cells = pd.concat([tables["cells"] for tables in material.studies.values()]).drop_duplicates("digest")
    model = reference.model
    shape = {"depth": model.depth, "width": model.width, "activation": model.activation}
    training = {"optimizer": reference.optimizer.name, "schedule": reference.schedule.name, "steps": reference.steps}
    layers = f"{counted(model.depth, 'hidden layer')} of {counted(model.width, 'unit')} ({model.activation})"
    return [
        f"One family of shallow networks, {_most(cells, shape)} of {layers}{_others(cells, shape)}. Deep and "
        "convolutional networks may answer differently.",
        f"Small images ({material.source['name']}, {counted(material.source['inputs'], 'input')}), "
        f"{_most(cells, {'batch_size': reference.batch_size})} in batches of {reference.batch_size}"
        f"{_others(cells, {'batch_size': reference.batch_size})}.",
        f"{_most(cells, training).capitalize()} by {reference.optimizer.name} at a {reference.schedule.name} learning "
        f"rate for {counted(reference.steps, 'step')}{_others(cells, training)}.",
        "There is no agreed distance for internal covariate shift: another site, mode or distance may order arms "
        "differently, so each number here names its own.",
        "Equal learning rates are not equal effective learning rates: batch norm rescales what a step does. Hence "
        "comparisons at matched loss and at each arm's own best rate stand beside those at equal rates.",
        "Arms differ by what was switched on or off, so effects of batch norm as a whole are causal. Why it acts "
        "is shown only as far as batch norm is taken apart below; beyond that no word here means a cause.",
    ]


def _most(cells: pd.DataFrame, wanted: dict) -> str:
    """Return what part of the cells are as wanted, in words: all, none, or 93.1 % of the networks."""
    part = (cells[list(wanted)] == wanted).all(axis=1).mean()
    return {0: "none", 1: "all"}.get(part, f"{share(part)} of the networks")


def _others(cells: pd.DataFrame, wanted: dict) -> str:
    """Return in parentheses what other values the cells take; nothing where they take none."""
    rest = {key: sorted(set(cells[key]) - {value}) for key, value in wanted.items()}
    words = [f"{NAMES[key]} {listed([_text(value) for value in values])}" for key, values in rest.items() if values]
    return f"; the others serve single claims ({'; '.join(words)})" if words else ""


NAMES = {
    "depth": "hidden layers",
    "width": "units",
    "activation": "nonlinearity",
    "optimizer": "optimiser",
    "schedule": "schedule",
    "steps": "steps",
    "batch_size": "batches of",
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else f"{value:,}"
