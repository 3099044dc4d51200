"""Vectors of texts, kept on disk by what they were made of, so that a restart encodes only what is new.

In: texts, and an encoder. Out: one row a text. A cache file belongs to one model and holds the hash of each text
beside its vector. What is no longer asked for is forgotten as soon as something new is encoded, so each corpus needs a
folder of its own. The file ends with the hash of everything before, and one that does not match is made anew and never
trusted. It is written under a name of its own and moved into place, so no reader ever sees half a file. A cache that
cannot be written costs time at the next start and nothing else.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
# Called with the number of texts that are done, and of all.
Progress = Callable[[int, int], None]

_FORMAT = b"cited-answers vectors 1\n"
_HASH_BYTES = 32


class Encoder(Protocol):
    """What turns texts into vectors of length 1; `id` tells its vectors from those of every other model."""

    @property
    def id(self) -> str:
        """The same for the same model only."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    def encode(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """A row for each text."""

    def encode_question(self, text: str) -> Vectors:
        """The vector of a question."""


def vectors_of(texts: Sequence[str], encoder: Encoder, folder: Path, progress: Progress) -> Vectors:
    """A row for each of `texts`; those that the cache in `folder` holds are not encoded again."""
    path = folder / f"{encoder.id[:32]}.vectors"
    keys = [hashlib.sha256(text.encode()).digest() for text in texts]
    known = _read(path)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        known = {key: known[key] for key in keys if key in known}
        known.update(zip(new, encoder.encode(list(new.values()), progress), strict=True))
        _write(path, known)
    return np.stack([known[key] for key in keys])


def _read(path: Path) -> dict[bytes, Vectors]:
    """What the cache holds; nothing when there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    body, checksum = content[:-_HASH_BYTES], content[-_HASH_BYTES:]
    if not body.startswith(_FORMAT) or hashlib.sha256(body).digest() != checksum:
        return {}
    sizes = len(_FORMAT)
    n_rows = int.from_bytes(body[sizes : sizes + 4], "little")
    dim = int.from_bytes(body[sizes + 4 : sizes + 8], "little")
    hashes = sizes + 8
    rows = hashes + n_rows * _HASH_BYTES
    keys = [body[start : start + _HASH_BYTES] for start in range(hashes, rows, _HASH_BYTES)]
    return dict(zip(keys, np.frombuffer(body, dtype="<f4", offset=rows).reshape(n_rows, dim), strict=True))


def _write(path: Path, vectors: dict[bytes, Vectors]) -> None:
    rows = np.stack(list(vectors.values())).astype("<f4")
    sizes = b"".join(size.to_bytes(4, "little") for size in rows.shape)
    body = b"".join([_FORMAT, sizes, *vectors, rows.tobytes()])
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = file.name
            file.write(body + hashlib.sha256(body).digest())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
