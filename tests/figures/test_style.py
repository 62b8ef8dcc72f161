import itertools
import re

import numpy as np
import pytest

from normshift.figures import style

TEXT = ("text", "muted", "link", "supported", "contradicted", "depends", "nothing", "definition", "undecided")
# Machado, Oliveira & Fernandes 2009, severity 1.0; rows make linear red, green and blue.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "none": np.eye(3).tolist(),
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    lights = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_every_word_has_the_contrast_that_reading_needs(side, ground):
    low = {name: contrast(style.COLOURS[name][side], style.COLOURS[ground][side]) for name in TEXT}
    assert min(low.values()) >= 4.5, low


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_arm_has_the_contrast_that_lines_need(side):
    arms = {arm.colour for arm in style.ARMS.values()} | {"other"}
    low = {name: contrast(style.COLOURS[name][side], style.COLOURS["page"][side]) for name in arms}
    assert min(low.values()) >= 3, low


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_three_main_arms_stay_apart_for_every_eye(kind, side):
    seen = {
        name: lab(np.array(BLINDNESS[kind]) @ linear(style.COLOURS[name][side])) for name in ("none", "batch", "frozen")
    }
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in itertools.combinations(seen, 2)}
    assert min(distances.values()) >= 20, distances


def test_no_two_arms_share_colour_dash_or_marker():
    for look in ("colour", "dash", "marker", "label"):
        values = [getattr(arm, look) for arm in style.ARMS.values()]
        assert len(set(values)) == len(values), look


def test_an_arm_outside_the_map_is_drawn_neutral_under_its_own_name():
    assert style.arm("mine").label == "mine"
    assert style.ink("mine") == style.INK["other"]
    assert style.arms(["mine", "batch", "none", "batch"]) == ["none", "batch", "mine"]


def test_sentinels_are_distinct():
    assert len(set(style.INK.values())) == len(style.COLOURS)


def test_both_themes_define_every_colour():
    blocks = re.findall(r"\{([^{}]*)\}", style.css())
    names = [set(re.findall(r"--(\w+):", block)) for block in blocks]
    assert names == [set(style.COLOURS)] * 3
