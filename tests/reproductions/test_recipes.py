"""Every reproduction has a function, a recipe and a study of its own, and none belongs to the default run."""

import json
from pathlib import Path

import pytest

from normshift import reproductions
from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.params import Refused, typed
from normshift.reproductions.__main__ import command, configured
from normshift.reproductions.run import Recipe

ROOT = Path(__file__).parents[2]
FOUND = sources(ROOT)
RECIPES = FOUND.groups["reproduction"]


def test_every_recipe_is_registered_and_has_its_study():
    assert set(RECIPES) == set(reproductions.REGISTRY)
    assert {f"repro_{name}" for name in RECIPES} == {
        name for name in FOUND.groups["study"] if name.startswith("repro_")
    }


def test_no_study_of_a_reproduction_is_in_the_default_run():
    assert not [name for name in FOUND.params["studies"] if name.startswith("repro_")]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_its_study_and_at_least_five_seeds_or_what_was_asked(name):
    recipe = typed(Recipe, RECIPES[name])
    config = resolved(FOUND, recipe.overrides, single=True)
    assert list(config.studies) == [f"repro_{name}"]
    asked = 3 if name == "d2l_lenet" else 5
    assert len(config.studies[f"repro_{name}"].seeds.judged) >= asked


@pytest.mark.parametrize("name", RECIPES)
def test_no_recipe_overrides_what_its_study_says(name):
    overridden = dict(text.split("=", 1) for text in RECIPES[name]["overrides"])
    for grid in FOUND.groups["study"][f"repro_{name}"]["grids"]:
        assert "share" not in grid or "steps" not in overridden  # it is of the run's steps, and would be lost
        assert all(str(grid[key]) == f"[{value}]" for key, value in overridden.items() if key in grid)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_can_be_run_on_fewer_seeds(name):
    recipe = typed(Recipe, RECIPES[name])
    config = resolved(FOUND, [*recipe.overrides, "seeds.judged=2"], single=True)
    assert config.studies[f"repro_{name}"].seeds.judged == [0, 1]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "reports" / "reproductions").glob("*.json")), ids=lambda path: path.stem
)
def test_a_committed_result_says_what_its_recipe_says(path):
    result, recipe = json.loads(path.read_text("utf-8")), RECIPES[path.stem]
    assert {key: result[key] for key in ("title", "source", "recipe")} == {
        key: recipe[key] for key in ("title", "source", "recipe")
    }
    assert result["departures"] == recipe.get("departures", [])
    config = resolved(FOUND, recipe["overrides"], single=True)
    assert result["configuration"] == configured(config)
    seeds = config.studies[f"repro_{path.stem}"].seeds
    assert result["seeds"] == len(seeds.judged) + len(seeds.tuning)


def test_every_recipe_has_been_run_to_its_end():
    assert {path.stem for path in (ROOT / "reports" / "reproductions").glob("*.json")} == set(RECIPES)


def test_the_study_of_a_reproduction_is_its_own():
    with pytest.raises(Refused, match="studies: that of norm_growth is repro_norm_growth, and no other"):
        command(["norm_growth", "studies=[core]"])
