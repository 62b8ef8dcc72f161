import dataclasses
import hashlib
import html
import re

import pytest

from normshift.params import Data
from normshift.report import provenance
from normshift.report.limits import limits
from normshift.report.material import parsed


def test_counts_are_those_of_the_tables(material):
    cells, outcomes = material.studies["core"]["cells"], material.studies["core"]["outcomes"]
    found = provenance.counts(material)
    assert found.cells == len(cells) == found.judged + found.tuning
    assert (found.judged_seeds, found.tuning_seeds) == (12, 1)
    assert found.diverged == sum(step == step for step in outcomes["diverged_step"])


def test_a_network_of_two_studies_counts_once_and_seeds_are_those_of_every_study(material):
    core = material.studies["core"]
    some = core["cells"]["seed"].isin([0, 1]) & (core["cells"]["role"] == "judged")
    other = {**core, "cells": core["cells"][some]}
    both = dataclasses.replace(material, studies={"core": core, "other": other})
    assert dataclasses.replace(provenance.counts(both), judged_seeds=12) == provenance.counts(material)
    assert provenance.counts(both).judged_seeds == 2


def test_the_line_under_the_title_has_no_date_no_duration_and_the_licence(config, material):
    line = " · ".join(provenance.line(config, material))
    assert "CC BY 4.0" in line and "64-100-100-100-10, relu" in line and "12 judged seeds" in line
    assert not re.search(r"20\d\d-\d\d|minutes|seconds", line)


def test_licence_and_citation_and_what_was_made_of_the_data_are_on_the_page(config, material, page):
    text = html.unescape(page)
    source = material.source
    assert f"{source['name']}: {source['citation']}. Licence: {source['licence']}. Each input standardised" in text
    assert "1,197 samples to train on and 200 in each held-out set, drawn anew for every seed." in text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("standardised", "Each input st"),
        ("channels", "Each channel st"),
        ("grey", "from 0 to 1;"),
        ("binary", "0 or 1;"),
    ],
)
def test_how_inputs_were_scaled_and_where_held_out_sets_come_from_is_told(how, said):
    data = Data("mnist", "idx", 10_000, 500, "official", how)
    text = provenance.handled(data)
    assert said in text and "10,000 samples to train on and 500 in each" in text and "the official test set." in text
    assert "official" not in provenance.handled(dataclasses.replace(data, split="pooled"))


def test_one_of_something_is_told_in_the_singular(config, material):
    cells = material.studies["core"]["cells"]
    cells = cells[cells["seed"] == 0].iloc[:1].assign(steps=1, depth=1)
    one = dataclasses.replace(material, studies={"core": {**material.studies["core"], "cells": cells}})
    line, told = " · ".join(provenance.line(config, one)), " ".join(limits(config.studies["core"].cell, one))
    assert "1 network trained, 0 diverged" in line and "1 judged seed, 0 for tuning" in line
    assert "none of 3 hidden layers" in told and "hidden layers 1" in told and "steps 1)" in told


def test_a_digest_depends_on_every_byte_and_every_border():
    assert provenance.digest(b"ab", b"c") != provenance.digest(b"a", b"bc")
    assert provenance.digest(b"a") == hashlib.sha256((1).to_bytes(8, "big") + b"a").hexdigest()


def test_digests_change_with_what_they_stand_for_and_with_nothing_else(config, material):
    before = provenance.digests(config, material)
    cells = material.studies["core"]["cells"]
    other = cells.assign(digest=["x", *cells["digest"][1:]])
    reordered = {"core": {**material.studies["core"], "cells": cells.iloc[::-1]}}
    changes = {
        "configuration": (dataclasses.replace(config, studies={"other": config.studies["core"]}), material),
        "code of this page": (config, dataclasses.replace(material, code={"page.py": b"other"})),
        "verdicts": (config, dataclasses.replace(material, verdicts={**material.verdicts, "more": 1})),
        "trained networks": (
            config,
            dataclasses.replace(material, studies={"core": {**material.studies["core"], "cells": other}}),
        ),
    }
    for name, run in changes.items():
        after = provenance.digests(*run)
        assert [key.split(" (")[0] for key in before if before[key] != after[key]] == [name]
    engine = dataclasses.replace(config, engine=dataclasses.replace(config.engine, workers=7), root=1)
    assert provenance.digests(engine, dataclasses.replace(material, studies=reordered)) == before


def test_the_processor_is_named_as_the_system_names_it():
    text = "processor\t: 0\nmodel name\t: A Fast One @ 2 GHz\nflags: x\nprocessor\t: 1\nmodel name\t: Another\n"
    assert provenance.processor(text) == "A Fast One @ 2 GHz"
    assert provenance.processor("")


def test_versions_are_those_of_what_computes(config):
    assert set(provenance.versions()) == {"Python", *provenance.LIBRARIES}
    assert all(re.match(r"\d", version) for version in provenance.versions().values())


def test_limits_come_from_the_run(config, material):
    text = " ".join(limits(config.studies["core"].cell, material))
    assert "3 hidden layers of 100 units" in text and "for 1,000 steps" in text
    assert "constant learning rate" in text and "all of 3 hidden layers" in text and "the others" not in text


def test_a_broken_file_is_named_with_what_to_do(tmp_path):
    with pytest.raises(ValueError, match=r"source\.json cannot be read .*: delete it and run `dvc repro`"):
        parsed(b"{", tmp_path / "source.json")
