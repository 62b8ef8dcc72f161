"""Typed view of build/config.json: refuses unknown, missing, mistyped and out-of-range values, all at once.

A field's annotation is its whole contract: the type, and in ``Annotated`` the values allowed. `typed` walks them, so
that a new parameter is one line here. What a `kind` may be is read off the folder that holds the kinds.
"""

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

PACKAGE = Path(__file__).parent
NAME = r"[A-Za-z0-9_.+-]+"


@dataclass(frozen=True)
class Within:
    """Numbers from ``low`` (itself allowed unless ``above``) to ``high``."""

    low: float
    high: float
    above: bool = False

    def refuses(self, value: float) -> bool:
        """Say whether a number lies outside, NaN included."""
        return not (self.low < value <= self.high if self.above else self.low <= value <= self.high)

    def __str__(self) -> str:
        return f"above {self.low:g}, at most {self.high:g}" if self.above else f"from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class OneOf:
    """A fixed set of words."""

    words: tuple[str, ...]

    def refuses(self, value: str) -> bool:
        """Say whether a word is not among them."""
        return value not in self.words

    def __str__(self) -> str:
        return "that is one of " + ", ".join(self.words)


@dataclass(frozen=True)
class Written:
    """Text of one form: the pattern, and what people are told."""

    pattern: str
    form: str

    def refuses(self, value: str) -> bool:
        """Say whether a text is of another form."""
        return re.fullmatch(self.pattern, value) is None

    def __str__(self) -> str:
        return f"that is {self.form}"


def kinds(folder: str) -> OneOf:
    """Return the kinds there are: one file of the package's ``folder`` each."""
    return OneOf(tuple(sorted(path.stem for path in (PACKAGE / folder).glob("*.py") if path.stem != "__init__")))


Count = Annotated[int, Within(1, 10_000_000)]
Share = Annotated[float, Within(0, 1)]
BatchSize = Annotated[int, Within(1, 1_000_000)]
Rate = Annotated[float, Within(0, 1e6, above=True)]
Regime = Annotated[str, OneOf(("clean", "fresh"))]
Watch = Annotated[str, OneOf(("plain", "detail", "tested"))]
Place = Annotated[str, Written(r"[^\s\x00]+", "not empty and without spaces")]
Line = Annotated[str, Written(r"[^\n\x00]+", "one line")]
Root = Annotated[int, Within(0, 2**63 - 1)]
# The thread's questions in the order in which the page answers them; each claim belongs to one.
QUESTIONS = (
    "consistent",
    "stops",
    "settles",
    "far off",
    "why at all",
    "rate or shuffling",
    "two regimes",
    "schedules",
)


@dataclass(frozen=True)
class File:
    """A file of a data set: its name on every mirror, and what makes sure that it is the right one."""

    name: Annotated[str, Written(NAME, "a file's name")]
    bytes: Annotated[int, Within(1, 1e12)]
    sha256: Annotated[str, Written("[0-9a-f]{64}", "64 hexadecimal digits")]


@dataclass(frozen=True)
class Data:
    """A data set, how it is split and scaled, and where its files are."""

    name: str
    kind: Annotated[str, kinds("fetch/readers")]  # what reads it
    train: Count
    heldout: Count
    # From where training and held-out sets are drawn: from all samples, or each from its own part of an official split.
    split: Annotated[str, OneOf(("pooled", "official"))] = "pooled"
    inputs: Annotated[str, OneOf(("standardised", "channels", "grey", "binary"))] = "standardised"
    shape: list[Count] | None = None  # of an image: channel, height, width; None: inputs that have no place
    classes: Count | None = None  # None: as many as there are labels
    licence: str = ""
    citation: str = ""
    files: dict[str, File] = dataclasses.field(default_factory=dict)  # by what they are to the reader
    mirrors: list[Annotated[str, Written("https?://.+/", "an http(s) address that ends in /")]] = dataclasses.field(
        default_factory=list
    )
    folder: str | None = None  # of its files in the cache and on a mirror of one's own; None: its name
    # Where, never what: no stage declares these two, and no result depends on them.
    mirror: str | None = None  # a folder or an address, in place of the mirrors
    root: str | None = None  # the cache of downloaded files; None: build/downloads
    # Of single kinds.
    path: str | None = None  # folder: of one's own arrays
    id: Count | None = None  # openml
    target: str | None = None  # folder, openml: the column of labels
    samples: Count | None = None  # gaussian
    separation: Annotated[float, Within(0, 1000)] | None = None  # gaussian: of the class means from 0, in sd


