"""How a motion of gamma and beta grows with the learning rate: the comparison of C8 and C17."""

from normshift.judge.comparisons import per_tripling
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds
from normshift.judge.rates import matched

RATES = 3  # a slope over fewer says little


def late_slopes(tables: Tables, quantity: str, suffix: str = "", **where: str) -> list[Evidence]:
    """Return per regime and parameter the slope of ln quantity on ln(learning rate), late window, times ln 3.

    Of the cells of arm batch with the values given of other factors; ``suffix`` tells their parts apart.
    """
    parts = []
    for regime in ("clean", "fresh"):
        outcomes = tables.rows("outcomes", regime=regime, **where)
        rates = matched(outcomes, ["batch"], late=True, least=RATES, regime=regime)
        for parameter in ("beta", "gamma"):
            motion = tables.rows("motion", regime=regime, parameter=parameter, window="late", norm="batch", **where)
            effect = per_tripling(mean_log(motion, quantity), "batch", rates.kept)
            part = f"{parameter}{suffix}"
            parts.append(evidence(seeds(tables), regime, part, effect, rates.reason, rates.dropped, rates.memorised))
    return parts
