"""Numbers of a recording against the formulas written out, from activations that were kept whole."""

import math
import statistics

import numpy as np
import pytest
import torch
from torch import nn

from normshift import ShiftRecorder
from tests.recorder.models import CASES, loss_of

CASE = CASES["cnn"]
U, Y = 0, 2


class Run:
    """A network with batch norm of small gamma, seen at each step by a hook of this test's own."""

    def __init__(self):
        self.model = CASE.model()
        with torch.no_grad():
            self.model[2].weight.mul_(0.02)
        self.several = [CASE.batch(100 + number)[0] for number in range(30)]
        self.recorder = ShiftRecorder(self.model, CASE.probe, self.several, every=4, full=4, epoch=6)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.3)
        self.u, self.y, self.gamma, self.losses, self.noise = [], [], [], [], {}
        self.look()
        for step in range(16):
            optimizer.zero_grad()
            loss = loss_of(CASE, self.model, step)
            loss.backward()
            optimizer.step()
            self.recorder.step(loss)
            self.losses.append(loss.item())
            self.look()

    def look(self) -> None:
        """Keep u and y of the second batch norm on the probe, (row, unit), normalised by the probe."""
        self.u.append(self.before(CASE.probe))
        u, norm = self.u[-1], self.model[2]
        sd = (u.var(0) + norm.eps) ** 0.5
        self.y.append(norm.weight.detach().numpy() * (u - u.mean(0)) / sd + norm.bias.detach().numpy())
        self.gamma.append(norm.weight.detach().numpy().copy())
        self.noise[len(self.u) - 1] = [self.before(batch).mean(0) for batch in self.several]

    def before(self, batch: torch.Tensor) -> np.ndarray:
        with torch.no_grad():
            first = self.model[0]
            seen = nn.functional.batch_norm(first[0](batch), None, None, first[1].weight, first[1].bias, training=True)
            made = self.model[1](seen.relu()).double()
        return np.array([made[:, unit].flatten().tolist() for unit in range(made.shape[1])]).T


@pytest.fixture(scope="module")
def run():
    return Run()


@pytest.fixture(scope="module")
def tables(run):
    return run.recorder.tables()


def shift_of(one, other, unit: int, least: float) -> float:
    """|d mean| over the pooled sd, at least ``least``."""
    before, after = (list(sample[:, unit]) for sample in (one, other))
    sigma = math.sqrt((statistics.pvariance(before) + statistics.pvariance(after)) / 2)
    return abs(statistics.fmean(after) - statistics.fmean(before)) / max(sigma, least)


@pytest.mark.parametrize("site", ["u", "y"])
def test_every_drift_of_the_mean_is_the_median_over_units_of_what_the_formula_says(run, tables, site):
    rows = tables["shifts"]
    rows = rows[(rows["layer"] == 2) & (rows["site"] == site) & (rows["mode"] == "batch")]
    assert {"step", "ten", "epoch", "start"} == set(rows["horizon"]) and len(rows) > 20
    for row in rows.itertuples():
        seen, gamma = getattr(run, site), run.gamma[row.step if row.horizon == "step" else row.later]
        least = [0.05 if site == "y" and abs(one) < 0.05 else 0.0 for one in gamma]
        each = [shift_of(seen[row.step], seen[row.later], unit, least[unit]) for unit in range(5)]
        assert row.mean_shift == pytest.approx(statistics.median(each), rel=1e-3, abs=2e-5)


def test_noise_is_the_spread_of_batch_means_in_sigma(run, tables):
    rows = tables["noise"]
    rows = rows[(rows["layer"] == 2) & (rows["site"] == "u")]
    assert rows["step"].tolist() == [0, 4, 16]
    for row in rows.itertuples():
        means = np.array(run.noise[row.step])
        assert row.mean_noise_raw == pytest.approx(np.median(means.std(0, ddof=1)), rel=1e-3)
        assert row.ratio_step == pytest.approx(_drift(tables, row.step, "step") / row.mean_noise, nan_ok=True)
    assert tables["noise"]["horizon"].dropna().between(1, 10).all()


def _drift(tables, step: int, horizon: str) -> float:
    rows = tables["shifts"]
    rows = rows[(rows["layer"] == 2) & (rows["site"] == "u") & (rows["horizon"] == horizon) & (rows["step"] == step)]
    rows = rows[rows["mode"] == "batch"]
    return rows["mean_shift"].iloc[0] if len(rows) else math.nan


