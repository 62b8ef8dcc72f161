"""A made-up run: the tables of tests/figures, judged by the real rule."""

import json
from pathlib import Path

import pandas as pd

from normshift.configure.sources import sources
from normshift.judge.frames import READ
from normshift.judge.stage import judge
from normshift.judge.summary import text
from normshift.params import (
    Cell,
    Claims,
    Config,
    Data,
    Model,
    Norm,
    Optimizer,
    Order,
    Schedule,
    Seeds,
    Study,
    Train,
    typed,
)
from normshift.report.material import Material
from normshift.tables import TABLES, checked
from tests.engines.clusters import engine as local_engine
from tests.figures import made_up

CONF = Path(__file__).parents[2] / "conf"
SOURCE = {
    "name": "digits",
    "sha256": {"images": "a" * 64, "labels": "b" * 64},
    "samples": 1797,
    "inputs": 64,
    "classes": [180] * 10,
    "licence": "CC BY 4.0",
    "citation": "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits",
}


def config() -> Config:
    """Return the registered claims with one study."""
    claims = typed(Claims, sources(CONF.parent).claims)
    cell = Cell(
        data="digits",
        model=Model("mlp", "mlp", 3, 100, "relu"),
        norm=Norm("batch", "batch", True, True),
        optimizer=Optimizer("sgd", "sgd"),
        schedule=Schedule("constant", "constant"),
        order=Order("reshuffle", "reshuffle"),
        regime="clean",
        batch_size=60,
        lr=0.1,
        steps=1000,
        root=0,
    )
    study = Study(cell, [], {}, Seeds(list(range(12)), [1000]))
    data, engine = Data("digits", "digits", 1197, 200), local_engine("local", None)
    return Config(claims, data, engine, 0, [], {"core": study}, Train("stacked", "cpu"))


def material(config: Config, seeds: int = 12, rates: tuple[float, ...] = made_up.RATES) -> Material:
    """Return what the page is made of: made-up tables, judged by the real rule."""
    tables = made_up.study(seeds, rates)
    nothing = {name: checked(pd.DataFrame(columns=list(TABLES[name])), name) for name in READ}
    outcome = judge(config.claims, {"core": nothing | tables}, config.studies["core"].cell)
    verdicts, thread = (json.loads(text(found)) for found in (outcome.verdicts, outcome.thread))
    summary, code = json.loads(text(outcome.summary)), {"page.py": b"code"}
    return Material(verdicts, thread, outcome.effects, {"core": tables}, SOURCE, code, "a processor", summary, {}, [])
