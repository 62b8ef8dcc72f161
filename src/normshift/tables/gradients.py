"""The loss and its gradient around where a network is."""

from normshift.tables.column import CELL, LAGS, LAYER, PARAMETER, READINGS, STEP, Column, number

GRADIENTS: dict[str, dict[str, Column]] = {
    "gradients": {
        **CELL,
        **STEP,
        **LAYER,
        "reading": Column("str", "whether the layer's own gamma and beta precede it", among=READINGS),
        "l2": number("Def. 2.1: |G' - G|, gradient units", low=0),
        "relative": number("|G' - G| / |G|; missing: no gradient", low=0),
        "cosine": number("<G, G'> / |G||G'|; missing: no gradient", low=-1),
        "per_displacement": number(
            "relative over |d theta| / |theta| of the weights of the layers that precede; missing: none of them moved",
            low=0,
        ),
    },
    "landscape": {
        **CELL,
        **STEP,
        "length": Column("float64", "length of the step along the gradient, learning rates", low=0),
        "loss": number("loss there on the update's batch, batch mode, nats", low=0),
        "gradient_change": number("|change of the gradient|, gradient units", low=0),
        "smoothness": number(
            "the same per length of the step; where it is 1 / length it may be an artefact; missing: no gradient", low=0
        ),
    },
    "variation": {
        **CELL,
        **STEP,
        "gradient_norm": number("norm of the gradient of all that the arm learns, gradient units", low=0),
        "loss_variation": number("range of the loss over lengths of 1/2 to 4 learning rates, nats", low=0),
        "predictiveness": number("range of |change of the gradient| over them", low=0),
        "smoothness": number("largest smoothness over them; missing: no gradient", low=0),
        "shortest": number("1 / the shortest of them: what smoothness would be as an artefact", low=0),
    },
    "composition": {
        **CELL,
        **STEP,
        "lag": Column("str", "updates taken apart: one, ten, an epoch", among=LAGS),
        "total": number("change of the held-out loss, nats"),
        "lower": number("the same if only what lies below the middle layer's gamma and beta moves"),
        "affine": number("if only these move; missing without them"),
        "upper": number("if only what lies above moves"),
        "interference": number("total less these three"),
        "lower_upper": number("lower and upper together less each alone, gamma and beta unmoved"),
    },
    # of cells watched in detail
    "curvature": {
        **CELL,
        **STEP,
        "sharpness": number("largest eigenvalue of the Hessian on the training subset, batch mode"),
        "edge": number("sharpness over 2 / lr"),
        "batch_sharpness": number("mean over batches of g'Hg / |g|^2, batch mode"),
        "batch_edge": number("batch sharpness over 2 / lr"),
    },
    "gradient_noise": {
        **CELL,
        **STEP,
        **LAYER,
        **PARAMETER,
        "signal": number("norm of the mean gradient of 10 batches", low=0),
        "noise": number("rms norm of what each deviates from it", low=0),
    },
}
