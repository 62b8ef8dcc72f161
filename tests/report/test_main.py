import json
from pathlib import Path

import pytest

from normshift import tables
from normshift.folders import Folders
from normshift.report import __main__ as main
from normshift.report.curves import CURVES
from normshift.report.material import READ, others
from tests.report import run

OUTPUTS = ["curves", "figures", "index.html", "others", "summary.json", "tables"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    config = run.config()
    material = run.material(config, seeds=3, rates=(0.03, 0.3, 1.0))
    folders = Folders(tmp_path_factory.mktemp("run"))
    for name in READ:
        tables.write(material.studies["core"][name], name, folders.shifts("core"))
    tables.write(material.studies["core"]["heterogeneity"], "heterogeneity", folders.shuffled)
    tables.write(material.effects, "effects", folders.verdicts)
    folders.raw.mkdir(parents=True)
    (folders.raw / "source.json").write_text(json.dumps(material.source), encoding="utf-8")
    for name, judged in (("verdicts", material.verdicts), ("thread", material.thread)):
        (folders.verdicts / f"{name}.json").write_text(json.dumps(judged), encoding="utf-8")
    folders.others.mkdir(parents=True)
    for path in (folders.reports / "summary.json", folders.others / "another.json"):
        path.write_text(json.dumps(material.summary), encoding="utf-8")
    return folders


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_stage_writes_page_figures_and_tables_and_removes_stale_ones(folders):
    (folders.reports / "figures").mkdir(parents=True)
    (folders.reports / "figures" / "stale.svg").touch()
    main.run(run.config(), folders)
    first = content(folders.reports)
    assert "index.html" in first and "figures/bands.svg" in first and "tables/effects-C3.csv" in first
    assert {name for name in first if name.startswith("curves/")} == {f"curves/{name}.csv" for name in CURVES}
    assert "figures/stale.svg" not in first
    assert "another (A) and this run (B)" in first["index.html"].decode()
    main.run(run.config(), folders)
    assert content(folders.reports) == first


def test_a_run_of_which_nothing_is_drawn_has_every_output_nevertheless(folders, monkeypatch):
    monkeypatch.setattr(main, "files", lambda *_: {"index.html": "a page"})
    main.run(run.config(), folders)
    assert sorted(path.name for path in folders.reports.iterdir()) == OUTPUTS


def test_another_run_that_is_none_is_named(folders):
    with pytest.raises(ValueError, match=r"b\.json is not the summary of a run: remove it"):
        others({Path("a.json"): (folders.reports / "summary.json").read_bytes(), Path("b.json"): b'{"claims": {}}'})
    with pytest.raises(ValueError, match=r"b\.json cannot be read .*: put the summary of a run there"):
        others({Path("b.json"): b"{"})


def test_a_missing_table_is_one_line_that_says_what_to_do(folders, tmp_path):
    with pytest.raises(tables.BadTable, match="is missing: run the stage that writes it"):
        main.run(run.config(), Folders(tmp_path))


def test_only_the_main_file_touches_the_disk_and_it_is_short():
    folder = Path(main.__file__).parent
    assert len((folder / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 40
    for path in [*folder.glob("*.py"), *(folder.parent / "figures").glob("*.py")]:
        if path.name != "__main__.py":
            text = path.read_text(encoding="utf-8")
            assert not [
                word for word in ("open(", "read_text", "write_text", "read_bytes", "read_parquet") if word in text
            ]
