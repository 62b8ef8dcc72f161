"""How distributions of activations move and fluctuate.

Distances are medians over the units of a layer, never over seeds. Scale-free ones are divided by sigma, the pooled
standard deviation of the two snapshots; their raw twins carry the unit of the activation.
"""

from normshift.tables.column import CAUSES, CELL, DIFFERENCE, LATER, LAYER, MODE, SITE, SKETCHED, STEP, Column, number

ACTIVATIONS: dict[str, dict[str, Column]] = {
    "shifts": {
        **CELL,
        **STEP,
        **LATER,
        **LAYER,
        **SITE,
        **MODE,
        "probe": Column("str", "which probe", among=("first", "second")),
        "mean_shift": number("|change of the mean| in sigma, median over all units", low=0, bits=DIFFERENCE),
        "sd_shift": number("|change of log sd|, median over all units", low=0, bits=DIFFERENCE),
        "mean_shift_raw": number(
            "|change of the mean|, activation units, median over all units", low=0, bits=DIFFERENCE
        ),
        "w1": number("Wasserstein-1 distance in sigma, median over kept units", low=0, bits=SKETCHED),
        "w2": number("Wasserstein-2 distance in sigma, median over kept units", low=0, bits=SKETCHED),
        "w2_raw": number("Wasserstein-2 distance, activation units, median over kept units", low=0, bits=SKETCHED),
        "location": number(
            "share of W2 squared due to the mean (identity B), mean over kept units", low=0, bits=SKETCHED
        ),
        "scale": number("share due to the standard deviation", low=0, bits=SKETCHED),
        "shape": number("share due to the shape: what batch norm does not set", low=0, bits=SKETCHED),
    },
    "noise": {
        **CELL,
        **STEP,
        **LAYER,
        **SITE,
        "mean_noise": number(
            "sd between batches of the batch mean at fixed weights, in sigma, median over units", low=0
        ),
        "sd_noise": number("sd between batches of log batch sd, median over units", low=0),
        "mean_noise_raw": number("sd between batches of the batch mean, activation units, median over units", low=0),
        "ratio_step": number("drift-to-noise ratio R(1): mean_shift over a step / mean_noise", low=0),
        "ratio_ten": number("R(10)", low=0),
        "ratio_epoch": number("R(epoch)", low=0),
        "horizon": number("steps until the drift of the mean exceeds rules.noise sigma, interpolated in log k", low=0),
        "censored": Column("bool", "the drift never got there within an epoch: horizon is its lower bound"),
    },
    "decomposition": {
        **CELL,
        **STEP,
        **LAYER,
        "statistic": Column("str", "batch statistic at site u", among=("mean", "sd")),
        "change": number(
            "|observed change from one batch and step to the next| in sigma, median over kept units",
            low=0,
            bits=DIFFERENCE,
        ),
        "sampling": number("|part due to the other batch, at fixed weights| in sigma", low=0, bits=DIFFERENCE),
        "drift": number("|part due to the update, on a fixed batch| in sigma", low=0, bits=DIFFERENCE),
        "residual": number("largest |change - sampling - drift| over kept units, in sigma", low=0, bits=DIFFERENCE),
    },
    "identities": {
        **CELL,
        **STEP,
        **LAYER,
        **MODE,
        "mean_residual": number(
            "identity A: largest |mean(y) - predicted| over units, in units of max(1, |gamma|, |beta|)", low=0
        ),
        "sd_residual": number("the same for the sd", low=0),
        "tid_mean": number(
            "|mean used - probe's mean| in the probe's sd, in that mode, median over units (batch mode: 0)", low=0
        ),
        "tid_sd": number("|sd used / probe's sd - 1|, median over units (batch mode: 0)", low=0),
    },
    "attribution": {
        **CELL,
        **STEP,
        **LAYER,
        "site": Column("str", "where the distribution is read", among=("u", "y")),
        "cause": Column(
            "str", "update of all, of lower layers, of the layer itself; what is not their sum", among=CAUSES
        ),
        "mean_shift": number("|change of the mean| in sigma, median over all units that vary", low=0, bits=DIFFERENCE),
        "sd_shift": number("|change of log sd|, median over all units that vary", low=0, bits=DIFFERENCE),
    },
    "examples": {
        **CELL,
        **STEP,
        **LATER,
        **LAYER,
        "displacement": number(
            "rms displacement of an example at y in sigma, median over kept units that vary", low=0, bits=DIFFERENCE
        ),
        "share": number(
            "share of its square that is a shift of the distribution, median over kept units that move",
            low=0,
            bits=DIFFERENCE,
        ),
    },
    "discrepancies": {
        **CELL,
        "quarter": Column("int8", "quarters of an epoch after the last full point", low=0),
        "position": Column("float64", "share of the epoch that has been read at that step", low=0),
        **LAYER,
        "tid_mean": number("|running mean - probe's mean in batch mode| in the probe's sd, median over units", low=0),
        "tid_sd": number("|running sd / probe's sd - 1|, median over units", low=0),
    },
    "bands": {
        **CELL,
        **STEP,
        **LAYER,
        "unit": Column("int32", "kept unit", low=0),
        **SITE,
        "q15": number("15th percentile on the first probe, batch mode, activation units", bits=SKETCHED),
        "q50": number("median", bits=SKETCHED),
        "q85": number("85th percentile", bits=SKETCHED),
    },
    # of tested cells
    "unit_bands": {
        **CELL,
        **STEP,
        "unit": Column("int32", "unit of the last layer", low=0),
        "q15": number("15th percentile at y on the test set, batch mode, activation units", bits=SKETCHED),
        "q50": number("median", bits=SKETCHED),
        "q85": number("85th percentile", bits=SKETCHED),
    },
    # of cells watched in detail
    "distances": {
        **CELL,
        **STEP,
        **LATER,
        "metric": Column(
            "str", "distance at y in the last layer, median over units or joint (normshift.metrics); mmd at one width"
        ),
        "value": number("the distance"),
        "null": number("the same between halves of the earlier sample: what it reads where nothing has moved"),
    },
    "injected": {
        **CELL,
        **STEP,
        **LAYER,
        "example_noise": number("sd of an example's y over the batches it may be in, in sigma, median", low=0),
    },
}
