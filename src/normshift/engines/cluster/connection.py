"""How Dask's scheduler is reached: on this machine unless asked, encrypted beyond it.

Whoever reaches a scheduler runs code as its owner (https://distributed.dask.org/en/stable/tls.html).
"""

import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from normshift.params import Engine, Refused, Tls

log = logging.getLogger("normshift")
REMEDY = "give engine.tls.ca, engine.tls.certificate and engine.tls.key (docs/cluster.md), or stay on 127.0.0.1"
QUIET = ("distributed", "tornado", "bokeh")  # they log tracebacks of what is said in a line here
LOOPBACK = "127.0.0.1"  # where dashboards listen whatever the host is: they are neither encrypted nor asked for a key


def needed(settings: Engine) -> None:
    """Refuse an engine whose libraries are missing, or that would listen or talk to other machines in the clear."""
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError:
        raise Refused([f"engine={settings.name}: needs the extra: pip install 'normshift[cluster]'"]) from None
    for name in [*QUIET, *(name for name in logging.root.manager.loggerDict if name.startswith(QUIET))]:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False  # of modules loaded later, too
    secret = security(settings.tls) is not None
    if not secret and not is_loopback(settings.host):
        raise Refused([f"engine.host={settings.host}: others could run code as you without TLS: {REMEDY}"])
    if settings.address is None:
        return
    place = urlsplit(settings.address)
    if place.scheme not in ("tcp", "tls") or not place.hostname or not place.port:
        raise Refused([f"engine.address={settings.address}: must be like tcp://127.0.0.1:8786 or tls://host:8786"])
    if place.scheme == "tls" and not secret:
        raise Refused([f"engine.address={settings.address}: {REMEDY}"])
    if place.scheme == "tcp" and not is_loopback(place.hostname):
        raise Refused([f"engine.address={settings.address}: goes to another machine in the clear: {REMEDY}"])


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def security(tls: Tls) -> Any:
    """Return Dask's `Security` of certificates, None where none is given, or refuse half of them."""
    from distributed import Security

    files = {"ca": tls.ca, "certificate": tls.certificate, "key": tls.key}
    if missing := [name for name, path in files.items() if not path]:
        if len(missing) < len(files):
            raise Refused([f"engine.tls.{name}: missing" for name in missing])
        return None
    if absent := [name for name, path in files.items() if not Path(path).is_file()]:
        raise Refused([f"engine.tls.{name}={files[name]}: no such file" for name in absent])
    roles = ("client", "scheduler", "worker")
    pairs = {f"tls_{role}_cert": tls.certificate for role in roles} | {f"tls_{role}_key": tls.key for role in roles}
    return Security(require_encryption=True, tls_ca_file=tls.ca, **pairs)


@contextmanager
def connected(settings: Engine, cluster: Any, workers: int = 1) -> Iterator[Any]:
    """Connect to a cluster, or to the scheduler at an address, and wait until so many workers have joined."""
    from distributed import Client

    where = cluster if isinstance(cluster, str) else cluster.scheduler_address
    try:
        client = Client(cluster, security=security(settings.tls), timeout=settings.patience, set_as_default=False)
    except OSError as error:
        fault = " ".join(str(error).split())
        raise Refused([f"no scheduler answers at {where} ({fault}): start one, or choose engine=local"]) from error
    with client:
        log.info("engine %s: %s, dashboard %s", settings.name, where, client.dashboard_link)
        try:
            client.wait_for_workers(workers, timeout=settings.patience)
        except TimeoutError:
            joined = len(client.scheduler_info(n_workers=-1)["workers"])
            told = f"{joined} of {workers} worker(s) joined {where} within {settings.patience:g} s"
            if not joined:
                jobs = "see `squeue --me`, what jobs print in build/slurm, and engine.host"
                remedy = jobs if settings.kind == "slurm" else f"start one with `dask worker {where} --nthreads 1`"
                raise Refused([f"{told}: {remedy}"]) from None
            log.warning("%s: it begins with those", told)
        yield client
