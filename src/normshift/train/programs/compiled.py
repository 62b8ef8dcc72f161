"""The fast program of the processor: compiled loops over cells (`normshift.train.compiled`)."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train import arms, stacks
from normshift.train.compiled import descending, looking, network, normalisers, sloping, training
from normshift.train.compiled.layout import Layout
from normshift.train.disturbance import Done
from normshift.train.motion import Motion
from normshift.train.programs.curves import BOUND, Curves
from normshift.train.programs.stepwise import Seen
from normshift.train.samples import Fixed, Samples

ALL_SITES, ONLY_U, NO_SITE = 4, 1, 0


def _disturbing(done: Done) -> network.Disturbing:
    return network.Disturbing(*(tensor.numpy() for tensor in done))


class Compiled:
    """Cells one after the other, each for many steps; nothing that a cell computes can depend on another."""

    def __init__(
        self,
        module: nn.Module,
        cells: list[Cell],
        parameters: State,
        buffers: State,
        samples: Samples,
        motion: Motion | None,
    ):
        self._samples, self._layout = samples, Layout(cells[0], parameters)
        self._network = self._layout.network
        self._theta = self._layout.flat(parameters)
        self.parameters = self._layout.views(self._theta)
        self._running = self._layout.running(buffers, self._theta)
        self.buffers = {**buffers, **self._layout.running_views(self._running)}
        affine_gradients = torch.zeros(len(cells), self._network.depth, 2, self._network.width, dtype=samples.dtype)
        self.gradients = self._layout.gradient_views(affine_gradients)
        self.curves = Curves(len(cells), samples.steps, samples.dtype, "cpu")
        curves = (self.curves.loss, self.curves.accuracy, self.curves.ended)
        changing = (self._theta, self._running, affine_gradients, *curves)
        self._state = training.State(*(tensor.numpy() for tensor in changing))
        parts = (samples.inputs, samples.labels, samples.streams, samples.seed_of, samples.stream_of, samples.fresh)
        self._disturbance, self._next = samples.disturbance, 0
        self._data = training.Data(*(tensor.numpy() for tensor in parts), _disturbing(self._disturbance.nothing()))
        nowhere = torch.zeros(0, 0, 0, 0, dtype=samples.dtype)
        sums = (motion.step_abs, motion.step_norm, motion.sign_changes) if motion else (nowhere,) * 3
        last = torch.zeros_like(affine_gradients)
        self._moving = training.Moving(*(tensor.numpy() for tensor in (*sums, last)))
        self._blocks = np.array([Motion.block_of(step, samples.steps) for step in range(samples.steps)])
        self._rates = stacks.rates(cells, samples.dtype, "cpu").numpy()
        self._number = self._data.inputs.dtype.type
        self._momenta = np.array([cell.norm.momentum for cell in cells], self._number)
        self._eps = self._number(getattr(module.hidden[0].normaliser, "eps", 0.0))
        held = [self._layout.flat_places(arms.held(cell, module)) for cell in cells]
        kind, freezing = cells[0].optimizer.kind, list(map(arms.freezing, cells))
        self._rule = descending.rule(kind, self._layout.length, held, freezing, self._number)
        self._gradient = np.zeros(self._layout.length, self._number)
        self._by_batch = module.hidden[0].normaliser.by_batch
        self._rooms: dict[tuple[int, bool], network.Scratch] = {}

    def _room(self, net: network.Network, samples: int) -> network.Scratch:
        if (samples, net.noisy) not in self._rooms:
            self._rooms[samples, net.noisy] = network.scratch(net, samples, np.dtype(self._number))
        return self._rooms[samples, net.noisy]

    def _batches(self, steps: Sequence[int]) -> training.Data:
        """Return the data with what disturbs the batches of some steps."""
        return self._data._replace(disturbing=_disturbing(self._disturbance.of_batches(steps)))

    def _disturbed(self, data: training.Data) -> network.Network:
        """Return the network as it is with what disturbs the data."""
        noise, excursions = data.disturbing.noise, data.disturbing.excursions
        return self._network._replace(noisy=noise.size > 0, replayed=excursions.size > 0)

    @property
    def parts(self) -> list[slice]:
        """The cells whose numbers may be reduced together: each alone, for its bits must not depend on its company."""
        return [slice(number, number + 1) for number in range(len(self._theta))]

    def advance(self, begin: int, end: int) -> None:
        """Train from step ``begin`` to before ``end``."""
        noise, data = self._samples.noises(range(begin, end)).numpy(), self._batches(range(begin, end))
        net = self._disturbed(data)
        room = self._room(net, self._samples.batch_size)
        rules = (self._number(BOUND), self._momenta, self._eps)
        rest = (self._rates, self._moving, self._blocks, *rules, room, self._gradient, begin, end)
        training.advance(net, self._state, data, noise, self._rule, *rest)
        self._next = end

    def _look(
        self, data: training.Data, noise: Tensor, steps: Sequence[int], samples: int, sites: int, kept: Tensor,
        averages: State | None, parameters: State | None = None,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """Return `looking.Shown` as tensors, of batches of ``samples``."""
        net, each = self._disturbed(data), (len(self._theta), len(steps))
        kind = net.normaliser if averages is None or not self._by_batch else normalisers.AVERAGED
        scored = each if sites == NO_SITE else (0, 0)
        running = self._running if averages is None else self._layout.running(averages, self._theta)
        sizes = (
            (*each, net.depth if sites else 0, sites, 2, net.width),
            (*each, net.depth if kept.numel() else 0, 2, samples, kept.shape[1]),
            scored,
            scored,
        )
        shown = [torch.empty(size, dtype=self._theta.dtype) for size in sizes]
        looking.look(
            net._replace(normaliser=kind, to_u=sites == ONLY_U),
            looking.Stack(self._flat(parameters), running.numpy()),
            data,
            noise.numpy(),
            np.array(steps),
            kept.numpy(),
            self._room(net, samples),
            self._eps,
            looking.Shown(*(tensor.numpy() for tensor in shown)),
        )
        return tuple(shown)

    def _flat(self, parameters: State | None) -> np.ndarray:
        return (self._theta if parameters is None else self._layout.flat(parameters)).numpy()

    def _look_at(
        self, fixed: Fixed, sites: int, kept: Tensor, averages: State | None, parameters: State | None,
        calm: bool = False,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """Look at a whole fixed set as one batch, disturbed as the next step is."""
        count = fixed.inputs.shape[1]
        calm = calm or averages is not None
        done = self._disturbance.nothing() if calm else self._disturbance.of_set(fixed.name, count, self._next)
        data = self._through(fixed, torch.arange(count, dtype=torch.int32)[None], done)
        return self._look(data, self._silence(fixed), [0], count, sites, kept, averages, parameters)

    def _through(self, fixed: Fixed, places: Tensor, done: Done) -> training.Data:
        """Return a fixed set with a stream that runs through these places."""
        zeros = np.zeros(len(self._theta), np.int64)
        arrays = (fixed.inputs.numpy(), fixed.labels.numpy(), places.reshape(1, -1).numpy(), fixed.row_of.numpy())
        return training.Data(*arrays, zeros, zeros.astype(np.bool_), _disturbing(done))

    def _silence(self, fixed: Fixed) -> Tensor:
        return torch.zeros(0, 0, *fixed.inputs.shape[1:], dtype=self._theta.dtype)

    def see(
        self,
        fixed: Fixed,
        kept: Tensor,
        averages: State | None = None,
        only_u: bool = False,
        parameters: State | None = None,
        calm: bool = False,
    ) -> Seen:
        """Show a fixed set to all cells; see `Stepwise.see`."""
        units = kept[:, :0] if only_u else kept
        sites = ONLY_U if only_u else ALL_SITES
        found, samples, _, _ = self._look_at(fixed, sites, units, averages, parameters, calm)
        return Seen(found[:, 0], samples[:, 0, :, 0], samples[:, 0, :, 1])

    def exact(self, fixed: Fixed) -> Tensor:
        """Return the moments of u over a fixed set in evaluation by themselves; see `Stepwise.exact`."""
        nothing = torch.empty(self._network.depth, 0, dtype=torch.int64)
        return self.see(fixed, nothing, only_u=True, calm=True).moments[:, :, 0]

    def see_parts(self, fixed: Fixed, places: Tensor, kept: Tensor) -> Tensor:
        """Show parts of a fixed set, each as a batch; see `Stepwise.see_parts`."""
        data = self._through(fixed, places, self._disturbance.nothing())
        looks = (range(len(places)), places.shape[1], ALL_SITES, kept, None)
        return self._look(data, self._silence(fixed), *looks)[1][:, :, :, 1]

    def see_batches(self, steps: Sequence[int], only_u: bool = False) -> Tensor:
        """Show every cell its own batches of some steps; see `Stepwise.see_batches`."""
        nothing = torch.empty(self._network.depth, 0, dtype=torch.int64)
        noise, size = self._samples.noises(steps), self._samples.batch_size
        sites = ONLY_U if only_u else ALL_SITES
        return self._look(self._batches(steps), noise, steps, size, sites, nothing, None)[0]

    def slope(self, steps: Sequence[int], parameters: State | None = None) -> tuple[Tensor, State]:
        """Return loss and gradient of each cell on its own batches of some steps; see `Stepwise.slope`."""
        loss = torch.empty(len(self._theta), len(steps), dtype=self._theta.dtype)
        gradient = torch.zeros(*loss.shape, self._layout.length, dtype=self._theta.dtype)
        data = self._batches(steps)
        net = self._disturbed(data)
        sloping.slope(
            net,
            looking.Stack(self._flat(parameters), self._running.numpy()),
            data,
            self._samples.noises(steps).numpy(),
            np.array(steps),
            self._room(net, self._samples.batch_size),
            self._eps,
            loss.numpy(),
            gradient.numpy(),
        )
        return loss, self._layout.views(gradient)

    def score(
        self, fixed: Fixed, averages: State | None = None, parameters: State | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return cross-entropy and accuracy of each cell on a fixed set; see `Stepwise.score`."""
        nothing = torch.empty(self._network.depth, 0, dtype=torch.int64)
        _, _, loss, accuracy = self._look_at(fixed, NO_SITE, nothing, averages, parameters)
        return loss[:, 0], accuracy[:, 0]
