"""The word lists and the calibration that come with the library; each file says in its head where it comes from."""

from importlib.resources import files


def read(name: str) -> str:
    """The text of one of the files beside this module."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
