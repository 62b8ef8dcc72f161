import json
from pathlib import Path

import pytest

from normshift import tables
from normshift.configure.__main__ import compose
from normshift.folders import Folders
from normshift.judge.__main__ import run
from normshift.judge.frames import READ
from normshift.tables import BadTable

from .made_up import study


@pytest.fixture
def folders(tmp_path):
    found = Folders(tmp_path)
    for name, table in study().items():
        tables.write(table, name, found.shuffled if name == "heterogeneity" else found.shifts("core"))
    return found


@pytest.fixture(scope="module")
def config():
    return compose(Path(__file__).parents[2], ["studies=[core]"])


def test_the_stage_writes_effects_verdicts_summary_and_metrics_the_same_each_time(config, folders):
    written = [folders.verdicts / "effects.parquet", folders.verdicts / "verdicts.json"]
    written += [folders.reports / "summary.json", folders.reports / "metrics.json"]
    run(config, folders)
    before = [path.read_bytes() for path in written]
    run(config, folders)
    assert before == [path.read_bytes() for path in written]
    within = {name for name, claim in config.claims.claims.items() if set(claim.needs) == {"core"}}
    assert set(tables.read("effects", folders.verdicts)["claim"]) == within
    found = json.loads(before[2])["claims"]
    assert found["C3"]["verdict"] == found["C20"]["verdict"] == "By definition"
    assert sorted(path.name for path in folders.reports.iterdir()) == ["metrics.json", "summary.json"]


@pytest.mark.parametrize("name", ["cells", "heterogeneity", *READ])
def test_a_missing_table_is_one_clear_line_and_writes_nothing(config, folders, name):
    folder = folders.shuffled if name == "heterogeneity" else folders.shifts("core")
    (folder / f"{name}.parquet").unlink()
    with pytest.raises(BadTable, match=f"{name}.parquet is missing"):
        run(config, folders)
    assert not folders.reports.exists()
