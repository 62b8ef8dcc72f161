"""The resolved configuration, less the studies that the chosen data set and network leave no sense in."""

import logging

from normshift.configure.fit import Unfit
from normshift.configure.resolve import resolved
from normshift.configure.sources import Sources
from normshift.params import Config

log = logging.getLogger("normshift")


def fitted(sources: Sources, overrides: list[str], single: bool = False) -> tuple[Config, list[str]]:
    """Return the configuration under overrides, and these with the list of studies that can be trained.

    Says which were left out, and why. Studies that an override names are never left out: then `Refused` is raised.
    """
    try:
        return resolved(sources, overrides, single), overrides
    except Unfit as unfit:
        kept = [name for name in sources.params["studies"] if name not in unfit.reasons]
        if not kept or any(text.startswith("studies=") for text in overrides):
            raise
        for name, reason in unfit.reasons.items():
            log.info("%s: left out: %s", name, reason)
        return fitted(sources, [*overrides, f"studies=[{','.join(kept)}]"], single)
