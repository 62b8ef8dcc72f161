"""What batch norm sends forward and what it sends back, apart: against formulas, finite batches and `jacrev`."""

import itertools
from functools import partial

import numpy as np
import pytest
import torch
from torch.func import functional_call, jacrev

from normshift.networks.normalisers import REGISTRY
from normshift.networks.ways import divided, sent_back_as, sigma, standardised

EPS = 1e-5
# Normaliser: what goes forward, what goes back.
ARMS = {
    "batch": ("steady", "full"),
    "steady_detached": ("steady", "detached"),
    "free_full": ("free", "full"),
    "free_detached": ("free", "detached"),
}


def sample(samples: int = 5, width: int = 3, seed: int = 0) -> torch.Tensor:
    return 2 + 3 * torch.randn(samples, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def forward(u: np.ndarray, kind: str) -> np.ndarray:
    """x by the formula, unit by unit."""
    if kind == "free":
        return u
    return np.stack([(unit - unit.mean()) / np.sqrt(unit.var() + EPS) for unit in u.T], axis=1)


def backward(u: np.ndarray, dx: np.ndarray, kind: str) -> np.ndarray:
    """du by the formula: (1 / sigma) M dx, M the identity or I - 11' / m - xhat xhat' / m, unit by unit."""
    count, found = len(u), np.empty_like(u)
    for j, unit in enumerate(u.T):
        sd = np.sqrt(unit.var() + EPS)
        xhat, matrix = (unit - unit.mean()) / sd, np.eye(count)
        if kind == "full":
            matrix = matrix - np.ones((count, count)) / count - np.outer(xhat, xhat) / count
        found[:, j] = matrix @ dx[:, j] / sd
    return found


def made(arm: str):
    return REGISTRY[arm](3).double()


@pytest.mark.parametrize("arm", ARMS)
def test_each_arm_sends_forward_and_back_what_its_formulas_say(arm):
    u, dx = sample().requires_grad_(), sample(seed=1)
    x = made(arm)(u)
    x.backward(dx)
    ahead, back = ARMS[arm]
    assert x.detach().numpy() == pytest.approx(forward(u.detach().numpy(), ahead), abs=1e-12)
    assert u.grad.numpy() == pytest.approx(backward(u.detach().numpy(), dx.numpy(), back), abs=1e-12)


@pytest.mark.parametrize("arm", ARMS)
def test_the_jacobian_says_the_same(arm):
    u, module = sample(), made(arm)
    found = jacrev(partial(functional_call, module), argnums=1)(dict(module.named_buffers()), u)
    for i, j in itertools.product(range(5), range(3)):
        one = torch.zeros_like(u)
        one[i, j] = 1
        assert found[i, j].numpy() == pytest.approx(backward(u.numpy(), one.numpy(), ARMS[arm][1]), abs=1e-12)


def test_arms_that_go_back_alike_have_the_same_gradient_for_the_same_dx():
    for way in ("full", "detached"):
        grads = []
        for arm in (name for name, (_, back) in ARMS.items() if back == way):
            u = sample().requires_grad_()
            made(arm)(u).backward(sample(seed=1))
            grads.append(u.grad)
        torch.testing.assert_close(*grads)


def test_steady_and_full_by_the_same_construction_is_batch_norm():
    u, other, dx = sample().requires_grad_(), sample().requires_grad_(), sample(seed=1)
    way = standardised(u, EPS)
    built, whole = sent_back_as(way, way), made("batch")(other)
    built.backward(dx)
    whole.backward(dx)
    torch.testing.assert_close(built, whole)
    torch.testing.assert_close(u.grad, other.grad)


def test_a_value_is_sent_forward_bit_for_bit():
    u = sample().float()
    assert (sent_back_as(divided(u, EPS), u) == u).all()
    assert (made("free_full").float()(u) == u).all() and (made("free_detached").float()(u) == u).all()


def test_a_constant_unit_has_sigma_root_eps():
    torch.testing.assert_close(sigma(torch.ones(4, 2), EPS), torch.full((2,), EPS).sqrt())


def test_evaluation_uses_running_averages_where_x_is_steady_and_u_where_it_is_free():
    for arm, (ahead, _) in ARMS.items():
        module = made(arm)
        module(sample())
        module.eval()
        u = sample(seed=2)
        expected = u if ahead == "free" else (u - module.running_mean) / torch.sqrt(module.running_var + EPS)
        torch.testing.assert_close(module(u), expected)
        assert module.by_batch == (ahead == "steady")


def test_steady_arms_move_their_averages_alike():
    one, other = made("batch"), made("steady_detached")
    for seed in range(3):
        one(sample(seed=seed))
        other(sample(seed=seed))
    assert (one.running_mean == other.running_mean).all() and (one.running_var == other.running_var).all()
