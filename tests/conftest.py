"""What several test modules share: the corpus of the repository, read once, and folders written for one test."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from qa import Engine

ROOT = Path(__file__).parent.parent

# Every process that a test starts goes without what stands there.
WITHOUT = ROOT / "tests" / "without"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(WITHOUT), os.environ.get("PYTHONPATH"))))

# The same examples in every run, so that a red test stays red until it is mended.
settings.register_profile("qa", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("qa")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    """The folder of the three documents."""
    return ROOT / "corpus"


@pytest.fixture(scope="session")
def engine(corpus_folder: Path) -> Engine:
    """The engine of the three documents; it never changes, so that all tests may share it."""
    return Engine.from_folder(corpus_folder)


@pytest.fixture
def write_corpus(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Writes files, named by their path, into a new folder and returns the folder."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write