def test_running_averages_are_compared_with_the_probe(run, tables):
    rows = tables["identities"]
    row = rows[(rows["layer"] == 1) & (rows["mode"] == "ema") & (rows["step"] == 16)].iloc[0]
    norm, probe = run.model[0][1], run.model[0][0](CASE.probe).detach().double()
    rows_of = [probe[:, unit].flatten().tolist() for unit in range(4)]
    missed = [
        abs(float(mean) - statistics.fmean(own)) / statistics.pstdev(own)
        for mean, own in zip(norm.running_mean, rows_of, strict=True)
    ]
    assert row["tid_mean"] == pytest.approx(statistics.median(missed), rel=1e-3)
    assert rows["mean_residual"].max() < 1e-4 and rows["sd_residual"].max() < 1e-3


def test_exact_statistics_are_those_of_all_batches_together(run):
    found = run.recorder.recording.snapshots[16]["population.1"]
    whole = run.model[0][0](torch.cat(run.several)).detach().double()
    np.testing.assert_allclose(found[0], whole.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], whole.var((0, 2, 3), correction=0), rtol=1e-4)


def test_by_exact_statistics_the_probe_is_normalised_by_them_and_not_by_running_averages(run):
    snapshot, norm = run.recorder.recording.snapshots[16], run.model[0][1]
    (u, x, y), (mean, variance) = snapshot["moments.population.1"][:3, 0], snapshot["population.1"]
    np.testing.assert_allclose(x, (u - mean) / np.sqrt(variance + norm.eps), rtol=1e-4, atol=1e-5)
    gamma, beta = (snapshot[f"{name}.1"] for name in ("gamma", "beta"))
    np.testing.assert_allclose(y, gamma * x + beta, rtol=1e-3, atol=1e-5)


def test_losses_are_means_since_the_look_before(run, tables):
    rows, steps = tables["losses"], tables["losses"]["step"].tolist()
    for place, (step, mean) in enumerate(zip(steps, rows["training_loss"], strict=True)):
        own = run.losses[steps[place - 1] : step] if place else run.losses[:1]
        assert mean == pytest.approx(statistics.fmean(own))


def test_gamma_and_beta_are_those_of_the_model(run, tables):
    rows = tables["trajectories"]
    rows = rows[(rows["layer"] == 2)].sort_values(["step", "unit"])
    for step, own in rows.groupby("step"):
        np.testing.assert_allclose(own["gamma"], run.gamma[step], rtol=1e-6)


def test_without_batches_noise_is_missing_for_a_reason():
    recorder = ShiftRecorder(CASE.model(), CASE.probe)
    assert recorder.tables()["noise"].empty
    reasons = recorder.recording.about["missing"]
    assert set(reasons) == {"noise", "horizon", "population"} and "batches=" in reasons["noise"]
    reasons = ShiftRecorder(CASES["lstm"].model(), CASES["lstm"].probe).recording.about["missing"]
    assert reasons["discrepancies"] == "the model has no batch norm"


def test_a_run_that_diverges_is_told_until_it_does_and_is_drawn(tmp_path):
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    recorder = ShiftRecorder(model, CASES["mlp"].probe)
    for scale in (2.0, 1e25, 1e30):
        with torch.no_grad():
            model[0].weight.mul_(scale)
        recorder.step(scale)
    rows = recorder.tables()["shifts"]
    known = rows[(rows["horizon"] == "start") & (rows["site"] == "u")].set_index("later")[["mean_shift", "w2"]].notna()
    assert known.loc[1].all() and not known.loc[2:].any(axis=None)
    assert recorder.report(tmp_path / "drift.html").stat().st_size > 1000


def test_a_unit_that_never_varies_has_no_drift_in_sigma():
    model = nn.Sequential(nn.Linear(6, 2), nn.ReLU())
    with torch.no_grad():
        model[0].weight.zero_()
    recorder = ShiftRecorder(model, CASES["mlp"].probe)
    with torch.no_grad():
        model[0].bias.add_(1)
    recorder.step()
    rows = recorder.tables()["shifts"]
    assert rows["mean_shift"].isna().all() and rows["w2"].isna().all()
    assert rows["mean_shift_raw"].iloc[0] == pytest.approx(1)
