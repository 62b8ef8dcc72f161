"""The `normshift` command. What it does is in `reproduce`; here only what to say when an extra is not installed."""

import importlib.util
import sys

EXTRA = ("dvc", "hydra", "omegaconf", "ruamel", "yaml")


def main() -> None:
    """Run the command."""
    if missing := [name for name in EXTRA if importlib.util.find_spec(name) is None]:
        print(f"normshift: {', '.join(missing)} not installed: pip install 'normshift[pipeline]'", file=sys.stderr)
        sys.exit(1)
    from normshift import faults, reproduce

    sys.exit(faults.guarded(lambda: reproduce.command(sys.argv[1:])))


if __name__ == "__main__":
    main()
