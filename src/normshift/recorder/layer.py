"""A layer of a person's own network: what stands at which site of it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple


class Place(NamedTuple):
    """The input or the output (``end``) of a module at its n-th call in a forward pass, from 0."""

    module: str
    call: int
    end: str


@dataclass(frozen=True)
class Layer:
    """A normaliser and the nonlinearity after it, or one of both, or another module.

    ``places`` says where each site is read: u is the normaliser's input, y its output, a the nonlinearity's output;
    without a normaliser u and y are both the nonlinearity's input. Of a recurrent network, and of any other module that
    was asked for, a is the output, the only site. ``axis`` is where the units are, from the end if negative.
    """

    name: str
    kind: str  # the module's class
    places: Mapping[str, Place]
    axis: int
    units: int
    normaliser: str | None = None  # the module that normalises
    activation: str | None = None  # the nonlinearity's class
    by_batch: bool = False  # it normalises by the batch, and by running averages in evaluation
    eps: float = 0.0

    @property
    def y_from_u(self) -> bool:
        """Whether y is u, or batch norm's function of it."""
        return self.normaliser is None or self.by_batch

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that the layer has; x is known where batch norm tells it from u."""
        return tuple(site for site in "uxya" if site in self.places or (site == "x" and self.by_batch))

    def written(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self) | {"places": {site: list(place) for site, place in self.places.items()}}


def read(written: Mapping[str, Any]) -> Layer:
    """Return the layer that `Layer.written` wrote."""
    places = {site: Place(*place) for site, place in written["places"].items()}
    return Layer(**{**written, "places": places})


def places(layers: tuple[Layer, ...]) -> Iterator[tuple[Place, int, int]]:
    """Yield each place once, with the number of the layer that it belongs to, from 0, and the axis of its units."""
    seen = set()
    for number, layer in enumerate(layers):
        for place in layer.places.values():
            if place not in seen:
                seen.add(place)
                yield place, number, layer.axis