@dataclass(frozen=True)
class Model:
    """An architecture, ``depth`` hidden layers of ``width`` units, and the loss it is trained by."""

    name: str
    kind: Annotated[str, kinds("networks/architectures")]
    depth: Annotated[int, Within(1, 100)]
    width: Annotated[int, Within(1, 10_000)]
    activation: Annotated[str, OneOf(("relu", "tanh", "sigmoid", "identity"))]
    loss: Annotated[str, OneOf(("cross_entropy", "squared"))] = "cross_entropy"
    sd: Annotated[float, Within(0, 100, above=True)] | None = None  # of every weight at step 0; none: He's, Glorot's


@dataclass(frozen=True)
class Norm:
    """An arm: the kind of normaliser, which of gamma and beta it learns, from where, how fast and for how long."""

    name: str
    kind: Annotated[str, kinds("networks/normalisers")]
    learn_gamma: bool
    learn_beta: bool
    gamma0: Annotated[float, Within(-1000, 1000)] = 1.0  # at step 0, where the start is given
    beta0: Annotated[float, Within(-1000, 1000)] = 0.0
    rate: Annotated[float, Within(0, 1000)] = 1.0  # factor on the learning rate of gamma and beta
    frozen_from: Share = 1.0  # of the run, from which on what freezes no longer moves
    # Which that is: gamma and beta, or, as a control, as many entries of each hidden layer's weight, drawn at random.
    freezes: Annotated[str, OneOf(("affine", "weights"))] = "affine"
    momentum: Share = 0.1  # of the running averages
    eps: Share = 1e-5  # added to the variance
    # Of the hidden weights at step 0; they and their biases learn by its square times the rate, so that batch norm with
    # eps 0 does not see it: a control of what is called scale-free.
    scale: Annotated[float, Within(0, 1000, above=True)] = 1.0
    # Gamma and beta at step 0: as given; as this cell ends with if they are given and nothing freezes; these, permuted.
    start: Annotated[str, OneOf(("given", "final", "permuted"))] = "given"
    # Kind `yoked`: excursions of the moments of the same cell without normaliser, in their order or in another one, of
    # means, of standard deviations ("scale") or of both, times the gain.
    replay: Annotated[str, OneOf(("nothing", "ordered", "shuffled"))] = "nothing"
    replayed: Annotated[str, OneOf(("both", "mean", "scale"))] = "both"
    gain: Annotated[float, Within(0, 10)] = 1.0


@dataclass(frozen=True)
class Optimizer:
    """The rule that turns a gradient into an update."""

    name: str
    kind: Annotated[str, kinds("train/optimizers")]


@dataclass(frozen=True)
class Schedule:
    """The factor on the learning rate as a function of the step."""

    name: str
    kind: Annotated[str, kinds("train/schedules")]


@dataclass(frozen=True)
class Order:
    """How the training samples are put in a stream."""

    name: str
    kind: Annotated[str, kinds("shuffle/orders")]
    size: Annotated[int, Within(1, 1_000_000)] | None = None
    concentration: Annotated[float, Within(0, 1e6, above=True)] | None = None


