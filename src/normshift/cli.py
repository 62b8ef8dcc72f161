"""The `normshift` command. What it does is in `reproduce` and `compare`; here only which of them is asked for."""

import importlib.util
import sys

EXTRA = ("dvc", "hydra", "omegaconf", "ruamel", "yaml")


def main() -> None:
    """Run the command."""
    if missing := [name for name in EXTRA if importlib.util.find_spec(name) is None]:
        print(f"normshift: {', '.join(missing)} not installed: pip install 'normshift[pipeline]'", file=sys.stderr)
        sys.exit(1)
    from normshift import faults

    first, *rest = sys.argv[1:] or [""]
    if first == "compare":
        from normshift import compare

        sys.exit(faults.guarded(lambda: compare.command(rest), "normshift compare"))
    from normshift import reproduce

    sys.exit(faults.guarded(lambda: reproduce.command(sys.argv[1:])))


if __name__ == "__main__":
    main()
