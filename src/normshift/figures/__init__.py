"""Figures: one file each, tables in, matplotlib Figure out. Adding one is a file, a line here and a test."""

from normshift.figures import (
    bands,
    bounce,
    composition,
    diffusion,
    drift,
    effects,
    fluctuation,
    heterogeneity,
    identity,
    ladder,
    march,
    mechanism,
    noise,
    pace,
    ratio,
    replayed,
    split,
    steps,
)
from normshift.figures.plot import Plot

REGISTRY: dict[str, Plot] = {
    "bands": bands.PLOT,
    "bounce": bounce.PLOT,
    "composition": composition.PLOT,
    "diffusion": diffusion.PLOT,
    "drift": drift.PLOT,
    "effects": effects.PLOT,
    "fluctuation": fluctuation.PLOT,
    "heterogeneity": heterogeneity.PLOT,
    "identity": identity.PLOT,
    "ladder": ladder.PLOT,
    "march": march.PLOT,
    "mechanism": mechanism.PLOT,
    "noise": noise.PLOT,
    "pace": pace.PLOT,
    "ratio": ratio.PLOT,
    "replayed": replayed.PLOT,
    "split": split.PLOT,
    "steps": steps.PLOT,
}