@dataclass(frozen=True)
class Cell:
    """One network to be trained: everything that determines its numbers, but for the data and the code."""

    data: str
    model: Model
    norm: Norm
    optimizer: Optimizer
    schedule: Schedule
    order: Order
    regime: Regime
    batch_size: BatchSize
    lr: Rate
    steps: Count
    root: Root
    seed: Annotated[int, Within(0, 1_000_000)] = 0
    watch: Watch = "plain"  # how closely it is observed; changes no bit of its training

    @property
    def updates(self) -> int:
        """How many updates it takes: its own, and those of each run that it starts from or replays."""
        return self.steps * (1 + (self.norm.start != "given") + (self.norm.replay != "nothing"))


@dataclass(frozen=True)
class Seeds:
    """The seeds that are judged, and those that only choose best learning rates."""

    judged: list[Annotated[int, Within(0, 1_000_000)]]
    tuning: list[Annotated[int, Within(0, 1_000_000)]]


@dataclass(frozen=True)
class Study:
    """A reference cell, the grids that vary it, and the meaning of the names used in them."""

    cell: Cell
    grids: list[dict[str, Any]]
    options: dict[str, dict[str, Any]]
    seeds: Seeds
    detail: list[dict[str, list[Any]]] = dataclasses.field(default_factory=list)  # which cells are watched in detail
    tested: list[dict[str, list[Any]]] = dataclasses.field(default_factory=list)  # and which on the test set


@dataclass(frozen=True)
class Stream:
    """An index stream in use: for the seeds that read it, as long as the longest cell needs."""

    order: Order
    batch_size: BatchSize
    steps: Count
    seeds: list[Annotated[int, Within(0, 1_000_000)]]


@dataclass(frozen=True)
class Train:
    """What may change the bits of a trained cell, besides the cell itself."""

    program: Annotated[str, OneOf(("stacked", "mapped", "serial"))]
    device: Annotated[str, OneOf(("cpu", "cuda"))]


@dataclass(frozen=True)
class Tls:
    """Files with the certificates of connections between machines, each readable on all of them; all or none."""

    ca: Line | None
    certificate: Line | None
    key: Line | None


@dataclass(frozen=True)
class Jobs:
    """What a batch system is asked for, for every worker."""

    partition: Place | None
    account: Place | None
    walltime: Annotated[str, Written(r"(\d+-)?\d+:\d\d:\d\d", "a time like 4:00:00")]
    directives: list[Line]
    prologue: list[Line]


@dataclass(frozen=True)
class Engine:
    """Who runs the stacks; changes no bit."""

    name: str
    kind: Annotated[str, kinds("engines")]
    workers: Annotated[int, Within(1, 1024)] | None
    memory: Annotated[float, Within(0.5, 1e6)]  # GiB, of all workers of this machine together, of each one elsewhere
    store: Line | None  # where finished cells lie: a folder, or a URL; build/cells
    address: Place | None  # a running scheduler; else one is started here
    host: Place  # where a scheduler that is started here listens
    dashboard: Annotated[int, Within(0, 65535)]  # its port for people; 0: a free one
    patience: Annotated[float, Within(1, 1e6)]  # seconds without a worker until it gives up
    tls: Tls
    jobs: Jobs


@dataclass(frozen=True)
class Rules:
    """What every verdict shares: windows, levels and thresholds, fixed before the run (conf/claims.yaml)."""

    seeds: Annotated[int, Within(1, 10_000)]
    tail: Share
    early: Share
    late: Share
    levels: list[Annotated[float, Within(0, 100, above=True)]]
    learns: dict[str, Share]
    memorised: Annotated[float, Within(0, 100)]
    noise: Annotated[float, Within(0, 1, above=True)]
    fast: Share


@dataclass(frozen=True)
class Part:
    """One number of a claim: its unit and its margin, fixed before the run."""

    unit: str
    margin: Annotated[float, Within(0, 1e6, above=True)]


@dataclass(frozen=True)
class Claim:
    """A sentence of the thread and what decides it."""

    speaker: str
    sentence: str
    question: Annotated[str, OneOf(QUESTIONS)]
    estimand: str
    site: str
    mode: str
    control: str
    prior: str
    needs: dict[str, list[str]]
    parts: dict[str, Part]
    moderator: str | None = None
    levels: list[str] | None = None
    by_definition: bool = False
    answers: dict[str, str] | None = None


