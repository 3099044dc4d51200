"""A file is written whole or not at all: what stood there before stays until the new text is on the disk."""

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Puts `text` in the place of the file, in UTF-8. Raises OSError with its name and leaves it as it was."""
    partial = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            partial = Path(file.name)
            file.write(text)
        partial.chmod(0o644)  # a temporary file is closed to everybody else
        os.replace(partial, path)
    except OSError as error:
        if partial:
            with contextlib.suppress(OSError):
                partial.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
