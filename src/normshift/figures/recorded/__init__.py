"""Figures of recorded runs, one or two: one file each, tables of a recorder in, figure out; see `select` for these."""

from normshift.figures.plot import Plot
from normshift.figures.recorded import affine, averages, bands, drift, loss, noise, split

REGISTRY: dict[str, Plot] = {
    "drift": drift.PLOT,
    "loss": loss.PLOT,
    "bands": bands.PLOT,
    "split": split.PLOT,
    "noise": noise.PLOT,
    "averages": averages.PLOT,
    "affine": affine.PLOT,
}
