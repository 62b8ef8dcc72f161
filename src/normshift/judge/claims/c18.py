"""C18: that beta and gamma fluctuate comes from the learning rate, and less from data that are not well shuffled."""

import numpy as np
import pandas as pd

from normshift.judge.evidence import EVERY, Dropped, Evidence, evidence
from normshift.judge.frames import EVERY_VALUE, Tables, mean_log, seeds
from normshift.judge.rates import UNLEARNED
from normshift.judge.variance import shares
from normshift.params import Rules

USUAL = ("reshuffle", "sorted")  # orders that study core has; the rest are in study order
LEAST = 3  # rates, and orders: the ranges that are compared


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return omega^2 of the learning rate less that of the order: of ln sd of beta, gamma about their early trend."""
    outcomes = _rows(tables, "outcomes")
    rates, orders, dropped = _grid(outcomes)
    reason = None
    if min(len(rates), len(orders)) < LEAST:
        reason = f"every seed learns at {len(rates)} rates with {len(orders)} orders, {LEAST} of each needed"
    parts = []
    for parameter in ("beta", "gamma"):
        motion = _rows(tables, "motion", parameter=parameter, window="early")
        effect = None if reason else _difference(mean_log(motion, "fluctuation", ["lr", "order"]), rates, orders)
        parts.append(evidence(seeds(tables), EVERY, parameter, effect, reason, dropped))
    return parts


def _rows(tables: Tables, name: str, **where: str) -> pd.DataFrame:
    own = {"norm": "batch"} | where
    rows = tables.united(name, ("core", {"order": list(USUAL)} | own), ("order", {"order": EVERY_VALUE} | own))
    return rows[rows["lr"].isin(rows.loc[rows["study"] == "order", "lr"])]


def _grid(outcomes: pd.DataFrame) -> tuple[list[float], list[str], list[Dropped]]:
    """Return the rates at which reshuffled runs learn in every seed, the orders in which all do there, the others."""
    failures = (~outcomes["learned"]).groupby([outcomes["lr"], outcomes["order"]]).sum().unstack("order")
    rates = [float(lr) for lr in failures.index if failures.loc[lr].get("reshuffle") == 0]
    learned = failures.loc[rates] == 0
    orders = [str(order) for order in failures.columns if learned[order].all() and rates]
    dropped = [
        Dropped(float(lr), f"batch, order {order}", UNLEARNED, int(count))
        for (lr, order), count in failures.stack().items()
        if count > 0
    ]
    return rates, orders, dropped


def _difference(logs: pd.DataFrame, rates: list[float], orders: list[str]) -> pd.Series:
    columns = pd.MultiIndex.from_product([rates, orders], names=["lr", "order"])
    cube = logs.reindex(columns=columns).to_numpy(dtype=float).reshape(-1, len(rates), len(orders))
    of_rate, of_order = np.moveaxis(shares(cube), -1, 0)
    return pd.Series(of_rate - of_order, index=logs.index)
