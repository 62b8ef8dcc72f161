"""Which workers are as they must be: the same code and libraries as here, the same processor as one another."""

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any

from normshift.crew import Facts, Needs, differing
from normshift.params import Refused

log = logging.getLogger("normshift")
INSTALL = "install the same normshift, and what constraints.txt names, there"
OWN = ("python", "distributed", "cloudpickle", "msgpack")  # what must be equal for processes to talk at all


@dataclass(frozen=True)
class Alike:
    """Addresses of workers that may work, what machine they are, the memory of the smallest in bytes (0: unlimited)."""

    addresses: list[str]
    machine: Facts
    memory: float
    others: bool  # there are workers that may not


def alike(client: Any, needs: Needs, machine: Facts | None = None) -> Alike:
    """Return the workers that may work; say of each other in a line why not; refuse where none may.

    They are of the machine that tasks were made for, if there is one yet, else of the one that most workers are.
    """
    _refuse_scheduler(client, needs)
    info = client.scheduler_info(n_workers=-1)["workers"]
    talk = client.get_versions()
    versions, machines = (client.run(question, on_error="return") for question in (needs.versions, needs.machine))
    faults = {}
    for address, own in info.items():
        faults[address] = (
            _differs(talk["workers"].get(address), talk["client"])
            or _fault(versions.get(address), needs.versions())
            or _fault(machines.get(address), {})
            or (f"{own['nthreads']} threads: start it with --nthreads 1" if own["nthreads"] != 1 else "")
            or _small(own["memory_limit"], needs.memory)
        )
    fit = [address for address, fault in faults.items() if not fault]
    machine = machine or _most([machines[address] for address in fit])
    for address in fit:
        if other := differing(machines[address], machine):
            faults[address] = f"{other}: bits may differ"
    lines = [f"worker {address} is not used: {fault}" for address, fault in faults.items() if fault]
    chosen = [address for address, fault in faults.items() if not fault]
    if not chosen:
        raise Refused(lines or ["no worker is there"])
    for line in lines:
        log.warning("%s", line)
    return Alike(chosen, machine, min(info[address]["memory_limit"] for address in chosen), bool(lines))


def _refuse_scheduler(client: Any, needs: Needs) -> None:
    """It unpickles every task."""
    talk = client.get_versions()
    try:
        found: Any = client.run_on_scheduler(needs.versions)
    except Exception as error:  # whatever unpickling raises there
        found = error
    if fault := _differs(talk["scheduler"], talk["client"]) or _fault(found, needs.versions()):
        raise Refused([f"the scheduler {client.scheduler.address} cannot be used: {fault}"])


def _differs(found: Any, here: Any) -> str:
    names = [name for name in OWN if here["packages"].get(name) is not None]
    expected = {name: here["packages"][name] for name in names}
    other = differing((found or {}).get("packages", {}), expected)
    return f"{other}: {INSTALL}" if other else ""


def _fault(found: Any, expected: Facts) -> str:
    if isinstance(found, Exception):
        said = str(found) if type(found) is Exception else repr(found)  # Dask's own says what the other's was
        return f"{' '.join(said.split())}: {INSTALL}"
    if found is None:
        return "it does not answer"
    other = differing(found, expected)
    return f"{other}: {INSTALL}" if other else ""


def _small(limit: float, need: float) -> str:
    return f"{limit / 2**30:.2g} GiB of memory, {need / 2**30:.2g} are needed" if 0 < limit < need else ""


def _most(machines: list[Facts]) -> Facts:
    """Return the machine that most workers are; empty of none."""
    counts = Counter(tuple(sorted(machine.items())) for machine in machines)
    return dict(counts.most_common(1)[0][0]) if counts else {}
