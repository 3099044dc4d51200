"""A small sentence encoder on the CPU, by fastembed: texts go in, vectors come out.

The only import of fastembed, and imported by nothing: the programs load it by name when the semantic option is on. A
model is a name that fastembed knows and that was fetched before, or a folder with one ONNX file, `config.json`,
`tokenizer.json` and `tokenizer_config.json`, whose token vectors are averaged. Loading and encoding never open a
connection; `fetch` does, and only a person asks for it.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType
from numpy.typing import NDArray

from qa.errors import ModelError
from qa.vectors import Progress, Vectors

# Two sessions of one question each use two cores better than one session that waits for both.
_THREADS = 1
# Texts handed to the processor's cores at a time; an interruption waits for these.
_AT_ONCE = 64
_PROBE = "The quick brown fox jumps over the lazy dog."


class FastembedEncoder:
    """One loaded model, an Encoder; safe to share between threads."""

    def __init__(self, model: str, models: Path) -> None:
        """Loads `model`, a folder or the name of one in `models`; ModelError when it is not there or cannot be read."""
        folder = Path(model)
        try:
            self._model = _of_folder(folder) if folder.is_dir() else _of_name(model, models, local_files_only=True)
            self.id = hashlib.sha256(self._normalised(self._model.embed([_PROBE]), 1).tobytes()).hexdigest()
        except ModelError:
            raise
        except Exception as error:  # whatever fastembed, onnxruntime and their parts raise
            raise ModelError(model, f"is not on this machine or cannot be read ({type(error).__name__})") from error
        self.name = folder.name if folder.is_dir() else model

    def encode(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """One vector of length 1 for each text, a row each.

        Each text is encoded alone: a quantised model scales its numbers by the largest in a batch, so in company the
        vector of a text would depend on the others, and an answer on what else is in the folder.
        """
        vectors = np.empty((len(texts), self._model.embedding_size), dtype=np.float32)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for start in range(0, len(texts), _AT_ONCE):
                some = pool.map(self._alone, texts[start : start + _AT_ONCE])
                for number, vector in enumerate(some, start):
                    vectors[number] = vector
                    progress(number + 1, len(texts))
        return vectors

    def _alone(self, text: str) -> Vectors:
        vector: Vectors = self._normalised(self._model.embed([text]), 1)[0]
        return vector

    def encode_question(self, text: str) -> Vectors:
        """The vector of a question, which some models encode in another way than a text."""
        vector: Vectors = self._normalised(self._model.query_embed(text), 1)[0]
        return vector

    def _normalised(self, rows: Iterable[NDArray[Any]], n_rows: int) -> Vectors:
        vectors = np.fromiter(rows, dtype=(np.float32, self._model.embedding_size), count=n_rows)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        normalised: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return normalised


def fetch(name: str, models: Path) -> None:
    """Downloads the model fastembed knows by `name` into `models`; ModelError when it does not know it, or cannot."""
    known = {model["model"] for model in TextEmbedding.list_supported_models()}
    if name not in known:
        raise ModelError(name, f"is not a model that fastembed knows; among them are {', '.join(sorted(known)[:5])}")
    try:
        _of_name(name, models, local_files_only=False)
    except Exception as error:  # as above
        raise ModelError(name, f"could not be fetched ({type(error).__name__}: {error})") from error


def _of_name(name: str, models: Path, local_files_only: bool) -> TextEmbedding:
    return TextEmbedding(name, cache_dir=str(models), threads=_THREADS, local_files_only=local_files_only)


def _of_folder(folder: Path) -> TextEmbedding:
    files = sorted(folder.glob("*.onnx"))
    if len(files) != 1:
        raise ModelError(str(folder), f"holds {len(files)} files *.onnx and must hold one")
    dim = json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    name = f"folder/{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
    if name not in {model["model"] for model in TextEmbedding.list_supported_models()}:
        TextEmbedding.add_custom_model(
            model=name,
            pooling=PoolingType.MEAN,
            normalization=True,
            sources=ModelSource(hf=name),  # asked for by fastembed and never looked up
            dim=dim,
            model_file=files[0].name,
        )
    return TextEmbedding(name, threads=_THREADS, specific_model_path=str(folder), local_files_only=True)
