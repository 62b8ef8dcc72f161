"""Hydra's compose over conf/, with one line per override it cannot take instead of its traceback."""

from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from normshift.configure.overrides import Override, grammar
from normshift.configure.sources import Sources
from normshift.params import Refused

FAILURES = (HydraException, OmegaConfBaseException)


def composed(sources: Sources, overrides: list[Override]) -> tuple[dict[str, Any], list[str]]:
    """Return the composed values and the faults found; what is faulty is left out, so that the rest is checked too."""
    given = {override.key for override in overrides}
    faults = {override: fault for override in overrides if (fault := _fault(sources, override, given))}
    missing = [f"{group}: missing from params.yaml" for group in sources.chosen if group not in given]
    good = [override for override in overrides if override not in faults]
    try:
        values = _values(sources, good)
    except FAILURES as error:
        blamed = {override: refusal for override in good if (refusal := _refusal(sources, override))}
        if not blamed:
            raise Refused([_first_line(error)]) from None
        faults |= blamed
        values = _values(sources, [override for override in good if override not in blamed])
    return values, [*faults.values(), *missing]


def _fault(sources: Sources, override: Override, given: set[str]) -> str:
    if options := sources.groups.get(override.key):
        return "" if override.value in list(options) else f"{override.text}: must be one of {', '.join(options)}"
    inner = [key.removeprefix(f"{override.key}.") for key in given if key.startswith(f"{override.key}.")]
    if inner and not isinstance(override.value, dict):
        return f"{override.text}: must be a mapping of {', '.join(sorted(inner))}"
    return ""


def _refusal(sources: Sources, override: Override) -> str:
    """Say why Hydra refuses one override on its own; empty if it does not."""
    try:
        _values(sources, [override])
    except FAILURES as error:
        return f"{override.text}: {_first_line(error)}"
    return ""


def _first_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[0].split())


def _values(sources: Sources, overrides: list[Override]) -> dict[str, Any]:
    """Compose; a group that was not chosen takes its first option, for the sake of the checks that follow."""
    given = {override.key for override in overrides}
    filled = [f"{group}={grammar(min(sources.groups[group]))}" for group in sources.chosen if group not in given]
    with initialize_config_dir(str(sources.conf), version_base="1.3"):
        config = compose("config", [*filled, *(override.text for override in overrides)])
    values = OmegaConf.to_container(config, resolve=True)
    assert isinstance(values, dict)
    return values
