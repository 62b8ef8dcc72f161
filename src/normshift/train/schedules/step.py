"""The step schedule."""

FACTOR = 0.1


def step(step: int, steps: int) -> float:
    """Return 1, from half of the run on .1, from three quarters on .01 (He et al. 2016, arXiv:1512.03385, section 4.2).

    There: divided by 10 at 32k and at 48k of 64k updates.
    """
    return FACTOR ** ((2 * step >= steps) + (4 * step >= 3 * steps))
