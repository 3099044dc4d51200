import json
import math
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from eval import calibrate, cli
from eval.calibrate import NAMES, Sample, calibration_toml, fit
from eval.citations import CitationCheck
from eval.evaluation import Evaluation, Outcome, System
from eval.judging import Judged, Place
from eval.modes import (
    Exchange,
    Modes,
    exchanges,
    false_answers,
    first_passage_answers,
    is_right,
    paired_tests,
)
from eval.questions import Question
from eval.refusing import threshold_for
from eval.services import Reply
from qa.vectors import Progress, Vectors

ROOT = Path(__file__).parent.parent
MODEL = os.environ.get("QA_TEST_MODEL", "")
with_model = pytest.mark.skipif(not MODEL, reason="QA_TEST_MODEL names no folder with a sentence encoder")

TEXTS = {
    "oil": "The oil price rose in 1973. Nobody had expected it.",
    "tea": "Tea came by ship from Canton. It was green.",
}
QUESTIONS = (
    {"id": "oil", "kind": "paraphrase", "split": "dev", "question": "When did fuel become expensive?",
     "evidence": [{"document": "oil", "quote": "The oil price rose in 1973.", "grade": 2}]},
    {"id": "tea", "kind": "keyword", "split": "test", "question": "Tea came by ship from Canton",
     "evidence": [{"document": "tea", "quote": "Tea came by ship from Canton.", "grade": 2}]},
    {"id": "zebra", "kind": "other-topic", "split": "test", "question": "Who grew zebras?", "evidence": []},
)  # fmt: skip


