"""The word lists and the calibration that come with the library; each file says in its head where it comes from."""

from functools import cache
from importlib.resources import files


def read(name: str) -> str:
    """The text of one of the files beside this module."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def english_words() -> frozenset[str]:
    """The words of words.txt, of four letters or more and in lower case; few of them are names too."""
    return frozenset(line for line in read("words.txt").splitlines() if not line.startswith("#"))
