"""Against scikit-learn's own cache, filled with a small set in openml.org's formats."""

import socket

import numpy as np
import pytest

from normshift.fetch.readers.openml import load
from normshift.params import Data
from tests.fetch.made_up import openml

COLUMNS = {"a": [1, 2, 3, 4], "b": [0.5, 1.5, 2.5, 3.5], "class": ["x", "y", "x", "y"]}


@pytest.fixture
def offline(monkeypatch):
    """What is not in the cache is not to be had."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{taken.getsockname()[1]}")
            monkeypatch.delenv("no_proxy", raising=False)
        yield


def read(cache, **changes):
    return load(Data("openml", "openml", 1, 1, **{"id": 7} | changes), {}, cache)


def test_numeric_columns_are_inputs_and_the_target_is_numbered(tmp_path, offline):
    raw = read(openml(tmp_path, 7, COLUMNS))
    np.testing.assert_array_equal(raw.images, np.array([COLUMNS["a"], COLUMNS["b"]], np.float32).T)
    assert raw.images.dtype == np.float32 and raw.labels.tolist() == [0, 1, 0, 1] and raw.official == 0


def test_terms_are_the_set_s_own_unless_the_configuration_states_them(tmp_path, offline):
    cache = openml(tmp_path, 7, COLUMNS, citation="A. Nyone (1999)")
    assert read(cache)[2:4] == ("Public", "A. Nyone (1999); made_up, version 1, https://www.openml.org/d/7")
    assert read(cache, licence="L", citation="C")[2:4] == ("L", "C")
    assert read(openml(tmp_path, 8, COLUMNS, licence=""), id=8).licence == "not stated"


def test_another_column_can_be_the_label(tmp_path, offline):
    own = {"digit": [3, 1, 3, 1], **COLUMNS, "class": [0.0, 1.0, 2.0, 3.0]}
    raw = read(openml(tmp_path, 7, own), target="digit")
    assert raw.labels.tolist() == [1, 0, 1, 0] and raw.images.shape == (4, 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"b": ["u", "v", "u", "v"]}, "columns that are not numbers: b"),
        ({"b": [0.5, "?", 2.5, 3.5]}, "columns that are not numbers: b|columns with missing values: b"),
    ],
)
def test_what_is_not_numeric_or_not_whole_is_refused(tmp_path, offline, changes, said):
    with pytest.raises(ValueError, match=said):
        read(openml(tmp_path, 7, COLUMNS | changes))


@pytest.mark.slow
def test_without_a_network_one_line_says_so(tmp_path, offline, caplog):
    with pytest.raises(
        ValueError, match="data.id=7 could not be had from openml.org .*: check number and network"
    ) as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_other_bytes_than_the_set_s_own_are_refused(tmp_path, offline):
    cache = openml(tmp_path, 7, COLUMNS, md5_checksum="0" * 32)
    with pytest.raises(ValueError, match="data.id=7 could not be had"):
        read(cache)


def test_no_time_out_and_no_filter_of_warnings_is_left_behind(tmp_path, offline):
    before = socket.getdefaulttimeout()
    read(openml(tmp_path, 7, COLUMNS))
    assert socket.getdefaulttimeout() == before


def test_what_openml_says_about_a_set_is_told(tmp_path, offline, caplog):
    read(openml(tmp_path, 7, COLUMNS, status="deactivated"))
    assert any("inactive" in message and "\n" not in message for message in caplog.messages)