class FakeEncoder:
    """Knows two topics: oil points along the first axis, tea along the second, and all else along the third.

    The length of a text tells those of one topic apart a little.
    """

    id = "f" * 64

    def __init__(self, model: str, models: Path) -> None:
        self.name = model

    def encode(self, texts: Sequence[str], progress: Progress) -> Vectors:
        progress(len(texts), len(texts))
        return np.stack([self.encode_question(text) for text in texts])

    def encode_question(self, text: str) -> Vectors:
        topics = (("oil", "fuel"), ("tea", "brew"))
        found = [any(word in text.lower() for word in words) for words in topics]
        vector = np.array([*found, not any(found), 0.01 * (len(text) % 50)], dtype=np.float32)
        normalised: Vectors = vector / np.linalg.norm(vector)
        return normalised


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in the place of qa.encoder, so that no model is needed."""
    monkeypatch.setitem(sys.modules, "qa.encoder", SimpleNamespace(FastembedEncoder=FakeEncoder))


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """The options that name a corpus of two documents, three questions, and where vectors are kept."""
    corpus, questions = tmp_path / "corpus", tmp_path / "questions.jsonl"
    corpus.mkdir()
    for name, text in TEXTS.items():
        (corpus / f"{name}.txt").write_text(text, encoding="utf-8")
    questions.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS), encoding="utf-8")
    return ["--corpus", str(corpus), "--questions", str(questions), "--cache", str(tmp_path / "cache")]


def outcome(kind: str, number: int, rank: int | None, confidence: float, reason: str | None = None) -> Outcome:
    """A question with an answer when its kind is `easy`; refused below a confidence of 0.5 or for `reason`."""
    places = (Place("news", 0, 4, 2),) if kind == "easy" else ()
    reason = reason or ("below_threshold" if confidence < 0.5 else None)
    reply = Reply("abstained" if reason else "answered", reason, confidence, (), None, (), 0, 1.0)
    question = Question(f"{kind}-{number}", kind, "dev", "?", (), number)
    return Outcome(Judged(question, places), rank, {}, reply)


def evaluation(name: str, *outcomes: Outcome) -> Evaluation:
    return Evaluation("f", 1, 1, (System(name, outcomes),), {}, {}, (), CitationCheck(0, 0, ()))


MODES = Modes(
    "fake",
    evaluation(
        "lexical",
        outcome("easy", 1, 1, 0.9),
        outcome("easy", 2, 2, 0.8),
        outcome("easy", 3, 1, 0.6),
        outcome("easy", 4, None, 0.9, "terms_absent"),
        outcome("hard", 1, None, 0.85),
        outcome("hard", 2, None, 0.7),
        outcome("hard", 3, None, 0.1),
        outcome("wild", 1, None, 0.95, "terms_absent"),
    ),
    evaluation(
        "semantic",
        outcome("easy", 1, 1, 0.9),
        outcome("easy", 2, 1, 0.95),
        outcome("easy", 3, 2, 0.4),
        outcome("easy", 4, 1, 0.3),
        outcome("hard", 1, None, 0.2),
        outcome("hard", 2, None, 0.6),
        outcome("hard", 3, None, 0.35),
        outcome("wild", 1, None, 0.1),
    ),
)


def test_the_threshold_is_the_highest_that_answers_so_many() -> None:
    scores = [0.3, 0.9, 0.6, 0.6, 0.0]
    # Of the best two of .9, .6, .6, .3 the second has .6, at which three are answered; the fifth is never answered.
    assert [threshold_for(scores, n) for n in (0, 1, 2, 4, 5, 6)] == [float("inf"), 0.9, 0.6, 0.3, 0.0, 0.0]


def test_questions_gained_and_lost_are_counted_for_all_and_for_each_kind() -> None:
    moved = exchanges(MODES, "dev", is_right, answerable_only=False)
    # Lexical refuses hard-3 and wild-1, semantic hard-1, hard-3 and wild-1; without a sentence nothing easy is right.
    assert moved == (
        Exchange("all", 8, 2, 3, ("hard-1",), ()),
        Exchange("easy", 4, 0, 0, (), ()),
        Exchange("hard", 3, 1, 2, ("hard-1",), ()),
        Exchange("wild", 1, 1, 1, (), ()),
    )
    assert exchanges(MODES, "dev", first_passage_answers, answerable_only=True) == (
        Exchange("all", 4, 2, 3, ("easy-2", "easy-4"), ("easy-3",)),
    )
    assert exchanges(MODES, "test", is_right, answerable_only=False) == ()


def test_the_paired_test_takes_both_modes_question_by_question() -> None:
    first, *_, outcomes = paired_tests(MODES, "dev")
    # Success@1 moves by +1, -1, +1: of the 8 sign flips all have a sum of at least 1 from 0.
    assert (first.measure, first.n, first.mean_a, first.mean_b, first.p) == ("Success@1", 4, 0.5, 0.75, 1.0)
    assert (outcomes.measure, outcomes.n, outcomes.mean_a, outcomes.mean_b) == (
        "right, or rightly refused", 8, 2 / 8, 3 / 8
    )  # fmt: skip


def test_false_answers_are_counted_at_the_same_answered_share() -> None:
    rows = {row.at: row for row in false_answers(MODES, "dev")}
    # Lexical answers easy-1, -2 and -3, from .6 on, and there hard-1 and hard-2 too; for three answers semantic goes
    # down to .4, where hard-2 alone is answered. wild-1 is refused by lexical whatever its confidence of .95 says.
    as_lexical = rows["as lexical decides"]
    assert (as_lexical.n_answered, as_lexical.n) == (3, 4)
    assert (as_lexical.lexical.value, as_lexical.semantic.value, as_lexical.p) == (2 / 4, 1 / 4, 1.0)
    # Semantic answers two: lexical from .8 on, with hard-1; semantic from .9 on, with none.
    as_semantic = rows["as semantic decides"]
    assert (as_semantic.n_answered, as_semantic.lexical.value, as_semantic.semantic.value) == (2, 1 / 4, 0.0)
    assert rows["50%"].n_answered == 2
    # Lexical cannot answer easy-4; semantic does at .3, and hard-2 and hard-3 with it.
    assert np.isnan(rows["100%"].lexical.value)
    assert (rows["100%"].semantic.value, rows["100%"].p) == (2 / 4, None)


def test_without_questions_of_both_sorts_there_are_no_false_answers() -> None:
    only = [evaluation(name, outcome("easy", 1, 1, 0.9)) for name in ("lexical", "semantic")]
    assert false_answers(Modes("fake", *only), "dev") == ()


def test_both_modes_stand_side_by_side(
    fake: None, small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    assert cli.main([*small, "--semantic", "fake-model", "--results", str(results)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "model fake-model" in printed
    assert "Success@1 1 0.000 1.000 +1.000 1.0000" in printed
    assert "Gained by semantic: oil. Lost: none." in printed
    assert "lexical: one question took" in printed
    assert sorted(path.name for path in results.iterdir()) == ["README.md", "results.json"]
    written = json.loads((results / "results.json").read_text(encoding="utf-8"))
    assert list(written["systems"])[:2] == ["lexical", "semantic"]
    assert [written["systems"][mode]["ranks"]["oil"] for mode in ("lexical", "semantic")] == [None, 1]
    assert written["splits"]["dev"]["first passage answers"]["all"] == {
        "n": 1, "lexical": 0, "semantic": 1, "gained": "oil", "lost": ""
    }  # fmt: skip
    assert {check["replies"] for check in written["citations"].values()} == {3}


def test_two_runs_of_both_modes_write_the_same_bytes(fake: None, small: list[str], tmp_path: Path) -> None:
    for run in ("one", "two"):
        assert cli.main([*small, "--semantic", "fake-model", "--results", str(tmp_path / run)]) == 0
    for file in ("README.md", "results.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_the_modes_of_a_results_file_are_compared(
    fake: None, small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ["--results", str(tmp_path / "results")]
    assert cli.main([*small, *results, "--semantic", "fake-model"]) == 0
    capsys.readouterr()
    assert cli.main([*small, *results, "--compare", "lexical", "semantic"]) == 0
    assert "Success@1 1 0.000 1.000 +1.000" in " ".join(capsys.readouterr().out.split())


def test_one_question_is_shown_as_the_semantic_mode_answers_it(
    fake: None, small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*small, "--semantic", "fake-model", "--show", "oil"]) == 0
    assert "near in meaning" in " ".join(capsys.readouterr().out.split())


def squad_file(folder: Path) -> Path:
    """One article of two paragraphs with six questions each, every third of them without an answer."""
    paragraphs = [
        {
            "context": text,
            "qas": [
                {"id": f"{word}-{number}", "question": f"What of {word} number {number}?",
                 "is_impossible": number % 3 == 0,
                 "answers": [{"text": word, "answer_start": text.index(word)}] if number % 3 else []}
                for number in range(6)
            ],
        }
        for word, text in (("oil", "The oil price rose in 1973."), ("tea", "Green tea came by ship."))
    ]  # fmt: skip
    path = folder / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Goods", "paragraphs": paragraphs}]}), encoding="utf-8")
    return path


def test_a_squad_file_is_evaluated_in_both_modes(
    fake: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--squad", str(squad_file(tmp_path)), "--semantic", "fake-model", "--cache", str(tmp_path / "cache")]
    assert cli.main(options) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "all lexical 8" in printed
    assert "all semantic 8" in printed


def test_the_vectors_of_two_corpora_do_not_drive_each_other_out(fake: None, small: list[str], tmp_path: Path) -> None:
    common = ["--semantic", "fake-model", "--cache", str(tmp_path / "cache")]
    assert cli.main([*small, *common]) == 0
    assert cli.main(["--squad", str(squad_file(tmp_path)), *common]) == 0
    assert len(list((tmp_path / "cache" / "vectors").glob("*/*.vectors"))) == 2


@pytest.mark.parametrize(
    "other", [["--url", "http://127.0.0.1:1"], ["--compare", "a", "b"], ["--expected", "x"], ["--record"]], ids=str
)
def test_what_needs_one_mode_does_not_go_with_two(
    small: list[str], other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*small, "--semantic", "fake-model", *other]) == 2
    assert f"{other[0]} does not go with --semantic" in capsys.readouterr().err


def test_without_the_libraries_of_the_encoder_the_way_out_is_named(
    small: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "qa.encoder", raising=False)
    monkeypatch.setitem(sys.modules, "fastembed", None)
    assert cli.main([*small, "--semantic", "some-model"]) == 2
    assert capsys.readouterr().err == (
        "evaluate: --semantic some-model: fastembed is not installed; `pip install .[semantic]` brings it\n"
    )


WITHOUT = """
import sys
from eval import calibrate, cli

