"""Warm-up, then the cosine schedule."""

from normshift.train.schedules.cosine import cosine

WARMUP = 10  # a tenth of the run


def warmup_cosine(step: int, steps: int) -> float:
    """Return the linear warm-up of Goyal et al. 2017 (arXiv:1706.02677, section 2.2) over a tenth, then the cosine.

    ``(step + 1) / warm`` before ``warm = steps // 10``, so that the last step of the warm-up has the full rate.
    """
    warm = steps // WARMUP
    return (step + 1) / warm if step < warm else cosine(step - warm, steps - warm)
