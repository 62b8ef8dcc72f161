import json
from types import SimpleNamespace

import numpy as np
import pytest

from normshift import records, tables
from normshift.fetch import __main__ as fetch
from normshift.folders import Folders
from normshift.params import Data, Order, Stream
from normshift.shuffle import __main__ as shuffle
from normshift.shuffle import stage
from tests.fetch import made_up

SEEDS = [0, 1, 1000]


def configuration(**changes):
    return SimpleNamespace(
        **{
            "data": Data("digits", "digits", 1197, 200),
            "root": 0,
            "streams": [
                Stream(Order("reshuffle", "reshuffle"), 60, 30, SEEDS),
                Stream(Order("near", "buffer", 50), 7, 20, SEEDS),
            ],
        }
        | changes
    )


@pytest.fixture
def fetched(tmp_path):
    fetch.run(configuration(), Folders(tmp_path))
    return Folders(tmp_path)


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    folders = Folders(tmp_path_factory.mktemp("shuffled"))
    fetch.run(configuration(), folders)
    shuffle.run(configuration(), folders)
    return folders.shuffled


def load(path):
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def test_files_and_shapes_are_those_of_the_contract(shuffled):
    names = {str(path.relative_to(shuffled)) for path in shuffled.rglob("*") if path.is_file()}
    streams = {"streams/reshuffle-60.npz", "streams/near-7.npz"}
    assert names == {"inputs.npy", "labels.npy", "splits.npz", "heterogeneity.parquet"} | streams
    sizes = {"train": 1197, "test": 200, "probe": 200, "second": 200, "subset": 200, "center": 64, "scale": 64}
    splits = load(shuffled / "splits.npz")
    assert splits.pop("shape").tolist() == [64]
    assert {name: array.shape for name, array in splits.items()} == {
        f"{name}_{seed}": (size,) for name, size in sizes.items() for seed in SEEDS
    }
    for path, length in (("reshuffle-60", 1800), ("near-7", 140)):
        arrays = load(shuffled / "streams" / f"{path}.npz")
        assert set(arrays) == {f"seed_{seed}" for seed in SEEDS}
        assert all(array.shape == (length,) and array.dtype == np.int32 for array in arrays.values())


def test_standardised_training_inputs_have_mean_zero_and_variance_one_or_zero(shuffled):
    inputs, splits = np.load(shuffled / "inputs.npy"), load(shuffled / "splits.npz")
    for seed in SEEDS:
        standard = (inputs[splits[f"train_{seed}"]] - splits[f"center_{seed}"]) / splits[f"scale_{seed}"]
        np.testing.assert_allclose(standard.mean(0), 0, atol=1e-5)
        variance = standard.var(0)
        np.testing.assert_allclose(variance, np.where(variance < 0.5, 0, 1), atol=1e-4)


def test_every_seed_has_its_own_split_and_streams(shuffled):
    splits = load(shuffled / "splits.npz")
    for name in ("train", "test", "probe", "second", "subset"):
        assert len({splits[f"{name}_{seed}"].tobytes() for seed in SEEDS}) == len(SEEDS)
    for path in (shuffled / "streams").iterdir():
        assert len({array.tobytes() for array in load(path).values()}) == len(SEEDS)


def test_heterogeneity_is_that_of_standardised_inputs(shuffled):
    inputs, splits = np.load(shuffled / "inputs.npy"), load(shuffled / "splits.npz")
    table = tables.read("heterogeneity", shuffled).query("quantity == 'input_mean' and order == 'reshuffle'")
    for row in table.itertuples():
        varying = (np.ptp(inputs[splits[f"train_{row.seed}"]], axis=0) > 0).mean()
        assert row.expected == pytest.approx(varying / 60 * (1197 - 60) / 1196, rel=1e-4)


def test_the_table_has_a_row_for_each_order_seed_and_quantity(shuffled):
    table = tables.read("heterogeneity", shuffled)
    assert len(table) == 2 * len(SEEDS) * 2 and not table.duplicated(["order", "batch_size", "seed", "quantity"]).any()


def test_the_same_inputs_give_the_same_bytes(shuffled, fetched):
    shuffle.run(configuration(), fetched)
    for path in shuffled.rglob("*"):
        assert path.is_dir() or path.read_bytes() == (fetched.shuffled / path.relative_to(shuffled)).read_bytes()


