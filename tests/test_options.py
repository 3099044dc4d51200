import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from qa import CorpusError
from qa.options import add_corpus_options, engine_from

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
    ("arguments", "environ", "strict"),
    [([], {}, False), ([], {"QA_STRICT": ""}, False), ([], {"QA_STRICT": "1"}, True), (["--strict"], {}, True)],
    ids=["default", "empty environment", "environment", "flag"],
)
def test_strict_is_asked_for(arguments: list[str], environ: dict[str, str], strict: bool) -> None:
    assert parsed(arguments, environ).strict is strict


def test_strict_refuses_a_folder_with_a_skipped_file(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"oil.txt": "Oil is sold.", "a/bad.txt": b"\xff"})
    assert len(engine_from(parsed(["--corpus", str(folder)], {})).corpus.documents) == 1
    with pytest.raises(CorpusError) as caught:
        engine_from(parsed(["--corpus", str(folder), "--strict"], {}))
    assert caught.value.path == f"{folder}/a/bad.txt"
    assert caught.value.reason == (
        "byte 0xFF at offset 0 is not UTF-8; save the file as UTF-8; mend it or start without --strict"
    )


def test_strict_accepts_a_folder_that_is_whole(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"oil.txt": "Oil is sold."})
    engine = engine_from(parsed(["--corpus", str(folder), "--strict"], {}))
    assert [document.id for document in engine.corpus.documents] == ["oil"]