@dataclass(frozen=True)
class Case:
    """A sentence, and the verdicts with which it is said: of every claim named one of those listed."""

    say: str
    when: dict[str, list[str]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A question of the thread; its answer in short, the first case that holds; by claim a sentence per verdict."""

    question: str
    short: list[Case]
    claims: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Claims:
    """The registration: the rules, the claims, and the thread's questions by the names in `QUESTIONS`."""

    rules: Rules
    claims: dict[str, Claim]
    thread: dict[str, Asked]


@dataclass(frozen=True)
class Config:
    """The whole resolved configuration."""

    claims: Claims
    data: Data
    engine: Engine
    root: Root
    streams: list[Stream]
    studies: dict[str, Study]
    train: Train
    # Studies that claims need and that cannot be trained on this data set or network, and why.
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)


class Refused(ValueError):
    """Bad input: ``lines`` holds every fault found, one line each."""

    def __init__(self, lines: list[str]):
        super().__init__("\n".join(lines))
        self.lines = lines


def typed(annotation: Any, value: Any, key: str = "") -> Any:
    """Return ``value`` as what ``annotation`` says, or raise `Refused` with a line for every fault below ``key``."""
    faults = list(_faults(annotation, value, key))
    if faults:
        raise Refused(faults)
    return _built(annotation, value)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def _parts(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if typing.get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def _options(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union else ()


def _faults(annotation: Any, value: Any, key: str) -> Iterator[str]:
    kind, limits = _parts(annotation)
    if options := _options(kind):
        inner = next(option for option in options if option is not type(None))
        yield from () if value is None else _faults(inner, value, key)
    elif dataclasses.is_dataclass(kind):
        yield from _record_faults(kind, value, key)
    elif typing.get_origin(kind) is list:
        yield from _each(kind, value, key, list, "a list", lambda items: enumerate(items))
    elif typing.get_origin(kind) is dict:
        yield from _each(kind, value, key, Mapping, "a mapping", lambda items: items.items())
    elif kind is not Any:
        yield from _scalar_faults(kind, limits, value, key)


def _each(kind: Any, value: Any, key: str, container: type, what: str, pairs: Any) -> Iterator[str]:
    if not isinstance(value, container):
        yield f"{key}={value}: must be {what}"
        return
    for name, item in pairs(value):
        yield from _faults(typing.get_args(kind)[-1], item, f"{key}.{name}")


def _record_faults(kind: Any, value: Any, key: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{key}={value}: must be a mapping of {', '.join(field.name for field in dataclasses.fields(kind))}"
        return
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = _hints(kind)
    prefix = f"{key}." if key else ""
    for name in value:
        if name not in fields:
            yield f"{prefix}{name}={value[name]}: unknown key; allowed: {', '.join(fields)}"
    for name, field in fields.items():
        if name in value:
            yield from _faults(hints[name], value[name], f"{prefix}{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            yield f"{prefix}{name}: missing"


WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def _scalar_faults(kind: type, limits: tuple[Any, ...], value: Any, key: str) -> Iterator[str]:
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    allowed = " ".join([WORDS[kind], *(str(limit) for limit in limits)])
    if not fits or (isinstance(value, bool) and kind is not bool) or any(limit.refuses(value) for limit in limits):
        yield f"{key}={value}: must be {allowed}"


def _built(annotation: Any, value: Any) -> Any:
    kind, _ = _parts(annotation)
    if options := _options(kind):
        inner = next(option for option in options if option is not type(None))
        return None if value is None else _built(inner, value)
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _built(hints[name], item) for name, item in value.items()})
    if typing.get_origin(kind) is list:
        return [_built(typing.get_args(kind)[0], item) for item in value]
    if typing.get_origin(kind) is dict:
        return {name: _built(typing.get_args(kind)[1], item) for name, item in value.items()}
    return float(value) if kind is float else value
