"""Nearness in meaning, with vectors that can be worked out by hand, and with the real encoder where there is one."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from qa import Engine
from qa.confidence import load_calibration, log_odds
from qa.errors import ModelError
from qa.meaning import Meaning
from qa.vectors import Vectors
from tests.test_vectors import Letters, silent

MODEL = os.environ.get("QA_TEST_MODEL", "")
needs_model = pytest.mark.skipif(not MODEL, reason="set QA_TEST_MODEL to the folder of a sentence encoder to run this")


def meaning_of(passages: list[str], sentences: list[str], cache: Path) -> Meaning:
    return Meaning(Letters(), passages, sentences, cache, silent)


def test_nearness_is_the_cosine(tmp_path: Path) -> None:
    near = meaning_of(["a", "b", "ab"], ["aab", "b"], tmp_path).nearness("a")
    # (1, 0) against (1, 0), (0, 1), (1, 1) / sqrt(2); and against (2, 1) / sqrt(5), (0, 1).
    assert near.passages == pytest.approx(np.array([1, 0, 0.707107]), abs=1e-6)
    assert near.sentences == pytest.approx(np.array([0.894427, 0]), abs=1e-6)


def test_the_nearest_stand_first_and_equals_by_number(tmp_path: Path) -> None:
    near = meaning_of(["b", "a", "ab", "a"], ["a"], tmp_path).nearness("a")
    assert near.nearest(3, None) == [1, 3, 2]
    assert near.nearest(3, {0, 3}) == [3, 0]
    assert near.nearest(0, None) == []


CORPUS = {"one.txt": "aaa aaa bbb.\n", "two.txt": "bbb bbb bbb.\n"}


def test_a_passage_that_shares_no_term_is_found_by_its_meaning(write_corpus, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    engine = Engine.from_folder(
        write_corpus(CORPUS), encode=lambda passages, sentences: meaning_of(passages, sentences, tmp_path / "cache")
    )
    assert (engine.mode, engine.model) == ("semantic", "letters")
    answer = engine.ask("aaaa")
    first = answer.passages[0].scored
    assert first.passage.document_id == "one"
    assert (first.matched, first.highlights, first.terms) == ("meaning", (), ())
    assert [factor.name for factor in first.factors][-1] == "near in meaning"
    assert first.score == pytest.approx(sum(factor.contribution for factor in first.factors), abs=1e-9)


def test_what_the_lexical_mode_says_counts_beside_the_meaning(write_corpus, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = write_corpus(CORPUS)
    lexical = Engine.from_folder(folder)
    semantic = Engine.from_folder(
        folder, encode=lambda passages, sentences: meaning_of(passages, sentences, tmp_path / "cache")
    )
    for question in ("aaa", "bbb", "Did aaa or ccc bbb?"):
        said, heard = lexical.ask(question), semantic.ask(question).evidence
        assert heard is not None
        assert said.evidence is not None
        assert said.evidence.lexical == 0
        assert heard.lexical == pytest.approx(math.log(said.confidence / (1 - said.confidence)))
    nothing = semantic.ask("aaaa").evidence
    assert nothing is not None
    assert nothing.lexical == log_odds(None, load_calibration("lexical"))


def test_what_was_measured_with_another_model_is_only_carried_over(corpus_folder: Path, tmp_path: Path) -> None:
    class Constant(Letters):
        def encode_question(self, text: str) -> Vectors:
            return np.array([1, 0], dtype=np.float32)

    engine = Engine.from_folder(
        corpus_folder, encode=lambda passages, sentences: Meaning(Constant(), passages, sentences, tmp_path, silent)
    )
    assert (engine.mode, engine.calibration) == ("semantic", "transferred")


def test_without_an_encoder_nothing_speaks_of_meaning(write_corpus) -> None:  # type: ignore[no-untyped-def]
    engine = Engine.from_folder(write_corpus(CORPUS))
    answer = engine.ask("bbb")
    assert (engine.mode, engine.model) == ("lexical", None)
    assert all(cited.scored.matched == "terms" for cited in answer.passages)
    assert "near in meaning" not in {factor.name for cited in answer.passages for factor in cited.scored.factors}
    assert engine.ask("aaaa").reason == "no_match"


def test_the_filter_by_document_holds_for_meaning_too(write_corpus, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    engine = Engine.from_folder(
        write_corpus(CORPUS), encode=lambda passages, sentences: meaning_of(passages, sentences, tmp_path / "cache")
    )
    answer = engine.ask("aaaa", documents=["two"])
    assert {cited.citation.document_id for cited in answer.passages} == {"two"}


@needs_model
def test_the_real_encoder_finds_an_answer_in_other_words(corpus_folder: Path, tmp_path: Path) -> None:
    from qa.encoder import FastembedEncoder  # not installed everywhere

    encoder = FastembedEncoder(MODEL, tmp_path / "models")
    engine = Engine.from_folder(
        corpus_folder, encode=lambda passages, sentences: Meaning(encoder, passages, sentences, tmp_path, silent)
    )
    answer = engine.ask("How expensive was putting up the giant diplomatic complex?")
    first = answer.passages[0].citation
    assert "$700 million" in first.quote
    assert first.span.cut(engine.document(first.document_id).text) == first.quote


@needs_model
def test_vectors_do_not_depend_on_what_is_encoded_beside_them(tmp_path: Path) -> None:
    from qa.encoder import FastembedEncoder  # as above

    encoder = FastembedEncoder(MODEL, tmp_path)
    together = encoder.encode(["a short one", "a much longer text about nothing in particular " * 3], silent)
    alone = encoder.encode(["a short one"], silent)
    assert together[0] == pytest.approx(alone[0], abs=1e-6)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(2), abs=1e-5)


@needs_model
@pytest.mark.parametrize(
    ("model", "says"),
    [("sentence-transformers/all-MiniLM-L6-v2", "is not on this machine"), ("no/such-model", "is not on this machine")],
)
def test_a_model_that_is_not_here_is_a_clear_error(model: str, says: str, tmp_path: Path) -> None:
    from qa.encoder import FastembedEncoder  # as above

    with pytest.raises(ModelError, match=f"{model}: {says}.*python -m qa model fetch NAME"):
        FastembedEncoder(model, tmp_path / "models")


@needs_model
def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    from qa.encoder import FastembedEncoder  # as above

    with pytest.raises(ModelError, match=r"holds 0 files \*\.onnx and must hold one"):
        FastembedEncoder(str(tmp_path), tmp_path)
