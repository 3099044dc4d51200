import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from qa import CorpusError, options
from qa.options import Source, add_corpus_options, engine_from
from qa.vectors import Progress, Vectors

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]


def parsed(arguments: list[str], environ: dict[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_corpus_options(parser, environ)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "environ", "corpus"),
    [
        ([], {}, "corpus"),
        ([], {"QA_CORPUS": "other"}, "other"),
        ([], {"QA_CORPUS": ""}, "corpus"),
        (["--corpus", "mine"], {"QA_CORPUS": "other"}, "mine"),
    ],
    ids=["default", "environment", "empty environment", "flag"],
)
def test_a_flag_beats_the_environment_and_that_the_default(
    arguments: list[str], environ: dict[str, str], corpus: str
) -> None:
    assert parsed(arguments, environ).corpus == corpus


@pytest.mark.parametrize(
    ("arguments", "value", "strict"),
    [
        *(([], value, False) for value in ("", "0", "false", "no", "NO")),
        *(([], value, True) for value in ("1", "true", "yes", "True")),
        (["--strict"], "0", True),
        (["--strict"], "perhaps", True),
    ],
)
def test_strict_is_asked_for(arguments: list[str], value: str, strict: bool) -> None:
    assert parsed(arguments, {"QA_STRICT": value}).strict is strict


def test_strict_is_off_by_default() -> None:
    assert parsed([], {}).strict is False


@pytest.mark.parametrize("value", ["perhaps", "2", " ", "on"])
def test_a_strict_that_is_neither_on_nor_off_is_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parsed([], {"QA_STRICT": value})
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(
        f"argument --strict: QA_STRICT must be 1, true or yes, or 0, false, no or empty, not {value!r}\n"
    )


def test_a_tilde_that_no_shell_has_read_is_the_home_folder(
    write_corpus: WriteCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(write_corpus({"notes/oil.txt": "Oil is sold."}).parent))
    engine = engine_from(parsed([], {"QA_CORPUS": "~/corpus/notes"}))
    assert [document.id for document in engine.corpus.documents] == ["oil"]


def test_c1_the_home_folder_of_nobody_is_refused_by_name() -> None:
    with pytest.raises(CorpusError) as caught:
        engine_from(parsed(["--corpus", "~nobody-at-all/notes"], {}))
    assert caught.value.path == "~nobody-at-all/notes"
    assert caught.value.reason == "begins with the home folder of nobody; write the whole path"


def test_strict_refuses_a_folder_with_a_skipped_file(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"oil.txt": "Oil is sold.", "a/bad.txt": b"\xff"})
    assert len(engine_from(parsed(["--corpus", str(folder)], {})).corpus.documents) == 1
    with pytest.raises(CorpusError) as caught:
        engine_from(parsed(["--corpus", str(folder), "--strict"], {}))
    assert caught.value.path == f"{folder}/a/bad.txt"
    assert caught.value.reason == (
        "byte 0xFF at offset 0 is not UTF-8; save the file as UTF-8; mend it or start without --strict"
    )


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Puts a model in the place of every other, and notes how often it was `loaded` and what it `encoded`."""
    noted = SimpleNamespace(loaded=[], encoded=[])

    class Model:
        id = name = "m"

        def __init__(self, name: str, models: Path) -> None:
            noted.loaded.append(name)

        def encode(self, texts: Sequence[str], progress: Progress) -> Vectors:
            noted.encoded.append(list(texts))
            progress(len(texts), len(texts))
            return np.eye(1, 4, dtype=np.float32).repeat(len(texts), axis=0)

    monkeypatch.setattr(options, "encoder_module", lambda model: SimpleNamespace(FastembedEncoder=Model))
    return noted


def test_one_model_is_loaded_for_all_engines_of_a_folder(
    write_corpus: WriteCorpus, tmp_path: Path, model: SimpleNamespace
) -> None:
    folder = write_corpus({"oil.txt": "Oil is sold."})
    source = Source(parsed(["--corpus", str(folder), "--semantic", "m", "--cache", str(tmp_path / "cache")], {}))
    first = source.engine()
    (folder / "gas.txt").write_text("Gas is sold.")
    second = source.engine_after(first)
    assert (model.loaded, model.encoded) == (["m"], [["Oil is sold."], ["Gas is sold."]])
    assert source.engine_after(second) is second is not first


def test_two_corpora_with_one_cache_keep_the_vectors_of_both(
    write_corpus: WriteCorpus, tmp_path: Path, model: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_corpus({"oil/oil.txt": "Oil is sold.", "gas/gas.txt": "Gas is sold."})
    common = ["--semantic", "m", "--cache", str(tmp_path / "cache")]
    engine_from(parsed(["--corpus", str(folder / "oil"), *common], {}))
    engine_from(parsed(["--corpus", str(folder / "gas"), *common], {}))
    monkeypatch.chdir(folder)
    engine_from(parsed(["--corpus", "oil", *common], {}))
    engine_from(parsed(["--corpus", "gas/", *common], {}))
    assert model.encoded == [["Oil is sold."], ["Gas is sold."]]


def test_without_standard_error_the_corpus_is_encoded_all_the_same(
    write_corpus: WriteCorpus, tmp_path: Path, model: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    folder = write_corpus({"oil.txt": "Oil is sold."})
    engine = engine_from(parsed(["--corpus", str(folder), "--semantic", "m", "--cache", str(tmp_path / "cache")], {}))
    assert (engine.mode, model.encoded) == ("semantic", [["Oil is sold."]])


def test_strict_accepts_a_folder_that_is_whole(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"oil.txt": "Oil is sold."})
    engine = engine_from(parsed(["--corpus", str(folder), "--strict"], {}))
    assert [document.id for document in engine.corpus.documents] == ["oil"]
