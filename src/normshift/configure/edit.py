"""Changes to the two files people keep in git: text in, text out, comments and layout kept."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter

from normshift.configure.overrides import Override, kept

PER_STUDY = ("train", "measure")


def edited(text: str, overrides: Iterable[Override]) -> str:
    """Return params.yaml with the overrides written into it.

    An option of a group that is chosen by name, such as ``data.inputs``, is a line of its own at the end.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = len(text)
    yaml.Representer = _NullInWords
    params = yaml.load(text)
    overrides = list(overrides)
    for key in set(params) - set(kept(params, [override.key for override in overrides])):
        del params[key]
    for override in overrides:
        target, key = _place(params, override.key)
        target[key] = _in_one_line(override.value)
    return _dumped(yaml, params)


def _place(params: Any, key: str) -> tuple[Any, str]:
    """Return the mapping in which a choice stands, and its name there."""
    first, _, rest = key.partition(".")
    return _place(params[first], rest) if rest and isinstance(params.get(first), Mapping) else (params, key)


def pruned(text: str, studies: Iterable[str]) -> str:
    """Return dvc.lock without the stages of studies that are not in the list: DVC never removes them itself."""
    yaml = YAML()
    yaml.default_flow_style = False  # as DVC writes it
    lock = yaml.load(text)
    stages: Mapping[str, Any] = (lock or {}).get("stages") or {}
    dead = [name for name in stages if _study(name) not in {None, *studies}]
    for name in dead:
        del lock["stages"][name]
    return _dumped(yaml, lock) if dead else text


def _study(stage: str) -> str | None:
    kind, _, study = stage.partition("@")
    return study if kind in PER_STUDY and study else None


def _in_one_line(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    items = CommentedSeq(value)
    items.fa.set_flow_style()
    return items


class _NullInWords(RoundTripRepresenter):
    """Writes ``null`` where ruamel would write nothing: people should see that a choice is left open."""

    yaml_representers = {
        **RoundTripRepresenter.yaml_representers,
        type(None): lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"),
    }


def _dumped(yaml: YAML, content: Any) -> str:
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()
