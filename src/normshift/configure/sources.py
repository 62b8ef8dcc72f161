"""What `configure` reads, as plain values: params.yaml and every file of conf/. No other module opens them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from normshift.params import Refused


@dataclass(frozen=True)
class Sources:
    """The folder conf/, the choices of params.yaml, the groups left to it, their options, and the registration."""

    conf: Path
    params: dict[str, Any]
    chosen: list[str]
    groups: dict[str, dict[str, Any]]
    claims: Any


def sources(root: Path) -> Sources:
    """Read a checkout's params.yaml and conf/, or raise `Refused`."""
    conf = (root / "conf").resolve()
    params = content(root / "params.yaml")
    if not isinstance(params, dict):
        raise Refused(["params.yaml: must be a mapping of choices"])
    files = sorted(conf.glob("*/*.yaml"))
    groups: dict[str, dict[str, Any]] = {path.parent.name: {} for path in files}
    for path in files:
        groups[path.parent.name][path.stem] = content(path)
    if faults := list(_misnamed(groups)):
        raise Refused(faults)
    return Sources(conf, params, _chosen(content(conf / "config.yaml")), groups, _registration(conf))


def _registration(conf: Path) -> Any:
    """Return the rules and claims, and the questions that are answered from their verdicts."""
    claims, thread = content(conf / "claims.yaml"), content(conf / "thread.yaml")
    return {**claims, "thread": thread} if isinstance(claims, dict) else claims


def content(path: Path) -> Any:
    """Return a YAML file's values; OmegaConf, not PyYAML, reads ``1e-4`` as a number."""
    try:
        return OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except FileNotFoundError:
        raise Refused([f"{path} is missing: run `git checkout -- {path.name}`"]) from None
    except (yaml.YAMLError, OmegaConfBaseException, OSError, UnicodeDecodeError) as error:
        raise Refused([f"{path} cannot be read: {' '.join(str(error).split())}"]) from None


def _chosen(config: dict[str, Any]) -> list[str]:
    pairs = [pair for entry in config["defaults"] if isinstance(entry, dict) for pair in entry.items()]
    return [group for group, option in pairs if option == "???"]


def _misnamed(groups: dict[str, dict[str, Any]]) -> Iterator[str]:
    """An option that carries another's name would be trained under a wrong label."""
    for group, options in groups.items():
        for stem, option in options.items():
            if not isinstance(option, dict):
                yield f"conf/{group}/{stem}.yaml: must be a mapping"
            elif option.get("name", stem) != stem:
                yield f"conf/{group}/{stem}.yaml: name={option['name']}: must be {stem}, as the file is called"
