"""Small images with classes, and cells of convolutional networks to train on them."""

from dataclasses import replace

import numpy as np

from normshift import seeds
from normshift.params import Cell, Model
from normshift.train.samples import Shuffled
from tests.train import made_up

SHAPE = (1, 16, 16)
MODELS = {
    "lenet": Model("lenet", "lenet", 4, 120, "sigmoid"),
    "vgg_small": Model("vgg_small", "vgg_small", 7, 128, "relu"),
    "resnet_small": Model("resnet_small", "resnet_small", 7, 64, "relu"),
}


def cell(model: str, norm: str = "batch", **changes) -> Cell:
    """Return a cell of a convolutional network."""
    return replace(made_up.cell(norm), model=MODELS[model], **changes)


def shuffled() -> Shuffled:
    """Return images: a bright patch somewhere for each class, and noise."""
    data = made_up.shuffled(range(2), steps=60)
    draw = seeds.generator(0, "pictures")
    images = draw.standard_normal((len(data.labels), *SHAPE)).astype(np.float32)
    for number, label in enumerate(data.labels):
        row, column = divmod(int(label), 2)
        images[number, 0, 8 * row : 8 * row + 6, 8 * column : 8 * column + 6] += 1.5
    inputs = images.reshape(len(images), -1)
    splits = dict(data.splits) | {"shape": np.array(SHAPE, np.int32)}
    for seed in range(2):
        own = inputs[splits[f"train_{seed}"]]
        splits |= {f"center_{seed}": own.mean(0), f"scale_{seed}": own.std(0)}
    return Shuffled(inputs, data.labels, splits, data.streams)
