"""C4a: with batch norm the next layer receives a more consistent distribution from batch to batch."""

from normshift.judge.comparisons import ratio
from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds
from normshift.judge.rates import matched
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the noise N_t of the batch mean at a (measurement.md 1.8), none over batch, at trained weights."""
    rates = matched(tables.rows("outcomes"), ["none", "batch"])
    noise = tables.rows("noise", site="a")
    logs = mean_log(noise[noise["step"] > 0], "mean_noise")
    effect = ratio(logs, "none", "batch", rates.kept)
    return [evidence(seeds(tables), EVERY, "noise", effect, rates.reason, rates.dropped)]
