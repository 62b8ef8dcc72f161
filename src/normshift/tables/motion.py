"""How gamma, beta and the weights move."""

from normshift.tables.column import (
    CELL,
    COORDINATES,
    DRAWN,
    LAYER,
    PARAMETER,
    PARAMETERS,
    SPAN,
    STEP,
    WINDOW,
    Column,
    number,
)

MOTION: dict[str, dict[str, Column]] = {
    "motion": {
        **CELL,
        **LAYER,
        **PARAMETER,
        **SPAN,
        **WINDOW,
        "mean_step": number("mean |change per step| of an entry", low=0),
        "path": number("path length of the layer's vector: sum of the norms of its steps", low=0),
        "net": number("norm of the layer's vector's displacement over the window", low=0),
        "walk": number("root mean square net of a random walk with steps as long", low=0),
        "tortuosity": number("path / net: 1 for a straight way", low=0),
        "relative_step": number(
            "mean norm of a step over the mean norm of the layer's vector (of gamma and beta together); missing: of"
            " weights, in a window without an observed point",
            low=0,
        ),
        "sign_changes": number("share of entries and steps whose change has the opposite sign of the last", low=0),
        "fluctuation": number(
            "sd about a straight line through the window, median over kept units; gamma, beta", low=0
        ),
    },
    "updates": {
        **CELL,
        **STEP,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS[:2]),
        "residual": number(
            "largest |change + rate gradient| over kept units, in units of max(1, |parameter|); rate: the"
            " parameter's own, 0 where the arm does not learn it; 0 for plain SGD",
            low=0,
        ),
    },
    "settling": {
        **CELL,
        **LAYER,
        **PARAMETER,
        **SPAN,
        "settling": number(
            "S of the layer's vector: .5 for increments in any order, above for what settles early; missing: the vector"
            " ends where it began"
        ),
        "null_sd": number("sd of S over all orders of the same increments; their mean is .5", low=0),
        "band_exit": number(
            "share of the span from which on a kept unit stays within rules.noise |gamma| of its end, median over kept"
            " units; |gamma| at the end, at least .05; missing: weights",
            low=0,
        ),
        "t_90": number(
            "share at which 90 % of the way is first made, median over kept units that move; descriptive; missing:"
            " weights",
            low=0,
        ),
        "fast": number("share of kept units whose band_exit is at most rules.fast; missing: weights", low=0),
    },
    "remaining": {
        **CELL,
        **STEP,
        **LAYER,
        **PARAMETER,
        "remaining": number(
            "|x(T) - x| / |x(T) - x(0)| of the layer's vector, at the edges of twenty parts of the run: 1 at first, 0"
            " after the last update; missing: it ends where it began",
            low=0,
            bits=DRAWN,
        ),
    },
    "diffusion": {
        **CELL,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS[:2]),
        "coordinates": Column(
            "str",
            "as they are, or over the norm of the layer's (gamma, beta); missing where that changes the function:"
            " unless a ReLU and another layer with batch norm follow",
            among=COORDINATES,
        ),
        "exponent": number(
            "h in E|x(t+k) - x(t)|^2 ~ k^h, late window, drift subtracted; missing: orders but iid, regimes but fresh,"
            " fewer than 6 points, nothing but drift"
        ),
        "signal_to_noise": number(
            "|mean| / sd of the increments of the late window, median over kept units that move", low=0
        ),
    },
    "effective_rates": {
        **CELL,
        **STEP,
        **LAYER,
        "weight_norm": number("norm of the layer's weight", low=0),
        "effective_rate": number(
            "the weights' lr / norm^2; missing: no batch norm makes the loss blind to the norm", low=0
        ),
    },
    "trajectories": {
        **CELL,
        **STEP,
        **LAYER,
        "unit": Column("int32", "kept unit", low=0),
        "gamma": number("gamma"),
        "beta": number("beta"),
    },
}
