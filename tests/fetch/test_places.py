from pathlib import Path

import pytest

from normshift.fetch.places import places
from tests.fetch.made_up import data

MIRRORS = ["https://one.example/x/", "https://two.example/"]
DOWNLOADS = Path("/checkout/build/downloads")


def test_a_set_is_looked_for_at_its_mirrors_and_kept_below_the_checkout():
    assert places(data(mirrors=MIRRORS), {}, DOWNLOADS) == (DOWNLOADS / "tiny", MIRRORS)


@pytest.mark.parametrize(
    ("mirror", "place"),
    [
        ("/media/sets", "/media/sets/tiny/"),
        ("/media/sets/", "/media/sets/tiny/"),
        ("https://here.example/sets", "https://here.example/sets/tiny/"),
        ("http://here.example/sets/", "http://here.example/sets/tiny/"),
    ],
)
def test_a_mirror_of_ones_own_has_a_folder_for_each_set_and_stands_for_all_others(mirror, place):
    for own, variables in ((data(mirrors=MIRRORS, mirror=mirror), {}), (data(), {"NORMSHIFT_DATA_MIRROR": mirror})):
        assert places(own, variables, DOWNLOADS).mirrors == [place]


def test_the_configuration_wins_over_the_environment():
    variables = {"NORMSHIFT_DATA_MIRROR": "/variable", "NORMSHIFT_DATA_ROOT": "/variable"}
    found = places(data(mirror="/own", root="/kept"), variables, DOWNLOADS)
    assert found == (Path("/kept/tiny"), ["/own/tiny/"])
    assert places(data(), variables, DOWNLOADS) == (Path("/variable/tiny"), ["/variable/tiny/"])


def test_paths_may_be_of_the_home_or_relative(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.chdir(tmp_path)
    found = places(data(mirror="~/sets", root="kept"), {}, DOWNLOADS)
    assert found == (tmp_path / "kept" / "tiny", ["/home/me/sets/tiny/"])


def test_sets_that_share_files_share_a_folder():
    found = places(data(name="tiny_grey", folder="tiny", mirror="/own"), {}, DOWNLOADS)
    assert found == (DOWNLOADS / "tiny", ["/own/tiny/"])
