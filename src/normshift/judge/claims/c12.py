"""C12: once the distribution is steady, the weights are learnt much faster."""

from normshift.judge.areas import FROZEN, LEAST, arm_areas
from normshift.judge.evidence import Evidence, evidence, in_seeds
from normshift.judge.frames import Tables, seeds
from normshift.judge.targets import slowdown
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln losses after freezing beta and gamma, batch less frozen, and ln steps, noisy batch norm over batch."""
    parts = []
    for regime in ("clean", "fresh"):
        parts += [*(_frozen(tables, regime, tau) for tau in FROZEN), _noisy(tables, regime)]
    return parts


def _frozen(tables: Tables, regime: str, tau: str) -> Evidence:
    """Return the difference of mean ln loss after tau: up to it the two runs are one, so that lower is faster."""
    at = f"frozen_at_{round(100 * FROZEN[tau])}"
    after, missing = arm_areas(tables, ["batch", at], regime, FROZEN[tau])
    effect = None if after is None else after["batch"] - after[at]
    return evidence(seeds(tables), regime, f"frozen at {tau}", effect, missing)


def _noisy(tables: Tables, regime: str) -> Evidence:
    """Return ln steps, where the same noise slows the network without batch norm: elsewhere it is too weak to tell."""
    slower, missing = slowdown(tables, "noisy", "batch", regime)
    control, absent = slowdown(tables, "none_noisy", "none", regime)
    if slower is None or control is None:
        return evidence(seeds(tables), regime, "noisy", None, missing or absent)
    strong = (control > LEAST).reindex(slower.index, fill_value=False)
    weak = f"too weak: the same noise does not slow the network without batch norm {in_seeds(~strong)}"
    return evidence(seeds(tables), regime, "noisy", slower.where(strong), None if strong.all() else weak)
