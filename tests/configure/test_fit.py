"""What cannot be trained on a data set or network is left out with its reason, or refused where it was asked for."""

import dataclasses
import logging
from pathlib import Path

import pytest

from normshift import networks
from normshift.configure.fit import IMAGES, Unfit, own_sizes, unfit
from normshift.configure.fitting import fitted
from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.networks import architectures
from normshift.params import Refused, Study, typed
from tests.train.made_up import NORMS

FOUND = sources(Path(__file__).parents[2])
OWN = own_sizes(FOUND.groups)
MNIST = resolved(FOUND, ["data=mnist", "studies=[core]"])


def cell(**model):
    base = MNIST.studies["core"].cell
    return dataclasses.replace(base, model=dataclasses.replace(base.model, **model))


def shaped(*shape):
    return dataclasses.replace(MNIST.data, shape=list(shape) or None)


@pytest.mark.parametrize("kind", sorted(architectures.REGISTRY))
@pytest.mark.parametrize(
    "shape", [(1, 28, 28), (3, 32, 32), (1, 16, 16), (1, 15, 40), (1, 8, 8), (1, 7, 7), (1, 1, 1), (64,)]
)
def test_what_is_said_of_images_is_what_the_architectures_refuse(kind, shape):
    model = dataclasses.replace(cell().model, name=kind, kind=kind)
    depth, width = OWN.get(kind, (model.depth, model.width))
    activation = "identity" if kind == "linear" else "relu"
    model = dataclasses.replace(model, depth=depth, width=width, activation=activation)
    one = dataclasses.replace(cell(), model=model)
    refused = unfit([one], shaped(*shape), OWN) is not None
    try:
        networks.build(model, NORMS["batch"], shape, 10)
    except ValueError:
        assert refused
    else:
        assert not refused


def test_kinds_with_layers_of_their_own_are_those_that_take_images():
    fixed = {kind for kind, module in architectures.REGISTRY.items() if hasattr(module, "widths")}
    assert set(IMAGES) == fixed


def test_a_network_of_fixed_layers_has_no_other_depth():
    depth, width = OWN["lenet"]
    assert unfit([cell(name="lenet", kind="lenet", depth=depth, width=width)], MNIST.data, OWN) is None
    reason = unfit([cell(name="lenet", kind="lenet", depth=depth + 1, width=width)], MNIST.data, OWN)
    assert reason == "varies depth or width, and model=lenet has layers of its own"


def test_a_linear_network_has_as_many_inputs_as_a_sample():
    reason = unfit([cell(name="linear", kind="linear", width=64)], MNIST.data, OWN)
    assert reason == "model=linear has 64 inputs, a sample of data=mnist has 784"
    assert unfit([cell(name="linear", kind="linear", width=784)], MNIST.data, OWN) is None


def test_studies_that_do_not_fit_are_left_out_and_named(caplog):
    with caplog.at_level(logging.INFO, logger="normshift"):
        config, texts = fitted(FOUND, ["data=fashion_mnist", "model=lenet"])
    assert set(FOUND.params["studies"]) - set(config.studies) == {"depth", "regression"} == set(config.left_out)
    assert "depth: left out: varies depth or width, and model=lenet has layers of its own" in caplog.messages
    # The list that is written into params.yaml resolves to the same, reasons included.
    assert resolved(FOUND, texts) == config


def test_a_study_that_was_asked_for_is_refused_with_its_reason():
    with pytest.raises(Unfit, match="studies=depth: varies depth or width, .*: leave it out"):
        fitted(FOUND, ["data=mnist", "model=vgg_small", "studies=[core,depth]"])
    with pytest.raises(Unfit):
        resolved(FOUND, ["data=fashion_mnist", "model=lenet"])


def test_a_network_that_does_not_fit_the_data_is_refused_whatever_the_studies():
    with pytest.raises(Refused) as refused:
        fitted(FOUND, ["model=lenet"])
    assert refused.value.lines == ["model=lenet needs images of at least 16 by 16; a sample of data=digits is 1x8x8"]


def test_what_fits_is_left_as_it_is():
    config, texts = fitted(FOUND, [])
    assert texts == [] and config.left_out == {} and config == resolved(FOUND)
    assert all(isinstance(study, Study) for study in config.studies.values())
    assert typed(type(config), dataclasses.asdict(config)) == config
