"""The cache of vectors: what is known is not encoded again, and what is damaged is never trusted."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qa.vectors import Progress, Vectors, vectors_of


class Letters:
    """An encoder whose vectors can be worked out by hand: how often `a` and `b` stand in a text, to length 1."""

    def __init__(self, id: str = "letters") -> None:
        self.id = id
        self.name = id
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress) -> Vectors:
        self.encoded += texts
        progress(len(texts), len(texts))
        return np.stack([self.encode_question(text) for text in texts])

    def encode_question(self, text: str) -> Vectors:
        counts = np.array([text.count("a"), text.count("b")], dtype=np.float32)
        vector: Vectors = counts / np.linalg.norm(counts)
        return vector


def silent(n_done: int, n_texts: int) -> None:
    """No progress is shown."""


def cache_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_every_text_gets_its_row(tmp_path: Path) -> None:
    vectors = vectors_of(["aaab", "b", "aaab"], Letters(), tmp_path, silent)
    # aaab is (3, 1) / sqrt(10), b is (0, 1).
    assert vectors == pytest.approx(np.array([[0.948683, 0.316228], [0, 1], [0.948683, 0.316228]]), abs=1e-6)


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    first = Letters()
    before = vectors_of(["a", "ab", "a"], first, tmp_path, silent)
    again = Letters()
    after = vectors_of(["ab", "b", "a"], again, tmp_path, silent)
    assert first.encoded == ["a", "ab"]
    assert again.encoded == ["b"]
    assert (after[2] == before[0]).all()
    assert (after[0] == before[1]).all()


def test_what_is_no_longer_asked_for_is_forgotten(tmp_path: Path) -> None:
    vectors_of(["a", "b"], Letters(), tmp_path, silent)
    vectors_of(["ab", "b"], Letters(), tmp_path, silent)
    later = Letters()
    vectors_of(["a", "b", "ab"], later, tmp_path, silent)
    assert later.encoded == ["a"]


def test_another_model_has_another_cache(tmp_path: Path) -> None:
    vectors_of(["a"], Letters("one"), tmp_path, silent)
    other = Letters("two")
    vectors_of(["a"], other, tmp_path, silent)
    assert other.encoded == ["a"]


def test_p5_every_damage_is_noticed_and_mended(tmp_path: Path) -> None:
    expected = vectors_of(["a", "ab"], Letters(), tmp_path, silent)
    path = cache_file(tmp_path)
    whole = path.read_bytes()
    damages = [whole[:n] for n in range(0, len(whole), 7)] + [b"", b"\0" * len(whole), whole + b"x"]
    damages += [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(len(whole))]
    for damage in damages:
        path.write_bytes(damage)
        encoder = Letters()
        assert (vectors_of(["a", "ab"], encoder, tmp_path, silent) == expected).all()
        assert encoder.encoded == ["a", "ab"]
        assert path.read_bytes() == whole


def test_p8_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    folder = tmp_path / "a file and no folder"
    folder.write_text("in the way")
    encoder = Letters()
    assert vectors_of(["b"], encoder, folder, silent).tolist() == [[0.0, 1.0]]
    assert folder.read_text() == "in the way"


def test_p7_nothing_but_the_cache_is_left_in_the_folder(tmp_path: Path) -> None:
    vectors_of(["a"], Letters(), tmp_path, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.vectors"]


class Trap:
    """What runs somebody else's code when it is read as a pickle: it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_p6_a_pickle_in_the_place_of_the_cache_is_not_opened(tmp_path: Path) -> None:
    expected = vectors_of(["a"], Letters(), tmp_path / "cache", silent)
    cache_file(tmp_path / "cache").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (vectors_of(["a"], Letters(), tmp_path / "cache", silent) == expected).all()
    assert not (tmp_path / "sprung").exists()
