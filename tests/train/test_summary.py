"""From what was seen of every unit to what is recorded, where training does not easily lead."""

import numpy as np
import torch

from normshift.observe.moments import SMALL_GAMMA
from normshift.observe.plan import plan
from normshift.train.summary import blank, summary

U, Y = 0, 2


def test_the_spread_of_a_unit_with_next_to_no_gamma_has_a_floor_at_y_alone():
    made = plan(30, 10)
    units = blank(1, 2, 3, (4, 3), made, torch.float64, "cpu")
    draw = torch.Generator().manual_seed(0)
    for name in ("probe", "attributed", "second"):
        getattr(units, name).uniform_(0.001, 0.01, generator=draw)
    units.gamma.fill_(SMALL_GAMMA / 2)
    kept = torch.arange(3).repeat(2, 1)
    found = summary(units, made, kept, affine=True, by_batch=False, eps=1e-5)["attribution"][0].numpy()
    for place, step in enumerate(made.full):
        point = made.points.index(step)
        for layer, (number, site) in ((1, (0, U)), (1, (1, Y))):
            (mean, sd), (later, later_sd) = units.probe[0, layer, point, :, site].numpy()
            (below, _), (own, _) = units.attributed[0, layer, place, :, number].numpy()
            sigma = np.sqrt((sd**2 + later_sd**2) / 2) if site == U else SMALL_GAMMA
            rows = np.array([later - mean, below - mean, own - mean, later - mean - (below - mean) - (own - mean)])
            np.testing.assert_allclose(found[place, layer, number, :, 0], np.median(np.abs(rows / sigma), axis=1))
