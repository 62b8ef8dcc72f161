import base64
import json

import numpy as np
import pandas as pd
import pytest

from normshift.figures import select
from normshift.report.explorer import AFFINE, DECADE, LINEAR, MISSING, QUANTILES, ROUNDING, decades, explorer, linear


@pytest.fixture(scope="module")
def told(material):
    return json.loads(explorer(material.studies, "mlp"))


def run(told, tables, arm, rate, stream):
    """The numbers of one run, taken apart plainly, and the tables of its cell."""
    at = [[name for name, *_ in told["arms"]].index(arm), told["rates"].index(rate), told["streams"].index(stream)]
    (one,) = [one for one in told["runs"] if one["at"] == at]
    codes = list(np.frombuffer(base64.b64decode(one["numbers"]), "<i2"))
    shape = len(told["layers"]), len(told["units"][0]), len(QUANTILES), len(told["steps"])
    take = lambda *axes: np.array([codes.pop(0) for _ in range(int(np.prod(axes)))]).reshape(axes)  # noqa: E731
    parts = {"inputs": take(*shape), "drift": take(shape[0], shape[3]), "loss": take(shape[3])}
    if codes:
        parts |= {name: take(shape[0], shape[1], shape[3]) for name in AFFINE}
    assert not codes
    order, regime = stream.split(", ")
    cells = tables["cells"].query("norm == @arm and order == @order and regime == @regime and seed == 0")
    (cell,) = cells.loc[cells["lr"] == float(rate), "cell"]
    return parts, {name: rows[rows["cell"] == cell] for name, rows in tables.items() if "cell" in rows}


def close(codes, values, decode, error):
    codes, values = np.ravel(codes), np.ravel(values)
    missing = codes == MISSING
    assert (missing == np.isnan(values)).all()
    return np.allclose(decode(codes[~missing]), values[~missing], rtol=error, atol=error)


@pytest.mark.parametrize(("arm", "rate"), [("none", "0.1"), ("batch", "0.3"), ("frozen", "0.01"), ("batch", "10")])
def test_every_number_of_a_run_is_that_of_the_tables(told, material, arm, rate):
    parts, own = run(told, material.studies["core"], arm, rate, "reshuffle, fresh")
    for layer in told["layers"]:
        for place, unit in enumerate(told["units"][told["layers"].index(layer)]):
            rows = own["bands"].query("site == 'y' and layer == @layer").sort_values("step")
            rows = rows[rows["unit"] == unit]
            found = parts["inputs"][told["layers"].index(layer), place]
            assert close(found, rows[QUANTILES].to_numpy().T, lambda codes: np.sinh(codes / LINEAR), 1 / LINEAR)
        rows = own["shifts"].query("site == 'y' and layer == @layer and horizon == 'step' and probe == 'first'")
        drift = rows[rows["mode"] == "batch"].sort_values("step")["mean_shift"].to_numpy()
        found = parts["drift"][told["layers"].index(layer)]
        assert ((found == ROUNDING) == (drift <= select.RESOLUTION)).all()
        kept = found != ROUNDING
        assert close(found[kept], drift[kept], lambda codes: 10.0 ** (codes / DECADE), 1.2e-3)
    loss = own["losses"].sort_values("step")["loss"]
    assert close(parts["loss"], loss.to_numpy(), lambda codes: 10.0 ** (codes / DECADE), 1.2e-3)


def test_gamma_and_beta_are_those_kept_and_lie_between_them_elsewhere(told, material):
    parts, own = run(told, material.studies["core"], "batch", "0.1", "reshuffle, clean")
    rows = own["trajectories"].query("layer == 1")
    for name in AFFINE:
        for place, unit in enumerate(sorted(rows["unit"].unique())):
            trail = rows[rows["unit"] == unit].sort_values("step")
            expected = np.interp(told["steps"], trail["step"], trail[name])
            assert close(parts[name][0, place], expected, lambda codes: np.sinh(codes / LINEAR), 1 / LINEAR)


def test_arms_that_hold_or_lack_gamma_and_beta_carry_none(told, material):
    for arm in ("none", "frozen"):
        assert set(AFFINE).isdisjoint(run(told, material.studies["core"], arm, "0.1", "reshuffle, clean")[0])


def test_a_run_that_diverged_at_once_still_says_where_gamma_and_beta_began(material):
    core = material.studies["core"]
    (cell,) = core["cells"].query("norm == 'batch' and lr == 0.3 and order == 'reshuffle' and regime == 'fresh'")[
        lambda rows: rows["seed"] == 0
    ]["cell"]
    lost = core["trajectories"].copy()
    start = lost.loc[lost["cell"] == cell, "step"].min()
    lost.loc[lost["cell"] == cell, AFFINE] = 1.0, 0.0
    lost.loc[(lost["cell"] == cell) & (lost["step"] > start), AFFINE] = np.nan
    tables = {**core, "trajectories": lost}
    told = json.loads(explorer({"core": tables}, "mlp"))
    parts, own = run(told, tables, "batch", "0.3", "reshuffle, fresh")
    first = own["trajectories"].query("layer == 2 and step == @start").set_index("unit")
    place = told["layers"].index(2)
    for name in AFFINE:
        values = first[name].reindex(told["units"][place])
        found = parts[name][place, :, told["steps"].index(start)]
        assert values.notna().any() and close(found, values, lambda codes: np.sinh(codes / LINEAR), 1 / LINEAR)
        assert (parts[name][:, :, told["steps"].index(start) + 1 :] == MISSING).all()


def test_codes_are_whole_small_and_say_what_is_missing():
    values = np.array([0.0, -1.5, 1e9, np.nan, np.inf])
    assert linear(values).tolist() == [0, round(LINEAR * np.arcsinh(-1.5)), MISSING, MISSING, MISSING]
    assert decades(np.array([1.0, 0.0, 1e-8, np.nan, 1e300])).tolist() == [0, ROUNDING, ROUNDING, MISSING, MISSING]


def test_it_is_small_and_of_study_core_alone(material):
    assert len(explorer(material.studies, "mlp")) < 300_000
    assert explorer({"other": material.studies["core"]}, "mlp") is None
    assert explorer(material.studies, "another") is None


def test_it_starts_where_the_figures_show(told, material):
    arm, rate = told["start"]
    assert told["arms"][arm][0] == "batch"
    assert float(told["rates"][rate]) == select.showcase(material.studies["core"])
    assert pd.Series([tuple(one["at"]) for one in told["runs"]]).is_unique
