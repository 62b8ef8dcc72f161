"""Write build/config.json: the only reader of params.yaml and conf/."""

from collections.abc import Iterable
from pathlib import Path

from normshift import launch
from normshift.configure.fitting import fitted
from normshift.configure.resolve import dumped, resolved
from normshift.configure.sources import sources
from normshift.folders import Folders
from normshift.params import Config


def compose(root: Path, overrides: Iterable[str] = (), single: bool = False) -> Config:
    """Return the configuration of the checkout at ``root`` under overrides, or raise `Refused`.

    A ``single`` run goes without the studies that its data set and network leave no sense in.
    """
    found = sources(root)
    return fitted(found, list(overrides), single)[0] if single else resolved(found, list(overrides))


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Write the resolved configuration."""
    folders.config.parent.mkdir(parents=True, exist_ok=True)
    folders.config.write_text(dumped(config), encoding="utf-8")


def main() -> None:
    """Run the stage."""
    launch.main("configure", run)


if __name__ == "__main__":
    main()
