"""The ways that are compared train the same networks."""

import numpy as np
import pytest

from benchmarks import plain
from benchmarks.cells import NORMS, Setting, grid, shuffled
from normshift.train.loop import train

STEPS = 20
DATA = shuffled(STEPS)
# Biases before batch norm have no gradient but rounding: they stay within this of 0.
NOTHING = 1e-7


def ended(cells) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in train(cells, DATA, "serial", observing=False)[1].items()}


def assert_close(one, other, name: str) -> None:
    """Say that ||one - other|| is at most 1e-4 ||other||."""
    assert one.shape == other.shape
    assert np.linalg.norm(one - other) <= 1e-4 * np.linalg.norm(other) + NOTHING, name


@pytest.mark.slow
@pytest.mark.parametrize("norm", NORMS)
def test_jax_trains_the_same_networks_as_the_plain_loop(norm):
    pytest.importorskip("jax")
    from benchmarks import peer_jax

    cells = grid(Setting(norm, 100, 13, STEPS))
    assert len({cell.lr for cell in cells}) > 1 and len({cell.seed for cell in cells}) > 1
    expected = ended(cells)
    parameters, _, (losses, accuracies) = peer_jax.prepared(cells, DATA)()
    assert parameters.keys() == expected.keys()
    for name in expected:
        assert_close(np.asarray(parameters[name]), expected[name], name)
    assert losses.shape == accuracies.shape == (len(cells), STEPS)


@pytest.mark.slow
def test_jax_keeps_the_running_averages_of_ordinary_batch_norm():
    pytest.importorskip("jax")
    from benchmarks import peer_jax

    cells = grid(Setting("batch", 100, 1, STEPS))
    _, running, _ = peer_jax.prepared(cells, DATA)()
    expected = [buffer.numpy() for buffer in plain.trained(cells[0], DATA).buffers() if buffer.ndim]
    assert len(expected) == 2 * cells[0].model.depth
    for layer in range(cells[0].model.depth):
        for moment, value in zip(("mean", "variance"), expected[2 * layer :], strict=False):
            assert_close(np.asarray(running[f"hidden.{layer}.{moment}"])[0], value, f"{layer} {moment}")


@pytest.mark.slow
@pytest.mark.parametrize("norm", NORMS)
def test_ordinary_layers_in_a_loop_train_the_same_network_as_the_plain_loop_of_normshift(norm):
    cells = grid(Setting(norm, 100, 1, STEPS))
    parameters = [value.detach().numpy() for value in plain.trained(cells[0], DATA).parameters()]
    for (name, value), mine in zip(ended(cells).items(), parameters, strict=True):
        assert_close(mine, value[0], name)
