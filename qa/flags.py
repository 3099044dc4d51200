"""What more than one program or module needs for its flags: what the text of a switch means, and the version."""

import argparse
from collections.abc import Callable
from importlib import metadata

_YES = ("1", "true", "yes")
_NO = ("", "0", "false", "no")


def switch(variable: str) -> Callable[[str], bool]:
    """Reads the text of `variable` as on or off; anything else is a usage error."""

    def is_on(text: str) -> bool:
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        raise argparse.ArgumentTypeError(f"{variable} must be 1, true or yes, or 0, false, no or empty, not {text!r}")

    return is_on


def add_version(parser: argparse.ArgumentParser) -> None:
    """Adds `--version`, which prints the name of the program and its version."""
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {program_version()}", help="print the version and exit"
    )


def program_version() -> str:
    """The version of the installed distribution, "unknown" when it runs from its folder without being installed."""
    try:
        return metadata.version("cited-answers")
    except metadata.PackageNotFoundError:
        return "unknown"
