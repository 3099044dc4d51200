"""What the texts of flags and variables mean, where more than one module reads such a text."""

import argparse
from collections.abc import Callable

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
