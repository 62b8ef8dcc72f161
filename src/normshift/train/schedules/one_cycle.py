"""The 1cycle schedule."""

PEAK = 0.3
LOWEST = 1 / 25


def one_cycle(step: int, steps: int) -> float:
    """Return a linear rise from 1/25 to 1 at .3 of the run, then a linear fall that would reach 0 after the last step.

    1cycle (Smith & Topin 2019, arXiv:1708.07120, section 3), its shares and start as in `OneCycleLR` of PyTorch.
    """
    peak = PEAK * steps
    return LOWEST + (1 - LOWEST) * step / peak if step < peak else (steps - step) / (steps - peak)
