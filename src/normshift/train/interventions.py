"""What follows if only some of an update's parameters move, or if they move further along the gradient.

Each function lets a program look at states of its own making; nothing that it trains changes.
"""

import itertools
from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from normshift.observe import hybrid
from normshift.observe.forward import State
from normshift.records import LENGTHS
from normshift.train.motion import layer_names
from normshift.train.norms import inner, norm
from normshift.train.programs.stepwise import column
from normshift.train.samples import Fixed
from normshift.train.stacks import rate_of

U_Y = [0, 2]  # of the axis `site`


def gradient_shift(running, before: State, after: State, step: int, gradient: State) -> Tensor:
    """Return what Def. 2.1 of Santurkar et al. 2018 is made of: (cell, reading, layer, part), NaN in layer 1.

    ``G_i`` is the gradient of a layer's weight before the update on its batch, ``G'_i`` that with all layers before it
    updated. Whether its own gamma and beta come before it is the reading: they do not, they do.
    """
    weights, like = layer_names(before, "linear.weight"), next(iter(before.values()))
    found = like.new_full((len(like), 2, len(weights), 6), torch.nan)
    for layer, weight in list(enumerate(weights))[1:]:
        lower, own = hybrid.below(before, layer), hybrid.affine(before, layer)
        for reading, moved in enumerate((lower, lower | own)):
            if reading and not own:
                found[:, 1, layer] = found[:, 0, layer]
                continue
            _, later = running.slope([step], hybrid.hybrid(before, after, moved))
            found[:, reading, layer] = _shift(
                running.parts, gradient[weight], later[weight][:, 0], before, after, moved
            )
    return found


def _shift(parts, one: Tensor, two: Tensor, before: State, after: State, moved: Collection[str]) -> Tensor:
    """Return |G|, |G'|, |G' - G|, <G, G'>, and |d theta| and |theta| of the weights that moved: (cell, part).

    Of weights alone: gamma and beta beside them would make a share of the length that scaling the weights changes.
    """
    names = sorted(name for name in moved if name.endswith("linear.weight"))
    lengths = [norm(parts, [one]), norm(parts, [two]), norm(parts, [two - one]), inner(parts, one, two)]
    change = norm(parts, [after[name] - before[name] for name in names])
    return torch.stack([*lengths, change, norm(parts, [before[name] for name in names])], dim=1)


def learnt(gradient: State, rates: Tensor, stays: State) -> State:
    """Return the gradient of what each cell learns, 0 elsewhere: by `stacks.rates` of the step and `arms.staying`."""
    learns = {name: column(rates[:, rate_of(name)] > 0, value) for name, value in gradient.items()}
    learns |= {name: learns[name] & ~entries.to(rates.device) for name, entries in stays.items()}
    return {name: torch.where(learns[name], value, 0.0) for name, value in gradient.items()}


def landscape(running, before: State, step: int, gradient: State, rates: Tensor, stays: State) -> tuple[Tensor, Tensor]:
    """Return the norm of the gradient (cell), and along it loss and |change of the gradient| (cell, length, 2).

    ``rates`` and ``stays`` as of `learnt`. At ``theta - length * rate * g``, same batch (Santurkar et al. 2018,
    section 3.1); the rate is that of the output layer, which no arm changes.
    """
    own = learnt(gradient, rates, stays)
    found = []
    for length in LENGTHS:
        far = rates[:, 0] * length
        there = {name: value - column(far, value) * own[name] for name, value in before.items()}
        loss, slope = running.slope([step], there)
        slope = learnt({name: value[:, 0] for name, value in slope.items()}, rates, stays)
        found.append(torch.stack([loss[:, 0], norm(running.parts, [slope[name] - own[name] for name in own])], dim=1))
    return norm(running.parts, own.values()), torch.stack(found, dim=1)


def attributed(running, before: State, after: State, probe: Fixed, width: int) -> Tensor:
    """Return moments at u and y if only what lies below a layer moved, only it itself: (cell, layer, 2, 2, 2, unit).

    Axes: layer, cause (below, own), site (u, y), moment (mean, sd), unit; NaN in layer 1, which has nothing below.
    """
    depth, like = hybrid.depth(before), next(iter(before.values()))
    nothing = torch.empty(depth, 0, dtype=torch.int64, device=like.device)
    found = like.new_full((len(like), depth, 2, 2, 2, width), torch.nan)
    for layer in range(1, depth):
        for cause, moved in enumerate((hybrid.below(before, layer), hybrid.own(before, layer))):
            state = hybrid.hybrid(before, after, moved)
            found[:, layer, cause] = running.see(probe, nothing, parameters=state).moments[:, layer, U_Y]
    return found


def composition(running, before: State, after: State, held_out: Fixed, unmoved: Tensor) -> Tensor:
    """Return the held-out loss for every choice of the groups that moved: (cell, corner), the first slowest.

    The groups are what lies below the middle layer's gamma and beta, these, and what lies above. ``unmoved`` is the
    loss if none did.
    """
    parts = hybrid.groups(before, (hybrid.depth(before) - 1) // 2)
    losses: dict[frozenset[str], Tensor] = {frozenset(): unmoved}
    corners = []
    for chosen in itertools.product((False, True), repeat=len(parts)):
        moved = frozenset().union(*itertools.compress(parts, chosen))
        if moved not in losses:
            losses[moved] = running.score(held_out, parameters=hybrid.hybrid(before, after, moved))[0]
        corners.append(losses[moved])
    return torch.stack(corners, dim=1)


def gradient_noise(running, steps: Sequence[int], names: Sequence[Sequence[str]]) -> Tensor:
    """Return |mean|^2 and mean |deviation|^2 of gradients over the batches of some steps, at the stack's parameters.

    ``names`` are those of a parameter in each layer: (cell, parameter, layer, 2), NaN where there is none.
    """
    _, slopes = running.slope(steps)
    layers = max(map(len, names))
    found = next(iter(slopes.values())).new_full((len(running.curves.ended), len(names), layers, 2), torch.nan)
    for number, of_layers in enumerate(names):
        for layer, name in enumerate(of_layers):
            for part in running.parts:
                each = slopes[name][part].flatten(2)
                mean = each.mean(dim=1, keepdim=True)
                parts = [(mean * mean).sum(dim=(1, 2)), ((each - mean) ** 2).sum(dim=2).mean(dim=1)]
                found[part, number, layer] = torch.stack(parts, dim=1)
    return found
