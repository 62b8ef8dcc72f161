"""From what was seen of every unit to what is recorded, where training does not easily lead."""

import numpy as np
import pytest
import torch

from normshift.observe.moments import SMALL_GAMMA
from normshift.observe.plan import plan
from normshift.train.summary import summary
from normshift.train.units import blank, settled

U, Y = 0, 2


def test_the_spread_of_a_unit_with_next_to_no_gamma_has_a_floor_at_y_alone():
    made = plan(30, 10)
    units = blank(1, 2, 3, (4, 3), made, torch.float64, "cpu")
    draw = torch.Generator().manual_seed(0)
    for name in ("probe", "attributed", "second"):
        getattr(units, name).uniform_(0.001, 0.01, generator=draw)
    units.gamma.fill_(SMALL_GAMMA / 2)
    kept = torch.arange(3).repeat(2, 1)
    found = summary(units, made, kept, affine=True, by_batch=False, y_from_u=True, eps=1e-5)["attribution"][0].numpy()
    for place, step in enumerate(made.full):
        point = made.points.index(step)
        for layer, (number, site) in ((1, (0, U)), (1, (1, Y))):
            (mean, sd), (later, later_sd) = units.probe[0, layer, point, :, site].numpy()
            (below, _), (own, _) = units.attributed[0, layer, place, :, number].numpy()
            sigma = np.sqrt((sd**2 + later_sd**2) / 2) if site == U else SMALL_GAMMA
            rows = np.array([later - mean, below - mean, own - mean, later - mean - (below - mean) - (own - mean)])
            np.testing.assert_allclose(found[place, layer, number, :, 0], np.median(np.abs(rows / sigma), axis=1))


@pytest.mark.parametrize("y_from_u", [True, False])
def test_the_rounding_of_a_constant_unit_is_taken_out_of_its_moments_and_examples(y_from_u):
    """Layer 1 keeps units 0 and 2, layer 2 units 1 and 2; unit 2 is constant at u, unit 0 from x on after an update."""
    made, kept = plan(30, 10), torch.tensor([[0, 2], [1, 2]])
    units = blank(1, 2, 3, (4, 2), made, torch.float64, "cpu")
    draw = torch.Generator().manual_seed(0)
    for name in ("probe", "second", "modes", "attributed", "y", "y_after"):
        getattr(units, name).uniform_(1, 2, generator=draw)
    units.probe[..., U, 1, 2] = units.probe[:, :, :, 1, 1:, 1, 0] = 1e-9
    found = settled(units, made, kept, y_from_u)
    still = (found.probe[..., 1, :] == 0).numpy()
    assert still[..., U, 2].all() and (still[..., 1:, 2] == y_from_u).all()
    assert still[:, :, :, 1, 1:, 0].all() and still.sum() == still[..., 2].sum() + still[:, :, :, 1, 1:, 0].sum()
    assert (found.probe[..., 0, :] == units.probe[..., 0, :]).all() and (found.second == units.second).all()
    same = (found.y == found.y[..., :1, :]).all(-2)[0], (found.y_after == found.y_after[..., :1, :]).all(-2)[0]
    assert [layer.all(0).tolist() for layer in same[0]] == [[False, y_from_u], [False, y_from_u]]
    assert [layer.all(0).tolist() for layer in same[1]] == [[True, y_from_u], [False, y_from_u]]
    assert (found.y[..., 0, :] == units.y[..., 0, :]).all() and (found.y[:, 0, :, :, 0] == units.y[:, 0, :, :, 0]).all()
