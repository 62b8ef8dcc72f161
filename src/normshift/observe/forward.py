"""Looking at a network without touching it."""

import copy

from torch import Tensor, nn
from torch.func import functional_call

from normshift.networks.layer import Sites
from normshift.observe.moments import moments

State = dict[str, Tensor]


def forward(network: nn.Module, parameters: State, buffers: State, inputs: Tensor) -> tuple[Tensor, list[Sites]]:
    """Return logits (sample, class) and each layer's sites (sample, unit); running averages stay as they are."""
    untouched = {name: value.clone() for name, value in buffers.items()}
    return functional_call(network, (parameters, untouched), (inputs,))


def evaluating(network: nn.Module) -> nn.Module:
    """Return a copy that normalises by its buffers instead of the batch."""
    return copy.deepcopy(network).eval()


def population(buffers: State, sites: list[Sites]) -> State:
    """Return buffers with the exact moments of u over the samples behind ``sites``, read in batch mode.

    Normalising the whole training set as one batch gives every layer the inputs it has under exact statistics, so one
    pass is enough; an average of batch moments would miss the variance of the batch means.
    """
    exact = dict(buffers)
    for number, site in enumerate(sites):
        mean, sd = moments(site.u).unbind(-2)
        exact[f"hidden.{number}.normaliser.running_mean"] = mean
        exact[f"hidden.{number}.normaliser.running_var"] = sd**2
    return exact
