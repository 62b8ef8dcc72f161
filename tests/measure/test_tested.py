import pytest

from normshift.measure.tested import test_curves as curves
from normshift.measure.tested import unit_bands
from normshift.records import stops

from .compare import finite, same
from .made_up import PLAN, RULES, group

MODES = ("batch", "ema")


@pytest.mark.parametrize("tested", [False, True])
def test_accuracy_and_bands_equal_a_plain_loop(tested):
    seen = group("batch", detail=tested)
    accuracy, bands = [], []
    for cell, number in enumerate(seen.record["cell"]):
        for place, step in enumerate(stops(PLAN.steps)):
            if tested:
                at = {"cell": number, "step": step}
                trace, band = (finite(seen.record[name][cell, place]) for name in ("test_trace", "test_band"))
                accuracy += [{**at, "mode": mode, "accuracy": trace[which]} for which, mode in enumerate(MODES)]
                bands += [
                    {**at, "unit": unit, "q15": low, "q50": middle, "q85": high}
                    for unit, (low, middle, high) in enumerate(band)
                ]
    assert bool(accuracy) == bool(bands) == tested
    same(curves(seen, RULES), accuracy, "test_curves", ("cell", "step", "mode"))
    same(unit_bands(seen, RULES), bands, "unit_bands", ("cell", "step", "unit"))


@pytest.mark.parametrize("steps", [1, 2, 49, 50, 1000])
def test_stops_begin_at_the_start_end_with_the_last_step_and_are_even(steps):
    found = stops(steps)
    assert (found[0], found[-1]) == (0, steps - 1) and len(found) == len(set(found)) <= 51
    gaps = {later - one for one, later in zip(found, found[1:], strict=False)}
    assert max(gaps, default=0) - min(gaps, default=0) <= 2
