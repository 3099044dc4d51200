import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval import cli
from eval.citations import check_citations
from eval.files import write_whole
from eval.judging import Slice
from eval.results import dumped
from eval.services import LocalService, read_texts
from qa import Engine

TEXT = "The oil price rose in 1973. Nobody had expected it.\n\nTea came by ship from Canton. It was green."
QUESTIONS = (
    {"id": "oil", "kind": "easy", "split": "dev", "question": "The oil price rose in 1973",
     "evidence": [{"document": "news", "quote": "The oil price rose in 1973.", "grade": 2}]},
    {"id": "tea", "kind": "easy", "split": "test", "question": "Tea came by ship from Canton",
     "evidence": [{"document": "news", "quote": "Tea came by ship from Canton.", "grade": 2}]},
    {"id": "zebra", "kind": "hard", "split": "test", "question": "Who grew zebras?", "evidence": []},
)  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """The options that name a corpus of one document and three questions."""
    corpus, questions = tmp_path / "corpus", tmp_path / "questions.jsonl"
    corpus.mkdir()
    (corpus / "news.txt").write_text(TEXT, encoding="utf-8")
    questions.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS), encoding="utf-8")
    return ["--corpus", str(corpus), "--questions", str(questions)]


def shown(small: Sequence[str], *options: str) -> tuple[int, list[str]]:
    """The exit code of the command and the words it printed."""
    done = subprocess.run(  # noqa: S603 # the command is ours
        [sys.executable, "eval/evaluate.py", *small, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    return done.returncode, (done.stdout + done.stderr).split()


def test_other_peoples_documents_are_evaluated(small: list[str]) -> None:
    code, words = shown(small)
    assert code == 0, words
    text = " ".join(words)
    assert "Finding, test split" in text
    assert "tea" not in words
    assert "all hold" in text


def test_e7_a_malformed_question_file_exits_with_2(small: list[str], tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "a", "question": "?"}\n', encoding="utf-8")
    code, words = shown(small)
    assert (code, " ".join(words)) == (2, f"evaluate: {tmp_path}/questions.jsonl:1: field evidence: is missing")


def test_e10_two_runs_write_the_same_bytes(small: list[str], tmp_path: Path) -> None:
    for run in ("one", "two"):
        assert cli.main([*small, "--results", str(tmp_path / run)]) == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(
        ["README.md", "answer.qrels", "graded.qrels", "ours.run", "precision.svg", "questions.jsonl",
         "reliability.svg", "results.json", "success-by-kind.svg"]
    )  # fmt: skip
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_e11_a_planted_regression_fails_the_gate(
    small: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "expected.toml"
    expected = ["--expected", str(path)]
    assert cli.main([*small, *expected, "--record"]) == 0
    # There is one question only, and one question is what a figure may fall by.
    path.write_text(path.read_text(encoding="utf-8").replace("tolerance = 1.0", "tolerance = 0.1"), encoding="utf-8")
    assert cli.main([*small, *expected]) == 0
    ask = LocalService.ask
    monkeypatch.setattr(
        LocalService, "ask", lambda self, question: replace(ask(self, question), passages=(), sentence=None, quotes=())
    )
    capsys.readouterr()
    assert cli.main([*small, *expected]) == 1
    assert "FELL Success@1 1.0000 -> 0.0000" in " ".join(capsys.readouterr().out.split())


def test_a_quote_that_does_not_stand_where_it_says_breaks_the_run(
    small: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = LocalService.ask
    monkeypatch.setattr(
        LocalService,
        "ask",
        lambda self, question: replace(ask(self, question), quotes=(Slice("news", 1, 4, "The"),)),
    )
    assert cli.main(small) == 2
    assert "3 quotes do not stand where the service says" in capsys.readouterr().err


def test_gating_without_recorded_figures_is_broken(small: list[str], tmp_path: Path) -> None:
    assert cli.main([*small, "--expected", str(tmp_path / "none.toml")]) == 2


def test_one_question_is_shown_with_evidence_answer_and_score(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*small, "--show", "oil"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "evidence of grade 2 at news:0-27: The oil price rose in 1973." in printed
    assert "answer, right: The oil price rose in 1973." in printed
    assert "1. news:" in printed
    assert "score " in printed
    assert cli.main([*small, "--show", "coal"]) == 2


def test_two_systems_of_a_run_are_compared(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ["--results", str(tmp_path / "results")]
    assert cli.main([*small, *results]) == 0
    capsys.readouterr()
    command = [*small, *results, "--compare", "rank-bm25 as in its README", str(tmp_path / "results" / "results.json")]
    assert cli.main([*command, "--split", "test"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Success@1 1 1.000 1.000 +0.000 1.0000" in printed
    assert "0 gained by B" in printed
    assert cli.main([*small, *results, "--compare", "ours", "theirs"]) == 2


def test_every_place_of_every_reply_is_checked_against_the_file(engine: Engine, corpus_folder: Path) -> None:
    service = LocalService(engine)
    reply = service.ask("When did U.S. forces return to Iraq?")
    texts = read_texts(corpus_folder, service.paths)
    check = check_citations([reply], texts)
    # A passage is checked itself and as citation, and so are the answer sentence and the text around each citation.
    assert check.n_places >= 2 * len(reply.passages) + 2
    assert check.faults == ()
    moved = {document_id: " " + text for document_id, text in texts.items()}
    assert len(check_citations([reply], moved).faults) == check.n_places


def test_a_crash_is_broken_and_no_fall(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def crash(options: object) -> int:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(cli, "_run", crash)
    assert cli.main([]) == 2
    assert "planted" in capsys.readouterr().err


def test_e9_a_disk_that_fills_up_leaves_the_results_that_were_there(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_whole(path, "the results of yesterday")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match=f"'{path}'"):
            write_whole(path, "x" * 1_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text(encoding="utf-8") == "the results of yesterday"
    assert list(tmp_path.iterdir()) == [path]


def test_e9_a_folder_that_cannot_be_written_to_is_named_and_exits_with_2(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results").write_text("in the way", encoding="utf-8")
    assert cli.main([*small, "--results", str(tmp_path / "results")]) == 2
    assert f"evaluate: {tmp_path / 'results'}: File exists; nothing more was written" in capsys.readouterr().err


def test_e12_what_is_no_number_is_never_written_as_one() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumped({"value": float("nan")})
