"""Looks at networks that were never trained: between two states of a stack, and further along a gradient."""

from torch import Tensor, nn

from normshift.observe.forward import State
from normshift.observe.plan import Plan
from normshift.params import Cell
from normshift.train import arms, interventions, stacks
from normshift.train.found import Found
from normshift.train.samples import Samples
from normshift.train.units import Units


class Interventions:
    """Keeps a full point's parameters until its last follower."""

    def __init__(
        self, running, network: nn.Module, cells: list[Cell], samples: Samples, plan: Plan, units: Units, found: Found
    ):
        self._running, self._network, self._cells = running, network, cells
        self._plan, self._units, self._found = plan, units, found
        self._rates = stacks.rates(cells, samples.dtype, samples.device)
        self._probe, self._held_out = samples.fixed("probe"), samples.fixed("second")
        self._begun: dict[int, tuple[State, Tensor]] = {}  # parameters and held-out loss at full points

    def before(self, step: int) -> None:
        """Keep the stack at a full point; see what became of those before."""
        if step in self._plan.full:
            parameters = {name: value.clone() for name, value in self._running.parameters.items()}
            self._begun[step] = parameters, self._running.score(self._held_out)[0]
        self._compose(step)
        # Epochs may overlap: each full point is kept for its own.
        self._begun = {full: begun for full, begun in self._begun.items() if step < full + max(self._plan.lags)}

    def after(self, step: int) -> None:
        """See what parts of a full point's update, and longer steps along its gradient, would have done."""
        running, (before, _), after = self._running, self._begun[step], self._running.parameters
        rates = self._rates[:, step]
        gradient = {name: value[:, 0] for name, value in running.slope([step], before)[1].items()}
        stays = arms.staying(self._cells, self._network, step)
        norm, seen = interventions.landscape(running, before, step, gradient, rates, stays)
        shifted = interventions.gradient_shift(running, before, after, step, gradient)
        found = {"rate": rates[:, 0], "gradient_norm": norm, "landscape": seen, "gradient_shift": shifted}
        for name, values in found.items():
            self._found.at_full(name, step, values)
        parts = interventions.attributed(running, before, after, self._probe, self._units.attributed.shape[-1])
        self._units.enter("attributed", (self._plan.full.index(step),), parts)
        self._compose(step + 1)

    def _compose(self, step: int) -> None:
        """See the held-out loss if only some of what moved since a full point had moved."""
        size = (len(self._plan.full), len(self._plan.lags))
        for lag, later in enumerate(self._plan.lags):
            full = step - later
            if full in self._plan.composed:
                before, unmoved = self._begun[full]
                loss = interventions.composition(
                    self._running, before, self._running.parameters, self._held_out, unmoved
                )
                place = (self._plan.full.index(full), lag)
                self._found.put("composition", place, size, loss)
