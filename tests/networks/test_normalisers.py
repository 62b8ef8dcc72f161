"""The normalisers that networks may have beside batch norm, against PyTorch's own or the printed formula."""

import numpy as np
import pytest
import torch
from torch import nn

from normshift.networks.layer import Convolution, Dense
from normshift.networks.normalisers import REGISTRY, batch, batch_renorm
from normshift.networks.normalisers.group import MOST
from normshift.networks.positions import grouped, images, rows

IMAGES = torch.randn(5, 12, 4, 3, generator=torch.Generator().manual_seed(0)) * 2 + 1


def by_rows(kind, values=IMAGES):
    """What a layer does: rows, those of a sample together where the normaliser wants them so."""
    norm, found = REGISTRY[kind](values.shape[1]), rows(values)
    together = grouped(found, len(values)) if norm.by_sample else found
    return images(norm(together).reshape(found.shape), *values.shape[2:])


def test_rows_and_images_are_each_others_reverse():
    assert torch.equal(images(rows(IMAGES), 4, 3), IMAGES)
    assert torch.equal(rows(IMAGES)[7], IMAGES[0, :, 2, 1])
    assert torch.equal(grouped(rows(IMAGES), 5)[2, 4], IMAGES[2, :, 1, 1])


@pytest.mark.parametrize(
    ("kind", "whole"),
    [
        ("batch", nn.BatchNorm2d(12, affine=False)),
        ("layer", nn.LayerNorm([12, 4, 3], elementwise_affine=False)),
        ("group", nn.GroupNorm(MOST, 12, affine=False)),
    ],
)
def test_a_convolutions_normaliser_is_pytorchs_of_images(kind, whole):
    torch.testing.assert_close(by_rows(kind), whole(IMAGES), rtol=1e-5, atol=1e-5)


def test_rms_norm_divides_by_the_root_mean_square_of_a_sample():
    expected = IMAGES / (IMAGES.square().mean((1, 2, 3), keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(by_rows("rms"), expected)
    flat = IMAGES[:, :, 0, 0]
    torch.testing.assert_close(REGISTRY["rms"](12)(flat), nn.RMSNorm(12, eps=1e-5, elementwise_affine=False)(flat))


@pytest.mark.parametrize(("width", "groups"), [(6, 3), (16, 4), (7, 1), (100, 4), (2, 2)])
def test_group_norm_has_as_many_groups_as_divide_the_units(width, groups):
    norm, u = REGISTRY["group"](width), torch.randn(9, width, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(norm(u), nn.GroupNorm(groups, width, affine=False)(u))


def test_batch_renorm_is_batch_norm_at_first_and_in_the_end_corrected_towards_the_running_averages():
    norm, u = REGISTRY["batch_renorm"](4), 3 + 2 * torch.randn(40, 4, generator=torch.Generator().manual_seed(2))
    plain = nn.BatchNorm1d(4, affine=False)
    torch.testing.assert_close(norm(u), plain(u))
    norm.running_mean.fill_(2.5)
    norm.running_var.fill_(3.0)
    norm.num_batches_tracked.fill_(batch_renorm.END)
    mean, sigma = u.mean(0), (u.var(0, correction=0) + 1e-5).sqrt()
    used = (norm.running_var + 1e-5).sqrt()
    r, d = (sigma / used).clamp(1 / 3, 3), ((mean - 2.5) / used).clamp(-5, 5)
    torch.testing.assert_close(norm(u), (u - mean) / sigma * r + d, rtol=1e-5, atol=1e-5)


def test_corrections_are_constants_on_the_way_back():
    norm, u = REGISTRY["batch_renorm"](3).double(), torch.randn(20, 3, dtype=torch.float64, requires_grad=True)
    norm.num_batches_tracked.fill_(batch_renorm.END)
    (norm(u) ** 3).sum().backward()
    mean, sigma = u.mean(0), (u.var(0, correction=0) + 1e-5).sqrt()
    used = torch.sqrt(torch.ones(3, dtype=torch.float64) + 1e-5)
    r, d = (sigma / used).clamp(1 / 3, 3).detach(), (mean / used).clamp(-5, 5).detach()
    (expected,) = torch.autograd.grad((((u - mean) / sigma * r + d) ** 3).sum(), u)
    torch.testing.assert_close(u.grad, expected)


@pytest.mark.parametrize("layer", [Dense(30, 8, REGISTRY["weight_standardised"], "relu"), None])
def test_standardised_weights_have_no_mean_and_the_variance_they_would_start_with(layer):
    layer = layer or Convolution(3, 8, REGISTRY["weight_standardised"], "relu", kernel=3)
    with torch.no_grad():
        layer.linear.weight.mul_(7).add_(2)
        layer.linear.bias.zero_()
    flat = layer.linear.weight.detach().flatten(1)
    fan_in = flat.shape[1]
    used = (flat - flat.mean(1, keepdim=True)) / (flat.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
    expected = (used * np.sqrt(2 / fan_in)).reshape(layer.linear.weight.shape)
    inputs = torch.randn(4, 30) if isinstance(layer, Dense) else torch.randn(4, 3, 6, 6)
    plain = nn.functional.linear if isinstance(layer, Dense) else nn.functional.conv2d
    torch.testing.assert_close(layer.mapped(inputs), plain(inputs, expected), rtol=1e-4, atol=1e-5)


def test_batch_norm_of_very_many_rows_keeps_its_digits():
    u = 1 + 0.3 * torch.randn(20 * batch.MANY, 6, generator=torch.Generator().manual_seed(3))
    u[::2] = 1.5
    exact = u.double()
    expected = (exact - exact.mean(0)) / (exact.var(0, correction=0) + 1e-5).sqrt()
    assert (REGISTRY["batch"](6)(u).double() - expected).abs().max() < 5e-6
    few, norm = u[: batch.MANY], REGISTRY["batch"](6).double()
    torch.testing.assert_close(norm(few.double()), nn.BatchNorm1d(6, affine=False).double()(few.double()))
