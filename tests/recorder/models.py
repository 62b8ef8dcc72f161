"""Models of all the kinds that people train, small; a batch of each, and how a step is made."""

import random
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """A residual block as torchvision writes it: one in-place ReLU for both places, the sum made in place."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x
        return self.relu(out)


class Encoder(nn.Module):
    """A transformer encoder with dropout, over embedded words."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.3, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, words: Tensor) -> Tensor:
        return self.head(self.encoder(self.embedding(words)).mean(1))


class Padded(nn.Module):
    """A transformer encoder that is told where its samples end, and skips the rest in evaluation where it may."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=True)

    def forward(self, series: Tensor, padding: Tensor) -> Tensor:
        return self.encoder(series, src_key_padding_mask=padding).mean(1)


class Recurrent(nn.Module):
    """An LSTM of two layers with dropout between them."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 7, 2, dropout=0.2, batch_first=True)
        self.head = nn.Linear(7, 3)

    def forward(self, series: Tensor) -> Tensor:
        return self.head(self.lstm(series)[0][:, -1])


class Tied(nn.Module):
    """A layer that runs twice, and an output whose weights are another layer's."""

    def __init__(self):
        super().__init__()
        self.inner, self.norm, self.act = nn.Linear(6, 6), nn.BatchNorm1d(6), nn.GELU()
        self.head = nn.Linear(6, 6)
        self.head.weight = self.inner.weight

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            x = self.act(self.norm(self.inner(x)))
        return self.head(x)[:, :3]


class Drawing(nn.Module):
    """Draws in every forward pass, with torch's generator and some of its own, and counts its calls."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.act, self.head = nn.Linear(6, 9), nn.BatchNorm1d(9), nn.Tanh(), nn.Linear(9, 3)
        self.own = torch.Generator().manual_seed(5)
        self.array, self.python = np.random.default_rng(5), random.Random(5)
        self.calls, self.last, self.history = 0, torch.zeros(1), []
        self.recent, self.total = deque(maxlen=3), np.zeros(1)

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.history.append(self.calls)
        self.recent.append(self.calls)
        self.last.add_(1)
        self.total += 1
        x = x + 0.1 * torch.randn_like(x) + 0.1 * torch.randn(x.shape, generator=self.own)
        x = x + 0.1 * self.array.random() + 0.1 * self.python.random()
        return self.head(self.act(self.norm(self.first(x)))) * (1 + 0.01 * self.calls)


class Writing(nn.Module):
    """Writes its weights in every forward pass: torch shortens embeddings, many people the weights of a layer."""

    def __init__(self):
        super().__init__()
        self.embedding, self.norm = nn.Embedding(11, 8, max_norm=0.5), nn.LayerNorm(8)
        self.head = nn.Linear(8, 3)

    def forward(self, words: Tensor) -> Tensor:
        self.head.weight.data = torch.renorm(1.01 * self.head.weight.data, 2, 0, 1.0)
        return self.head(self.norm(self.embedding(words)).mean(1))


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Dropout(0.2), nn.Linear(9, 9), nn.Sigmoid(), nn.Linear(9, 3))


def convolutional() -> nn.Module:
    first = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    return nn.Sequential(first, nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(80, 3))


def partly_compiled() -> nn.Module:
    """A model of which a part is compiled in place."""
    made = convolutional()
    made[0].compile(backend="aot_eager")
    return made


def parametrised() -> nn.Module:
    """Weights that are made anew in every forward pass, one of them with buffers that training moves."""
    first = nn.utils.parametrizations.spectral_norm(nn.Conv2d(2, 4, 3))
    second = nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 5, 3))
    return nn.Sequential(first, nn.GroupNorm(2, 4), nn.ELU(), second, nn.ReLU(), nn.Flatten(), nn.Linear(80, 3))


def residual() -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 4, 3), Residual(4), Residual(4), nn.Flatten(), nn.Linear(144, 3))


@dataclass(frozen=True)
class Case:
    """A model, the shape of a batch (words are whole numbers), and how its forward pass is run."""

    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    words: bool = False
    autocast: bool = False
    compiled: bool = False

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        draw = torch.Generator().manual_seed(1000 + step)
        inputs = (
            torch.randint(11, self.shape, generator=draw) if self.words else torch.randn(self.shape, generator=draw)
        )
        return inputs, torch.randint(3, (self.shape[0],), generator=draw)

    @property
    def probe(self) -> Tensor:
        return self.batch(-1)[0]

    def context(self) -> Any:
        return torch.autocast("cpu", dtype=torch.bfloat16) if self.autocast else nullcontext()

    def model(self) -> nn.Module:
        torch.manual_seed(3)
        made = self.make()
        return torch.compile(made, backend="aot_eager") if self.compiled else made


CASES = {
    "mlp": Case(perceptron, (16, 6)),
    "cnn": Case(convolutional, (12, 2, 8, 8)),
    "resnet": Case(residual, (12, 2, 8, 8)),
    "transformer": Case(Encoder, (10, 5), words=True),
    "lstm": Case(Recurrent, (10, 6, 5)),
    "autocast": Case(convolutional, (12, 2, 8, 8), autocast=True),
    "compiled": Case(residual, (12, 2, 8, 8), compiled=True),
    "partly compiled": Case(partly_compiled, (12, 2, 8, 8)),
    "parametrised": Case(parametrised, (12, 2, 8, 8)),
    "tied": Case(Tied, (16, 6)),
    "drawing": Case(Drawing, (16, 6)),
    "writing": Case(Writing, (10, 5), words=True),
}


def loss_of(case: Case, model: nn.Module, step: int) -> Tensor:
    inputs, labels = case.batch(step)
    with case.context():
        return functional.cross_entropy(model(inputs).float(), labels)