code = cli.main(sys.argv[1:])
print(code, sorted({name.split(".")[0] for name in sys.modules} & {"fastembed", "onnxruntime", "tokenizers"}))
"""


def test_without_the_option_no_encoder_is_imported(small: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 # our own program
        [sys.executable, "-c", WITHOUT, *small], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr


LEAD, RARITY = NAMES.index("lead"), NAMES.index("rarity")


def sample(n: int, rng: np.random.Generator, constant: float) -> Sample:
    """Questions that succeed when they are ahead by much; the last evidence is the same for all."""
    evidence = rng.uniform(size=(n, len(NAMES)))
    evidence[:, -1] = constant
    succeeded = (evidence[:, LEAD] > 0.5).astype(float)
    return Sample(evidence, succeeded, succeeded > 0, np.zeros(n, dtype=bool), np.arange(n) % 10)


def four_samples(constant: float) -> list[Sample]:
    """One for each of SHARES, which are made alike: nothing is said here of questions asked elsewhere."""
    rng = np.random.default_rng(1)
    return [sample(n, rng, constant) for n in (60, 140, 60, 140)]


def test_evidence_is_left_out_where_it_would_turn_into_its_opposite() -> None:
    samples = four_samples(0.0)
    for each in samples:  # rare words that speak for the passage
        each.evidence[:, RARITY] = each.succeeded
    weights = fit(samples)
    assert weights[1 + RARITY] == 0
    assert weights[1 + LEAD] > 0


@pytest.mark.parametrize("constant", [0.0, 0.1], ids=["zero", "a tenth, whose mean is not exactly itself"])
def test_evidence_that_never_differs_has_the_weight_0(constant: float) -> None:
    samples = four_samples(constant)
    weights = fit(samples)
    assert weights[-1] == 0
    assert np.isfinite(weights).all()
    assert weights[1 + LEAD] > 5 * np.abs(np.delete(weights, [0, 1 + LEAD])).max()
    # It changes nothing for the others either: the same evidence with another constant has the same weights.
    for each in samples:
        each.evidence[:, -1] = 0.7
    assert fit(samples) == pytest.approx(weights)


def test_each_sample_counts_by_its_share_whatever_its_size() -> None:
    """Evidence that is all alike leaves the intercept: the log odds of the share that succeeds, .3 + .05 of all."""
    samples = four_samples(0.0)
    for each, share in zip(samples, (1.0, 0.0, 1.0, 0.0), strict=True):
        each.evidence[:] = 0.0
        each.succeeded[:] = share
    assert fit(samples)[0] == pytest.approx(math.log(0.35 / 0.65))


def test_unused_evidence_has_the_weight_0() -> None:
    samples = four_samples(0.0)
    assert fit(samples)[1 + LEAD] > 0
    assert fit(samples, ("lead",))[1 + LEAD] == 0


def test_what_is_asked_elsewhere_has_no_answer_there() -> None:
    question = Question("a", "kind", "dev", "Who?", (), 1)
    [elsewhere] = calibrate._elsewhere([Judged(question, (Place("d", 0, 4, 2),))])
    assert (elsewhere.question, elsewhere.places) == (question, ())


def test_a_calibration_file_names_its_mode_and_its_model() -> None:
    samples = four_samples(0.0)
    for each in samples:  # large numbers that speak against an answer have a weight just below 0
        each.evidence[:, RARITY] = 1e6 * (1 - each.evidence[:, LEAD])
    lexical = calibration_toml(samples, "lexical", None, "abc")
    semantic = calibration_toml(samples, "semantic", "some-model", "abc")
    first, command = semantic.splitlines()[:2]
    assert first.startswith("# How confidence is computed in semantic mode, model some-model: ")
    assert "--semantic MODEL" in command
    assert lexical.splitlines()[0].startswith("# How confidence is computed in lexical mode: ")
    assert "-0.000" not in lexical
    read, read_semantic = tomllib.loads(lexical), tomllib.loads(semantic)
    assert (read["mode"], read["measured_on"], read["weights"]["meaning"]) == ("lexical", ["abc"], 0.0)
    assert "model" not in read
    assert (read_semantic["mode"], read_semantic["model"]) == ("semantic", "some-model")
    assert list(read["weights"]) == ["intercept", *NAMES]


def test_the_semantic_mode_is_calibrated(fake: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--squad", str(squad_file(tmp_path)), "--cache", str(tmp_path / "cache")]
    assert calibrate.main([*options, "--semantic", "fake-model"]) == 0
    semantic = tomllib.loads(capsys.readouterr().out)
    assert calibrate.main(options) == 0
    lexical = tomllib.loads(capsys.readouterr().out)
    assert (semantic["mode"], semantic["model"], lexical["mode"]) == ("semantic", "fake-model", "lexical")
    assert (semantic["weights"]["meaning"] != 0, lexical["weights"]["meaning"]) == (True, 0)


def test_a_calibration_that_cannot_be_made_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate.main(["--squad", str(tmp_path / "none.json")]) == 2
    assert f"calibrate: {tmp_path}/none.json: cannot be read" in capsys.readouterr().err


@with_model
def test_a_real_model_finds_what_shares_no_word(small: list[str], tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert cli.main([*small, "--semantic", MODEL, "--results", str(results)]) == 0
    written = json.loads((results / "results.json").read_text(encoding="utf-8"))
    assert written["model"] == Path(MODEL).name
    assert [written["systems"][mode]["ranks"]["oil"] for mode in ("lexical", "semantic")] == [None, 1]


@with_model
def test_a_model_that_is_not_there_is_one_sentence(small: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*small, "--semantic", "sentence-transformers/all-MiniLM-L6-v2"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("evaluate: sentence-transformers/all-MiniLM-L6-v2: is not on this machine")
    assert "python -m qa model fetch" in error
