"""Looking at a network without touching it."""

import copy

import torch
from torch import Tensor, nn
from torch.func import functional_call

from normshift.networks.layer import Sites
from normshift.observe.ragged import side_by_side

State = dict[str, Tensor]


def forward(network: nn.Module, parameters: State, buffers: State, inputs: Tensor) -> tuple[Tensor, list[Sites]]:
    """Return logits (sample, class) and each layer's sites (sample, unit); running averages stay as they are."""
    untouched = {name: value.clone() for name, value in buffers.items()}
    return functional_call(network, (parameters, untouched), (inputs,))


def evaluating(network: nn.Module) -> nn.Module:
    """Return a copy that normalises by its buffers instead of the batch."""
    return copy.deepcopy(network).eval()


def population(buffers: State, seen: Tensor) -> State:
    """Return buffers with the exact moments of u over the training set, (..., layer, 2, unit).

    ``seen`` is read in batch mode: normalising the whole training set as one batch gives every layer the inputs it has
    under exact statistics, so one pass is enough; an average of batch moments would miss the variance of their means.
    """
    exact = dict(buffers)
    for number, layer in enumerate(seen.unbind(-3)):
        mean, sd = layer[..., : buffers[f"hidden.{number}.normaliser.running_mean"].shape[-1]].unbind(-2)
        exact[f"hidden.{number}.normaliser.running_mean"] = mean
        exact[f"hidden.{number}.normaliser.running_var"] = sd**2
    return exact


def averages(buffers: State, layers: int) -> Tensor:
    """Return each layer's running mean and variance: (..., layer, 2, unit)."""
    names = [[f"hidden.{layer}.normaliser.running_{name}" for name in ("mean", "var")] for layer in range(layers)]
    return side_by_side([torch.stack([buffers[name] for name in pair], dim=-2) for pair in names], -3)
