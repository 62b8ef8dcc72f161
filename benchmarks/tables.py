"""The results of benchmarks/train.py as a page of tables."""

from collections.abc import Mapping
from typing import Any

from benchmarks.results import measured_on, table

WAYS = {
    "process_per_cell": "a process per cell",
    "joblib": "plain loop, joblib",
    "serial": "plain loop",
    "mapped": "`vmap` over modules",
    "jax": "JAX `jit(vmap(scan))`",
    "stacked": "stacked",
    "unobserved": "stacked, as many steps as observed",
    "observed": "stacked, observed",
    "floor": "floor: matrix products alone",
}

PAGE = """# Training: time per cell-step

Written by `make bench`. {machine}

One core, one thread. Medians of alternating runs of one session, in microseconds per cell and update; float32, batch
60, plain SGD, a learning rate of each cell. Every way gathers its batches from the data set by index and keeps loss
and accuracy of each step. Set-up is included; compiling is not, nor is starting joblib's processes.

## The reference network, 64-100-100-100-10

{reference}

What trains in stacks is at the stack that was its best below. Observing costs {observing}. {ratios}

## By width

CPU time; what trains in stacks is at its best stack for the width.

{widths}

## By stack

CPU time.

{stacks}

JAX compiles once for each shape of a stack and number of steps: {compile} s each, loading the data included.

## By number of cells

The default program in the stacks that the stage `train` makes, in one process, batch norm, 20 steps a cell, without
observing.

{scaling}
"""


def page(results: Mapping[str, Any]) -> str:
    """Return the page."""
    norms = results["norm"]
    seconds = [row["jax_compile_s"] for row in results["stack"] if "jax_compile_s" in row]
    fast = {name: label for name, label in WAYS.items() if name in ("mapped", "jax", "stacked")}
    every = {name: label for name, label in WAYS.items() if name not in ("observed", "unobserved")}
    return PAGE.format(
        machine=measured_on(results["machine"]),
        reference=_reference(norms),
        observing=", ".join(f"{_share(row)} ({norm})" for norm, row in norms.items()),
        ratios=_ratios(norms),
        widths=table(results["width"], {"norm": "norm", "width": "width", **_columns(every, results["width"])}),
        stacks=table(
            results["stack"],
            {"norm": "norm", "width": "width", "stack": "stack", "steps": "steps", **_columns(fast, results["stack"])},
        ),
        compile=f"{min(seconds)} to {max(seconds)}" if seconds else "not measured,",
        scaling=table(
            results["scaling"],
            {
                "cells": "cells",
                "cpu_s": "CPU time, s",
                "wall_s": "wall time, s",
                "cpu_us": "CPU time per cell-step, us",
                "peak_mib": "peak memory, MiB",
            },
        ),
    )


def _columns(labels: Mapping[str, str], rows: list) -> dict[str, str]:
    return {f"{name}_us": label for name, label in labels.items() if any(f"{name}_us" in row for row in rows)}


def _reference(norms: Mapping[str, Any]) -> str:
    rows = []
    for name, label in WAYS.items():
        row = {"way": label}
        for norm, values in norms.items():
            if f"{name}_us" in values:
                low, high = values[f"{name}_range_us"]
                stack = f", stack {values[f'{name}_stack']}" if f"{name}_stack" in values else ""
                row[norm] = f"{values[f'{name}_us']:,.0f} ({low:,.0f} to {high:,.0f}{stack})"
                row[f"{norm}_wall"] = f"{values[f'{name}_wall_us']:,.0f}"
        if len(row) > 1:
            rows.append(row)
    columns = {"way": "way"}
    for norm in norms:
        columns |= {norm: f"norm {norm}: CPU time (range)", f"{norm}_wall": "wall time"}
    return table(rows, columns)


def _share(row: Mapping[str, Any]) -> str:
    return f"{100 * (row['observed_us'] / row['unobserved_us'] - 1):.0f}%"


def _ratios(norms: Mapping[str, Any]) -> str:
    sentences = []
    for norm, row in norms.items():
        parts = [f"{row['process_per_cell_us'] / row['stacked_us']:.1f} times as fast as a process per cell"]
        if "jax_us" in row:
            parts.append(f"{row['jax_us'] / row['stacked_us']:.2f} times as fast as JAX")
        sentences.append(f"Stacked is {' and '.join(parts)} ({norm}).")
    return " ".join(sentences)
