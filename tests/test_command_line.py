"""`python -m qa`: what it prints, and how it exits."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib import metadata
from pathlib import Path

import pytest

from qa import Engine, QAError
from qa import __main__ as qa_main
from qa.__main__ import main, run
from qa.wire import answer_json, corpus_json

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]
FOLDER = {"oil.md": "# Oil\n\nTurkey buys oil.\nIt pays $5.\n", "gas.txt": "Gas is sold.", "bad.txt": b"\xff"}
QUESTION = "Who buys oil?"


@pytest.fixture
def folder(write_corpus: WriteCorpus) -> str:
    return str(write_corpus(FOLDER))


@pytest.fixture
def exit_code(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Runs the command line in this process and returns its exit code."""

    def call(*arguments: str) -> object:
        monkeypatch.setattr(sys, "argv", ["qa", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code

    return call


def process(
    arguments: Sequence[str | bytes], stdout: object = subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """A real run of `python -m qa`, for what only a process has: its streams and its environment."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "qa", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "", **environ},  # buffered, as it is for a person
        cwd=Path(__file__).parent.parent,
        timeout=60,
        check=False,
    )


def test_an_answer_exits_0_and_says_where_it_stands(
    folder: str, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("--corpus", folder, "ask", QUESTION) == 0
    out, err = capsys.readouterr()
    place, likely = out.splitlines()[2:4]
    assert out.splitlines()[:2] == ["Turkey buys oil.", ""]
    assert place == "    Oil · oil, line 3, characters 7-23"
    assert re.fullmatch(r"    [A-Z][a-z ,]+ \([0-9]+ %, estimated from other documents\)\.", likely)
    assert " 1. Turkey buys oil.\nIt pays $5.\n    Oil · oil, lines 3–4, characters 7-35\n" in out
    assert err == ""


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "How do I bake a pizza?",
            (
                "The documents do not answer this. "
                "None of the words that matter in the question stand in the documents.\n"
                "Nowhere in the documents: bake, pizza.\n"
                "Check the spelling, or try other words for the same thing."
            ),
        ),
        (
            "?!",
            (
                "The documents do not answer this. The question holds no word to search for. "
                "Little words such as “the”, “is” or “what” stand everywhere.\n"
                "Say whom or what it is about."
            ),
        ),
    ],
)
def test_q1_q2_an_abstention_exits_1_and_says_why_and_what_to_do(
    folder: str,
    exit_code: Callable[..., object],
    capsys: pytest.CaptureFixture[str],
    question: str,
    sentence: str,
) -> None:
    assert exit_code("--corpus", folder, "ask", question) == 1
    assert capsys.readouterr() == (f"{sentence}\n", "")


def test_a_question_needs_no_quotation_marks(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for words in ([QUESTION], QUESTION.split()):
        assert run(["--corpus", folder, "ask", "--top-k", "1", *words]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--corpus", "{}", "ask", "oil", "--top-k", "2"],
        ["ask", "--corpus", "{}", "oil", "--top-k", "2"],
        ["ask", "oil", "--top-k", "2", "--corpus={}"],
        ["--corpus", "elsewhere", "ask", "oil", "--top-k", "2", "--corpus", "{}"],
    ],
    ids=["before", "behind", "last", "the last counts"],
)
def test_the_folder_may_be_named_before_and_behind_the_command(
    folder: str, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run([argument.format(folder) for argument in arguments]) == 0
    assert capsys.readouterr().out.startswith("Turkey buys oil.\n")


def test_strict_may_stand_behind_the_command(folder: str, exit_code: Callable[..., object]) -> None:
    assert exit_code("--corpus", folder, "documents", "--strict") == 2


def test_behind_two_dashes_all_is_question(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--corpus", folder, "ask", "--", "--strict", "--corpus"]) == 1
    assert "Nowhere in the documents: strict, corpus." in capsys.readouterr().out


def test_explain_without_json_prints_a_sum_that_adds_up(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["--corpus", folder, "ask", "--explain", "--top-k", "1", "What does Turky buy?"])
    table = capsys.readouterr().out.partition("characters 7-35\n\n")[2].splitlines()
    assert table[0].split() == "weight × rarity × frequency gives".split()
    assert table[-1].split()[0] == "score"
    assert any("Turky (as turkey, spelling repaired)" in row for row in table)
    gives = [Decimal(row.split()[-1]) for row in table[1:-1] if row.strip() != "weight × value"]
    assert len(gives) >= 2
    assert sum(gives) == Decimal(table[-1].split()[-1])


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a run of the command line prints on a terminal of 40 columns."""

    def call(*arguments: str, term: str = "xterm") -> str:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "40")
        monkeypatch.setenv("TERM", term)
        run(arguments)
        return capsys.readouterr().out

    return call


PARAGRAPHS = {
    "oil.txt": "Oil is sold by many lands to other lands, as gas is sold too.\n\n"
    "Turkey buys oil from Iraq,\x0c and pays.",
}


def test_on_a_terminal_lines_fit_paragraphs_are_indented_and_the_best_sentence_is_bold(
    write_corpus: WriteCorpus, on_terminal: Callable[..., str]
) -> None:
    out = on_terminal("--corpus", str(write_corpus(PARAGRAPHS)), "ask", "Who buys oil from Iraq?")
    assert [line for line in out.splitlines() if len(re.sub(r"\x1b\[[0-9]+m", "", line)) > 40] == []
    assert out.partition("assages\n\n")[2].startswith(
        " 1. Oil is sold by many lands to other\n"
        "    lands, as gas is sold too.\n"
        "\n"
        "    \x1b[1mTurkey buys oil from Iraq,\\x0c and\n"
        "    pays.\x1b[22m\n"
    )


def test_a_terminal_that_knows_no_bold_gets_none(folder: str, on_terminal: Callable[..., str]) -> None:
    arguments = ("--corpus", folder, "ask", QUESTION)
    assert "\x1b" in on_terminal(*arguments)
    assert "\x1b" not in on_terminal(*arguments, term="dumb")


def test_for_a_program_quotes_stay_verbatim(write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]) -> None:
    text = PARAGRAPHS["oil.txt"].replace("\x0c", "")
    run(["--corpus", str(write_corpus({"oil.txt": text})), "ask", "Who buys oil from Iraq?"])
    assert f" 1. {text}\n" in capsys.readouterr().out


def test_an_abstention_of_chosen_documents_speaks_of_these_only(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--corpus", folder, "ask", "--document", "gas", "Who mines coal?"]) == 1
    assert "None of the words that matter in the question stand in the chosen documents." in capsys.readouterr().out


def test_json_is_the_body_of_ask(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--corpus", folder, "ask", QUESTION, "--json", "--explain", "--top-k", "3", "--document", "oil"]
    assert run(arguments) == 0
    body = json.loads(capsys.readouterr().out)
    engine = Engine.from_folder(Path(folder))
    block = corpus_json(engine.corpus, len(engine.passages), 1, body["corpus"]["indexed_at"], engine.calibration)
    expected = answer_json(engine.ask(QUESTION, 3, ["oil"]), block, body["took_ms"], explain=True)
    assert body == json.loads(json.dumps(expected))
    assert list(body) == list(expected)
    assert body["took_ms"] >= 0


def test_json_of_an_abstention_exits_1(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--corpus", folder, "ask", "pizza", "--json"]) == 1
    body = json.loads(capsys.readouterr().out)
    assert (body["status"], body["reason"], body["passages"]) == ("abstained", "no_match", [])


def cited_answer(folder: str) -> dict[str, object]:
    engine = Engine.from_folder(Path(folder))
    body = answer_json(engine.ask(QUESTION), {}, 0.5, explain=False)
    return json.loads(json.dumps(body))  # type: ignore[no-any-return]


def test_cite_prints_the_citation_of_the_answer_and_nothing_else(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--corpus", folder, "ask", QUESTION, "--cite", "csl"]) == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["id"], item["annote"]) == ("oil-7-23", "Turkey buys oil.")


def test_cite_of_an_abstention_prints_no_citation_says_why_and_exits_1(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--corpus", folder, "ask", "pizza", "--cite", "bibtex"]) == 1
    out, err = capsys.readouterr()
    why = "None of the words that matter in the question stand in the documents."
    assert (out, err) == ("", f"qa: the documents do not answer this, so there is nothing to cite. {why}\n")


def test_cite_keeps_json_valid_whatever_the_document_holds(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_corpus({"oil.txt": "Turkey buys \x9b31m \u202e oil."})
    assert run(["--corpus", str(folder), "ask", QUESTION, "--cite", "annotation"]) == 0
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert json.loads(out)["target"]["selector"][1]["exact"] == "Turkey buys \x9b31m \u202e oil."


def test_verify_of_an_unchanged_folder_exits_0(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answer.json").write_text(json.dumps(cited_answer(folder)), encoding="utf-8")
    assert run(["--corpus", folder, "verify", str(tmp_path / "answer.json")]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "verified  oil, characters 7-23",
        "verified  oil, characters 7-35",
    ]


def test_verify_of_no_citation_says_that_there_was_none(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    assert run(["--corpus", folder, "verify", str(tmp_path / "none.json")]) == 0
    assert capsys.readouterr().out == "nothing to verify: there is no citation in it\n"


def test_verify_says_what_became_of_each_citation(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    citations = [
        {"document_id": "oil", "start": 0, "end": 4, "quote": "Turkey buys oil.", "sha256": "0" * 64},
        {"document_id": "oil", "start": 7, "end": 24, "quote": "Turkey sells oil."},
        {"document_id": "oil", "start": 0, "end": 2, "quote": "oi"},
        {"document_id": "coal", "start": 0, "end": 2, "quote": "Co"},
        {"document_id": "oil", "start": 0, "end": 9, "quote": "§" * 9},
    ]
    (tmp_path / "list.json").write_text(json.dumps(citations), encoding="utf-8")
    assert run(["--corpus", folder, "verify", str(tmp_path / "list.json")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "moved  oil, characters 0-4",
        "    the document has changed since it was cited",
        "    now at line 3, characters 7-23",
        "changed  oil, characters 7-24",
        "    closest text, 78 % alike, at line 3, characters 7-23",
        "    Turkey [-sell-]{+buy+}s oil.",
        "moved  oil, characters 0-2",
        "    now at line 3, characters 19-21",
        "unknown_document  coal, characters 0-2",
        "missing  oil, characters 0-9",
    ]


def test_verify_reads_standard_input_and_prints_the_body_of_verify(folder: str) -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "qa", "--corpus", folder, "verify", "--json"],
        input=json.dumps(cited_answer(folder)).encode(),
        capture_output=True,
        cwd=Path(__file__).parent.parent,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["counts"]["verified"] >= 2


def test_verify_without_standard_input_exits_2_with_one_sentence(
    folder: str,
    exit_code: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert exit_code("--corpus", folder, "verify") == 2
    assert capsys.readouterr() == ("", "qa: there is no standard input; name a file\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "qa: {}: is not JSON in UTF-8; give the file of a citation or of an answer\n"),
        (b"{", "qa: {}: is not JSON in UTF-8; give the file of a citation or of an answer\n"),
        (b"[" * 100_000, "qa: {}: is not JSON in UTF-8; give the file of a citation or of an answer\n"),
        (b"5", "qa: citations is missing; send a citation, a list of them as citations, or a body of /ask\n"),
        (None, "qa: {}: No such file or directory\n"),
    ],
    ids=["not_utf8", "not_json", "deep", "number", "no_file"],
)
def test_verify_of_what_it_cannot_read_exits_2_with_one_sentence(
    folder: str,
    tmp_path: Path,
    exit_code: Callable[..., object],
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    message: str,
) -> None:
    file = tmp_path / "claims.json"
    if content is not None:
        file.write_bytes(content)
    assert exit_code("--corpus", folder, "verify", str(file)) == 2
    assert capsys.readouterr() == ("", message.format(file))


def test_documents_lists_what_was_read_and_what_was_skipped(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--corpus", folder, "documents"]) == 0
    gas, oil = (hashlib.sha256(Path(folder, name).read_bytes()).hexdigest()[:16] for name in ("gas.txt", "oil.md"))
    assert capsys.readouterr().out.splitlines() == [
        "gas",
        "    Gas is sold.",
        f"    gas.txt · 12 characters · 1 passage · SHA-256 {gas}",
        "",
        "oil",
        "    Oil",
        f"    oil.md · 36 characters · 1 passage · SHA-256 {oil}",
        "",
        "2 documents",
        "skipped: bad.txt: byte 0xFF at offset 0 is not UTF-8; save the file as UTF-8",
    ]


def test_check_says_of_each_file_what_was_read_or_why_it_was_skipped(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--corpus", folder, "check"]) == 0
    gas, oil = (hashlib.sha256(Path(folder, name).read_bytes()).hexdigest()[:16] for name in ("gas.txt", "oil.md"))
    assert capsys.readouterr().out.splitlines() == [
        f"gas.txt · 12 characters · 1 passage · SHA-256 {gas}",
        f"oil.md · 36 characters · 1 passage · SHA-256 {oil}",
        "2 documents",
        "skipped: bad.txt: byte 0xFF at offset 0 is not UTF-8; save the file as UTF-8",
    ]


def test_check_of_a_folder_that_has_to_be_whole_shows_all_and_exits_2(
    folder: str, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("check", "--strict", "--corpus", folder) == 2
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 4
    assert err == "qa: --strict: 1 file had to be skipped; mend or remove what is named above\n"


def test_check_needs_no_model(folder: str) -> None:
    assert run(["check", "--corpus", folder, "--semantic", "no-such-model"]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Oil\u200b is sold\u202e.\u00ad\u2066\x07\U000e0041", "18 characters · 6 invisible characters"),
        ("Oil\ufeff.", "5 characters · 1 invisible character"),
        ("Oil\tis\r\nsold\u00a0\u3000.\f\u2028", "17 characters · 1 passage"),
    ],
    ids=["hidden", "one", "white space"],
)
def test_c23_characters_that_cannot_be_seen_are_counted(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    folder = str(write_corpus({"oil.txt": text}))
    for command in ("check", "documents"):
        assert run(["--corpus", folder, command]) == 0
        assert f"oil.txt · {told}" in capsys.readouterr().out


def test_d8_no_file_name_passes_for_a_line_of_its_own(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write_corpus({"a\nskipped: b.txt": "Oil.", "c\n2 documents.txt": b"\xff"}))
    for command in ("check", "documents"):
        assert run(["--corpus", folder, command]) == 0
        out = capsys.readouterr().out
        assert r"a\x0askipped: b.txt · 4 characters" in out
        assert r"skipped: c\x0a2 documents.txt: byte 0xFF" in out


def test_documents_shows_what_is_known_of_each(write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]) -> None:
    facts = 'title = "Oil"\nauthor = "A"\npublisher = "P"\npublished = "2020"\nrights = "R"\nsource = "S"\n'
    table = f'[documents."oil.txt"]\n{facts}source_url = "https://x.org"\n'
    folder = write_corpus({"oil.txt": "Oil is sold.", "corpus.toml": table})
    assert run(["--corpus", str(folder), "documents"]) == 0
    assert capsys.readouterr().out.splitlines()[:4] == [
        "oil",
        "    Oil",
        "    A · P · 2020 · R",
        "    source S · https://x.org",
    ]


def test_passages_shows_the_cut(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--corpus", folder, "passages", "oil"]) == 0
    assert capsys.readouterr().out == (
        "# oil: Oil\n\n## # Oil\n\noil:7-35  6 words\n    Turkey buys oil.\n    It pays $5.\n"
    )
    assert run(["--corpus", folder, "passages"]) == 0
    assert capsys.readouterr().out.startswith("# gas: Gas is sold.\n\n## (no heading)\n\ngas:0-12  3 words\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask", " "], "question is empty; ask something in plain words"),
        (["ask", "x" * 1_001], "question is 1001 characters long, the limit is 1000; shorten it"),
        (["ask", "x", "--top-k", "0"], "top_k must be a whole number from 1 to 20, not 0"),
        (["ask", "x", "--document", "gone"], "there is no document 'gone'; `qa documents` lists the ids"),
        (["passages", "gone"], "there is no document 'gone'; `qa documents` lists the ids"),
    ],
    ids=["blank", "too long", "top_k", "document", "passages"],
)
def test_a_bad_value_exits_2_with_one_sentence(
    folder: str,
    exit_code: Callable[..., object],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    assert exit_code("--corpus", folder, *arguments) == 2
    assert capsys.readouterr() == ("", f"qa: {sentence}\n")


@pytest.mark.parametrize(
    "command", [["ask", "x"], ["check"], ["documents"], ["passages"]], ids=lambda command: command[0]
)
def test_c1_a_folder_that_cannot_be_served_exits_2_with_its_path(
    tmp_path: Path, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert exit_code("--corpus", str(tmp_path), *command) == 2
    assert capsys.readouterr() == ("", f"qa: {tmp_path}: no readable document (*.txt or *.md) in it\n")


def test_a_skipped_file_exits_2_when_the_corpus_must_be_whole(
    folder: str, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("--corpus", folder, "--strict", "ask", QUESTION) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"qa: {folder}/bad.txt: byte 0xFF at offset 0 is not UTF-8")


def test_the_folder_may_come_from_the_environment(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QA_CORPUS", folder)
    assert run(["documents"]) == 0
    assert "gas.txt · 12 characters" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["ask"], ["answer", "x"], ["ask", "x", "--topk", "5"], ["ask", "x", "--top-k", "five"], ["documents", "x"]],
    ids=" ".join,
)
def test_e1_wrong_usage_exits_2_and_shows_the_usage(
    exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert exit_code(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: qa")


def test_the_module_names_every_command(exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("no-such-command") == 2
    choices = re.search(r"choose from (.*)\)", capsys.readouterr().err)
    assert choices is not None
    commands = re.findall(r"\w+", choices[1])
    named = re.findall(r"`(?:python -m qa )?(\w+)", qa_main.__doc__ or "")
    assert sorted(commands) == sorted(named)


@pytest.mark.parametrize("command", [[], ["ask"], ["check"], ["documents"], ["passages"]], ids=str)
def test_help_exits_0(exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert exit_code(*command, "--help") == 0
    assert capsys.readouterr().out.startswith("usage: qa")


def test_the_version_is_that_of_the_installed_distribution(
    exit_code: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metadata, "version", {"cited-answers": "1.2.3"}.__getitem__)
    assert exit_code("--version") == 0
    assert capsys.readouterr() == ("qa 1.2.3\n", "")


def test_where_nothing_is_installed_the_version_is_unknown(
    exit_code: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert exit_code("--version") == 0
    assert capsys.readouterr() == ("qa unknown\n", "")


def test_e2_a_reader_that_leaves_early_ends_it_quietly(corpus_folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = process(["--corpus", str(corpus_folder), "documents"], stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_e3_a_full_disk_exits_2_with_one_sentence(corpus_folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = process(["--corpus", str(corpus_folder), "documents"], stdout=full)
    assert done.returncode == 2
    assert done.stderr == b"qa: the answer could not be written: No space left on device\n"


def test_e3_a_closed_output_exits_2_with_one_sentence(
    exit_code: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert exit_code("ask", QUESTION) == 2
    assert capsys.readouterr().err == "qa: the answer could not be written: there is no standard output\n"


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (KeyboardInterrupt(), 130, ""),
        (QAError("oil.txt: is empty"), 2, "qa: oil.txt: is empty\n"),
        (QAError("\x1b[31mred\u202e"), 2, "qa: \\x1b[31mred\\x202e\n"),
        (PermissionError(13, "Permission denied", "model.onnx"), 2, "qa: model.onnx: Permission denied\n"),
    ],
    ids=["Ctrl-C", "an error", "an error that steers the terminal", "a file that cannot be used"],
)
def test_e4_whatever_stops_it_has_its_exit_code(
    exit_code: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    message: str,
) -> None:
    def stop(arguments: Sequence[str]) -> int:
        raise raised

    monkeypatch.setattr("qa.__main__.run", stop)
    assert exit_code("ask", QUESTION) == code
    assert capsys.readouterr().err == message


def test_e5_bytes_that_are_no_utf_8_exit_2_with_a_sentence(
    exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("ask", os.fsdecode(b"oil \xff")) == 2
    expected = "qa: question is not valid Unicode at character 4 (a lone surrogate); send whole characters\n"
    assert capsys.readouterr() == ("", expected)


STEERING = "Oil \x1b[2J\x9b31m is\rsold\x07 to\u202e Turkey\u2028."


def test_e6_nor_where_the_output_is_a_terminal(write_corpus: WriteCorpus, on_terminal: Callable[..., str]) -> None:
    folder = str(write_corpus({"oil.txt": f"\x01\x02{STEERING}", "x\x1b[2J\x01.txt": ""}))
    commands = (["ask", "oil", "--explain"], ["documents"], ["passages"])
    out = "".join(on_terminal("--corpus", folder, *command) for command in commands)
    assert re.findall(r"\x1b\[..?m?", out) == ["\x1b[1m", "\x1b[22m"]
    assert all(char.isprintable() or char in "\n\x1b" for char in out)


@pytest.mark.parametrize("command", [["ask", "oil"], ["documents"], ["passages"], ["ask", "oil", "--json"]], ids=str)
def test_e6_a_document_cannot_steer_the_terminal(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    folder = write_corpus({"oil.txt": STEERING, "x\x1b[2J.txt": ""})
    assert run(["--corpus", str(folder), *command]) == 0
    out = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in out)
    if command[-1] == "--json":
        assert json.loads(out)["passages"][0]["text"] == STEERING
    else:
        assert "\\x1b[2J" in out


def test_c11_a_terminal_of_ascii_gets_codes_and_not_an_error(corpus_folder: Path) -> None:
    arguments = ["--corpus", str(corpus_folder), "ask", "Who is Iraq's largest trading partner?"]
    done = process(arguments, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Turkey is currently Iraq\\u2019s largest trading partner.\n")


def test_q19_a_process_with_another_hash_seed_prints_the_same(
    corpus_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "What did Trump say about sanctions, troops, Iran and the airbase in Iraq?"
    arguments = ["--corpus", str(corpus_folder), "ask", "--json", "--explain", "--top-k", "20", question]
    assert run(arguments) == 0
    here, there = json.loads(capsys.readouterr().out), json.loads(process(arguments, PYTHONHASHSEED="1").stdout)
    for body in (here, there):
        assert body.pop("took_ms") >= 0
        assert body["corpus"].pop("indexed_at")
    assert here == there
    assert len(here["passages"]) == 20


def test_documents_that_differ_are_both_shown(
    write_corpus: WriteCorpus, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    differing = write_corpus(
        {
            "a.txt": "Red club\n\nThe club was founded in 1921 by farmers.",
            "b.txt": "Blue club\n\nThe club was founded in 1931 by farmers.",
        }
    )
    assert exit_code("--corpus", str(differing), "ask", "When was the club founded by farmers?") == 0
    printed = capsys.readouterr().out
    assert "The documents differ: " in printed
    both = printed.split("The documents differ: ")[1].split("Passages")[0]
    assert [line for line in both.splitlines() if line.startswith("  - ")] == [
        "  - The club was founded in 1921 by farmers.",
        "  - The club was founded in 1931 by farmers.",
    ]


def test_an_answer_and_an_abstention_name_the_words_that_were_searched_for_in_another_spelling(
    folder: str, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    told = "Searched for Turkey instead of Turky; in quotation marks it stays as typed."
    assert exit_code("--corpus", folder, "ask", "What does Turky buy?") == 0
    assert told in capsys.readouterr().out
    assert exit_code("--corpus", folder, "ask", "Does Turky bake zorgblatts monthly with flour and yeast?") == 1
    assert told in capsys.readouterr().out


def test_an_answer_names_the_words_that_stand_nowhere(
    folder: str, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("--corpus", folder, "ask", "Does Turkey buy oil monthly?") == 0
    assert "Nowhere in the documents: monthly." in capsys.readouterr().out


def test_c12_lines_that_end_as_on_windows_are_lines(
    write_corpus: WriteCorpus, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write_corpus({"oil.txt": "Turkey buys oil.\r\nIt pays\rmuch.\r\n"}))
    assert exit_code("--corpus", folder, "ask", "Who buys oil?") == 0
    assert " 1. Turkey buys oil.\nIt pays\\x0dmuch.\n" in capsys.readouterr().out