def test_another_seed_order_or_length_changes_no_other_number(shuffled):
    inputs, labels = np.load(shuffled / "inputs.npy"), np.load(shuffled / "labels.npy")
    longer = [Stream(Order("reshuffle", "reshuffle"), 60, 90, [0, 1, 2, 1000])]
    config = configuration(streams=longer)
    splits = stage.splits(inputs, labels, config)
    before = load(shuffled / "splits.npz")
    assert all((splits[name] == before[name]).all() for name in before)
    streams = stage.stream(labels, splits, longer[0], config)
    for name, array in load(shuffled / "streams" / "reshuffle-60.npz").items():
        np.testing.assert_array_equal(array, streams[name][: len(array)])


def test_another_root_seed_changes_everything(shuffled):
    inputs, labels = np.load(shuffled / "inputs.npy"), np.load(shuffled / "labels.npy")
    splits, before = stage.splits(inputs, labels, configuration(root=1)), load(shuffled / "splits.npz")
    assert all(
        (splits[name] != before[name]).any() for name in before if not name.startswith(("scale", "center", "shape"))
    )


def test_what_an_earlier_run_left_is_removed(fetched):
    stale = fetched.shuffled / "streams" / "gone-1.npz"
    records.write({"seed_0": np.zeros(1)}, stale)
    shuffle.run(configuration(), fetched)
    assert not stale.exists()


def flip_a_byte(raw):
    content = bytearray((raw / "images.npy").read_bytes())
    content[-1] ^= 1
    (raw / "images.npy").write_bytes(content)


def cut(raw):
    (raw / "labels.npy").write_bytes((raw / "labels.npy").read_bytes()[:1000])


def empty(raw):
    (raw / "images.npy").write_bytes(b"")


def another_shape(raw):
    np.save(raw / "images.npy", np.load(raw / "images.npy").reshape(-1, 32))


def no_source(raw):
    (raw / "source.json").unlink()


def garbled_source(raw):
    (raw / "source.json").write_text("{")


def bare_source(raw):
    (raw / "source.json").write_text("[]")


def other_digest(raw):
    source = json.loads((raw / "source.json").read_text())
    source["sha256"]["labels"] = "0" * 64
    (raw / "source.json").write_text(json.dumps(source))


FAULTS = [flip_a_byte, cut, empty, another_shape, no_source, garbled_source, bare_source, other_digest]


@pytest.mark.parametrize("fault", FAULTS)
def test_corrupted_raw_data_are_refused_in_one_line_and_nothing_is_written(fetched, fault):
    fault(fetched.raw)
    with pytest.raises(ValueError, match="data.raw.*delete it and run `dvc repro`") as caught:
        shuffle.run(configuration(), fetched)
    assert "\n" not in str(caught.value) and str(fetched.raw) in str(caught.value)
    assert not fetched.shuffled.exists()


@pytest.fixture
def tiny(tmp_path):
    """A set of eight-bit images with an official test set, brought from a folder."""
    mirror = made_up.on_disk(tmp_path / "mirror")

    def shuffled(**changes):
        data = made_up.data(mirror=str(mirror), root=str(tmp_path / "cache"), shape=[1, 5, 4], **changes)
        config = configuration(data=data, streams=[Stream(Order("reshuffle", "reshuffle"), 10, 8, SEEDS)])
        folders = Folders(tmp_path / "run")
        fetch.run(config, folders)
        shuffle.run(config, folders)
        return np.load(folders.shuffled / "inputs.npy"), load(folders.shuffled / "splits.npz")

    return shuffled


@pytest.mark.parametrize("how", ["standardised", "channels", "grey", "binary"])
def test_eight_bit_images_are_kept_once_in_eight_bits_whatever_is_made_of_them(tiny, how):
    inputs, splits = tiny(inputs=how)
    assert inputs.dtype == np.uint8 and inputs.shape == (150, 20)
    for seed in SEEDS:
        read = (inputs[splits[f"train_{seed}"]] - splits[f"center_{seed}"]) / splits[f"scale_{seed}"]
        assert read.dtype == np.float32
        if how in ("grey", "binary"):
            assert (read.min(), read.max()) == (0, 1) and (len(np.unique(read)) == 2) == (how == "binary")
        else:
            np.testing.assert_allclose([read.mean(), read.var()], [0, 1], atol=1e-5)


def test_held_out_sets_come_from_the_official_test_set_where_asked_for(tiny):
    for how, apart in (("official", True), ("pooled", False)):
        _, splits = tiny(split=how)
        held = np.concatenate([splits[f"{name}_{seed}"] for name in ("test", "probe", "second") for seed in SEEDS])
        assert (held.min() >= 120) == apart
