"""What was run, how it ended, and what that says about claims."""

from normshift.tables.column import CELL, SPAN, STEP, Column, number

RUNS: dict[str, dict[str, Column]] = {
    # written by shuffle
    "heterogeneity": {
        "order": Column("str", "name of the order"),
        "batch_size": Column("int32", "samples per batch", low=1),
        "seed": Column("int32", "seed", low=0),
        "quantity": Column("str", "what varies between batches", among=("label_share", "input_mean")),
        "measured": number("variance between batches, mean over classes or inputs", low=0),
        "expected": number("the same for random batches without replacement (multivariate hypergeometric)", low=0),
    },
    # by train
    "cells": {
        **CELL,
        "digest": Column("str", "address in the cell store"),
        "record": Column("str", "name of the file of records that holds the cell"),
        "role": Column("str", "judged, or tuning: chooses best learning rates only", among=("judged", "tuning")),
        "data": Column("str", "data set"),
        "model": Column("str", "name of the model"),
        "depth": Column("int32", "hidden layers", low=1),
        "width": Column("int32", "units per hidden layer", low=1),
        "activation": Column("str", "nonlinearity"),
        "norm": Column("str", "arm"),
        "optimizer": Column("str", "name of the optimiser"),
        "schedule": Column("str", "name of the schedule"),
        "order": Column("str", "name of the order"),
        "regime": Column("str", "data regime", among=("clean", "fresh")),
        "batch_size": Column("int32", "samples per mini-batch", low=1),
        "lr": Column("float64", "learning rate", low=0),
        "steps": Column("int32", "updates planned", low=1),
        "seed": Column("int32", "seed of initialisation, split and order", low=0),
    },
    # by measure
    "outcomes": {
        **CELL,
        **SPAN,
        "diverged_step": number(
            "update after which the loss was not finite or beyond the bound; missing: never", low=0
        ),
        "learning_accuracy": number("training accuracy the learning rule looks at, end of the run, batch mode", low=0),
        "learned": Column("bool", "learning_accuracy reaches the regime's threshold"),
        "final_loss": number("mean training loss of the last 20 steps, nats", low=0),
        "area": number("mean training loss over all steps, nats; missing: diverged", low=0),
        "late_loss": number("mean training loss of the late window, nats", low=0),
        "late_slope": number("least-squares slope of the training loss over the late window, nats per step"),
        "memorised": Column("bool", "late_loss is at or below the memorisation line"),
        "increases": number("share of steps whose training loss rose, all steps", low=0),
        "test_accuracy_batch": number(
            "accuracy on the test set at the end of the run, normalised by its own statistics; missing at half", low=0
        ),
        "test_accuracy_ema": number("the same, normalised by running averages", low=0),
        "test_accuracy_population": number("the same, normalised by exact statistics of the training set", low=0),
    },
    "areas": {
        **CELL,
        **SPAN,
        "since": Column("float64", "share of the planned steps before it", low=0),
        "log_loss": number("mean ln training loss (nats) from there to the end of the span; missing: diverged"),
    },
    "targets": {
        **CELL,
        "level": Column("float64", "loss level, nats", low=0),
        "step": number("first step whose 20-step mean training loss is at or below the level; missing: never", low=0),
    },
    "losses": {
        **CELL,
        **STEP,
        "loss": number("loss on the fixed class-balanced training subset, batch mode, nats", low=0),
        "accuracy": number("accuracy there", low=0),
        "training_loss": number("mean loss of the arm's own batches since the previous row, nats", low=0),
    },
    # of tested cells
    "test_curves": {
        **CELL,
        **STEP,
        "mode": Column("str", "which statistics normalise", among=("batch", "ema")),
        "accuracy": number("accuracy on the test set", low=0),
    },
    "regression": {
        **CELL,
        "excess": number("full-batch loss at the end of the run, less its least value, the optimum's"),
        "distorted": number(
            "the same excess at the optimum of the run's first batches, as many as one shuffle makes until they repeat"
        ),
    },
    # by judge
    "effects": {
        "claim": Column("str", "claim"),
        "level": Column("str", "level of the moderator, or `all`"),
        "part": Column("str", "part of the claim"),
        "seed": Column("int32", "judged seed", low=0),
        "effect": Column(
            "float64", "the paired effect, in the part's unit; missing counts against every verdict", missing=True
        ),
    },
}
