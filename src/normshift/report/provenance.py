"""Where the numbers come from: digests of configuration, data and code, versions, processor. No date, no duration."""

import hashlib
import json
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import version

import pandas as pd

from normshift.figures.numbers import counted, setting
from normshift.params import Config, Data
from normshift.report.material import Material
from normshift.report.settings import FACTORS

LIBRARIES = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "matplotlib",
    "seaborn",
    "jinja2",
    "latex2mathml",
)


ROLES = ("judged", "tuning")
SCALED = {
    "standardised": "Each input standardised over the training split;",
    "channels": "Each channel standardised over the training split;",
    "grey": "Inputs from 0 to 1;",
    "binary": "Inputs 0 or 1;",
}


@dataclass(frozen=True)
class Counts:
    """How much was trained, over all studies."""

    cells: int
    judged: int
    tuning: int
    diverged: int
    judged_seeds: int
    tuning_seeds: int


def counts(material: Material) -> Counts:
    """Return how many networks were trained, judged and lost, and with how many seeds in every study.

    A network of two studies is trained once, and counts once.
    """
    own = [tables["cells"].merge(tables["outcomes"], on="cell") for tables in material.studies.values()]
    cells = pd.concat(own).drop_duplicates("digest")
    seeds = {role: [table.loc[table["role"] == role, "seed"].nunique() for table in own] for role in ROLES}
    return Counts(
        cells=len(cells),
        judged=int((cells["role"] == "judged").sum()),
        tuning=int((cells["role"] == "tuning").sum()),
        diverged=int(cells["diverged_step"].notna().sum()),
        judged_seeds=min(seeds["judged"]),
        tuning_seeds=max(seeds["tuning"]),
    )


def factors(material: Material) -> dict[str, list]:
    """Return every value that each factor of the cells took in this run, sorted."""
    cells = pd.concat([tables["cells"] for tables in material.studies.values()])
    return {name: sorted(cells[name].unique().tolist()) for name in FACTORS}


def networks(config: Config, material: Material) -> list[str]:
    """Return the networks of the run: inputs, hidden units of each layer, classes, nonlinearity."""
    ends = material.source["inputs"], len(material.source["classes"])
    kinds = {
        (int(row.depth), int(row.width), str(row.activation))
        for tables in material.studies.values()
        for row in tables["cells"][["depth", "width", "activation"]].drop_duplicates().itertuples()
    }
    return [f"{'-'.join(map(str, [ends[0], *[width] * depth, ends[1]]))} {act}" for depth, width, act in sorted(kinds)]


def digest(*texts: bytes) -> str:
    """Return the SHA-256 of texts, each with its length, so that moving a border changes it."""
    total = hashlib.sha256()
    for text in texts:
        total.update(len(text).to_bytes(8, "big") + text)
    return total.hexdigest()


def configured(config: Config) -> str:
    """Return the digest of the choices that this stage depends on; those of the others are in the networks' digest."""
    chosen = {key: asdict(config)[key] for key in ("claims", "studies")}
    return digest(json.dumps(chosen, sort_keys=True).encode())


def digests(config: Config, material: Material) -> dict[str, str]:
    """Return what identifies the run: the same digests, the same page."""
    cells = sorted(name for tables in material.studies.values() for name in tables["cells"]["digest"])
    return {
        "configuration": configured(config),
        "registration of the claims": material.verdicts["registration"],
        "images": material.source["sha256"]["images"],
        "labels": material.source["sha256"]["labels"],
        "trained networks (choices, data, code, library, processor of each)": digest(*(n.encode() for n in cells)),
        "verdicts": digest(json.dumps(material.verdicts, sort_keys=True).encode()),
        "code of this page": digest(*(name.encode() + text for name, text in sorted(material.code.items()))),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries whose numbers these are."""
    return {"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def processor(cpuinfo: str) -> str:
    """Return the processor's name from the text of /proc/cpuinfo, else what the platform calls it."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def handled(data: Data) -> str:
    """Return what was made of the data set: how its inputs were scaled and how many samples each seed drew."""
    source = "" if data.split == "pooled" else "; held-out sets from the official test set"
    return (
        f"{SCALED[data.inputs]} {counted(data.train, 'sample')} to train on and {data.heldout:,} in each held-out set, "
        f"drawn anew for every seed{source}."
    )


def line(config: Config, material: Material) -> list[str]:
    """Return the line under the title: data and licence, network, how many were trained, seeds, registration."""
    found, source = counts(material), material.source
    reference = next(iter(config.studies.values())).cell.model
    ends = material.source["inputs"], len(material.source["classes"])
    shape = "-".join(map(str, [ends[0], *[reference.width] * reference.depth, ends[1]]))
    return [
        f"{source['name']}, {source['samples']:,} samples ({source['licence']})",
        f"{shape}, {reference.activation}",
        f"{counted(found.cells, 'network')} trained, {found.diverged:,} diverged",
        f"{counted(found.judged_seeds, 'judged seed')}, {setting(found.tuning_seeds)} for tuning",
        f"registration {material.verdicts['registration'][:8]}",
    ]
