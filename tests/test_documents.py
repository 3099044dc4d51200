"""A folder is read: what becomes a document, what is skipped and why, and what stops the start."""

import codecs
import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from qa import Corpus, CorpusError, Document, Settings
from qa.documents import read_corpus, signature

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]


def read(folder: Path, settings: Settings | None = None) -> Corpus:
    return read_corpus(folder, settings or Settings())


def ids(corpus: Corpus) -> list[str]:
    return [document.id for document in corpus.documents]


def skipped(corpus: Corpus) -> dict[str, str]:
    return {file.path: file.reason for file in corpus.skipped}


def refusal(folder: Path, settings: Settings | None = None) -> CorpusError:
    with pytest.raises(CorpusError) as caught:
        read(folder, settings)
    return caught.value


def test_every_txt_and_md_file_is_a_document_in_the_order_of_ids(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"b.txt": "Oil.", "a/z.MD": "Gas.", "a-b.md": "Coal.", "notes.pdf": "x", "Makefile": "x"})
    corpus = read(folder)
    assert ids(corpus) == ["a-b", "a/z", "b"]
    assert [document.path for document in corpus.documents] == ["a-b.md", "a/z.MD", "b.txt"]
    assert corpus.skipped == ()


def test_a_document_is_its_file_and_the_hash_of_its_bytes(write_corpus: WriteCorpus) -> None:
    data = "\ufeff Äpfel\r\n\u00a0\f x\u2028y\r\r\n\n".encode()
    (document,) = read(write_corpus({"guide.txt": data})).documents
    assert document == Document(
        id="guide",
        path="guide.txt",
        text=" Äpfel\r\n\u00a0\f x\u2028y\r\r\n\n",
        sha256=hashlib.sha256(data).hexdigest(),
        title="Äpfel",
    )


def test_c24_hidden_files_and_folders_and_the_readme_at_the_root_are_no_documents(write_corpus: WriteCorpus) -> None:
    names = [".env.txt", ".git/x.txt", "a/.hidden.md", "README.md", "README-first.txt", "synonyms.txt", "corpus.toml"]
    folder = write_corpus({**dict.fromkeys(names, "title = 'x'"), "a/README.md": "Oil.", "a/synonyms.txt": "Gas."})
    corpus = read(folder)
    assert ids(corpus) == ["a/readme", "a/synonyms"]
    assert corpus.skipped == ()


@pytest.mark.parametrize(
    ("name", "document_id"),
    [
        ("U.S. & Iraq, 2020.txt", "u.s.---iraq--2020"),
        ("Über_uns.md", "über_uns"),
        ("U\u0308ber.md", "über"),
        ("a b/C.d.txt", "a-b/c.d"),
        ("<img onerror=x>.txt", "-img-onerror-x-"),
        ("new\nline.txt", "new-line"),
        ("日本.txt", "日本"),
    ],
)
def test_d8_a_document_is_named_after_its_path(write_corpus: WriteCorpus, name: str, document_id: str) -> None:
    (document,) = read(write_corpus({name: "Oil."})).documents
    assert (document.id, document.path) == (document_id, name)


def test_d8_a_file_name_that_is_not_utf_8_is_shown_with_replacement_marks(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({})
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt")).write_text("Oil.")
    (document,) = read(folder).documents
    assert (document.id, document.path) == ("bad-", "bad\ufffd.txt")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n  Oil and gas  \nare sold.\n", "Oil and gas"),
        ("Sold by us.\n\n## Oil and gas\n", "Oil and gas"),
        ("Oil\r\nGas\r\n", "Oil"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        ("# Oil #\n\nOil is sold.", "Oil"),
        ("Sold by us.\n\nOil\n===\n\nOil is sold.", "Oil"),
        ("Sold by us.\n\nCrude Oil\n\nOil is sold.", "Crude Oil"),
        ("```\n# a comment\n```\n\noil is sold.", "oil is sold."),
        ("```\n# a comment\n\nOil is sold.", "a comment"),
        ("---\n\n> - oil is sold.", "oil is sold."),
        ("## **Oil**\n\nOil is sold.", "Oil"),
        ("***", "***"),
        ("```\noil\n```", "```"),
    ],
    ids=[
        *("first line", "first heading", "CRLF", "120 characters", "121 characters", "closed marks", "underlined"),
        *("without marks", "fenced comment", "no fence", "rule and marks", "emphasis", "rule only", "code only"),
    ],
)
def test_without_metadata_the_title_is_the_first_heading_or_line(
    write_corpus: WriteCorpus, text: str, title: str
) -> None:
    (document,) = read(write_corpus({"guide.md": text})).documents
    assert document.title == title


METADATA = """
title = "Fuels"
examples = ["Who sells oil?"]
[documents."a/oil.txt"]
title = "Oil"
publisher = "P"
author = "A"
published = "2020-01-07"
source_url = "https://example.org/oil"
rights = "R"
source = "S"
"""


def test_metadata_comes_from_corpus_toml(write_corpus: WriteCorpus) -> None:
    corpus = read(write_corpus({"corpus.toml": METADATA, "a/oil.txt": "x", "gas.txt": "y"}))
    assert (corpus.title, corpus.examples) == ("Fuels", ("Who sells oil?",))
    oil, gas = corpus.documents
    assert oil == Document(
        id="a/oil",
        path="a/oil.txt",
        text="x",
        sha256=hashlib.sha256(b"x").hexdigest(),
        title="Oil",
        publisher="P",
        author="A",
        published="2020-01-07",
        source_url="https://example.org/oil",
        rights="R",
        source="S",
    )
    assert (gas.title, gas.publisher, gas.source_url) == ("y", None, None)


@pytest.mark.parametrize("published", ["2020", "2020-01", "2020-01-07", "2020-02-29", "1999-12-31"])
def test_published_is_a_year_a_month_or_a_day(write_corpus: WriteCorpus, published: str) -> None:
    folder = write_corpus({"corpus.toml": f'[documents."a.txt"]\npublished = "{published}"', "a.txt": "x"})
    assert read(folder).documents[0].published == published


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("title =", "is not valid TOML"),
        ("titel = 'x'", "the top level has the unknown key 'titel'; known are title, examples, documents"),
        ("title = Oil", 'text goes in quotes: title = "Guide"'),
        ("title = 1" + "0" * 5_000, "is not valid TOML"),
        ("title = " + "[" * 100_000, "is nested too deeply"),
        ("title = 5", "title must be a string, not 5; put it in quotes"),
        ("title = ' '", "title must not be blank"),
        ("examples = ['']", "each of the examples must not be blank"),
        ("examples = 'x'", "examples must be a list of strings, not 'x'"),
        ("examples = ['x', 1]", "each of the examples must be a string, not 1"),
        ("documents = 1", 'documents must be tables, one a file: [documents."guide.txt"]'),
        ("documents.a = 1", '[documents."a"] must be a table, not 1'),
        ("[documents.a]\nyear = '2020'", "[documents.\"a\"] has the unknown key 'year'"),
        ("[documents.a]\ntitle = 1", '[documents."a"] title must be a string, not 1; put it in quotes'),
        ("[documents.a]\ntitle = ' '", '[documents."a"] title must not be blank; fill it in or leave it out'),
        ("[documents.a]\npublished = 2020", '[documents."a"] published must be a string'),
        ("[documents.a]\npublished = 2020-01-07", "published must be a string, not 2020-01-07; put it in quotes"),
        ("[documents.a]\npublished = '7 May'", 'published must be a date like "2020", "2020-01" or "2020-01-07"'),
        ("[documents.a]\npublished = '2020-13'", "published must be a date like"),
        ("[documents.a]\npublished = '2020-00-01'", "published must be a date like"),
        ("[documents.a]\npublished = '2021-02-29'", "published must be a date like"),
        ("[documents.a]\npublished = '0000'", "published must be a date like"),
        ("[documents.a]\npublished = '２０２０'", "published must be a date like"),
        ("[documents.a]\npublished = '2020\\n'", "published must be a date like"),
        ("[documents.a]\nsource_url = 'javascript:x'", "source_url must begin with https:// or http://"),
    ],
    ids=lambda value: value[:50],
)
def test_a_corpus_toml_that_breaks_its_format_stops_the_start(
    write_corpus: WriteCorpus, toml: str, reason: str
) -> None:
    folder = write_corpus({"corpus.toml": toml.replace("'2020\\n'", '"2020\\n"'), "a.txt": "Oil."})
    error = refusal(folder)
    assert error.path == str(folder / "corpus.toml")
    assert reason in error.reason


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "toml",
    [
        f"examples = '{LONG}'",
        f"examples = [['{LONG}']]",
        f"title = ['{LONG}']",
        f"{LONG} = 1",
        f"documents.{LONG} = 1",
        f"documents.a = ['{LONG}']",
        f"[documents.a]\n{LONG} = 'x'",
        f"[documents.a]\npublished = '{LONG}'",
        f"[documents.a]\nsource_url = '{LONG}'",
        f"[{LONG}]\n[{LONG}]",
        "title = 0x" + "f" * 100_000,
        "examples = [[0x" + "f" * 100_000 + "]]",
    ],
    ids=lambda toml: toml[:24],
)
def test_p11_a_message_repeats_no_more_of_a_long_corpus_toml_than_a_person_reads(
    write_corpus: WriteCorpus, toml: str
) -> None:
    assert len(refusal(write_corpus({"corpus.toml": toml, "a.txt": "Oil."})).reason) < 500


def test_a_long_name_that_corpus_toml_gives_to_no_file_is_reported_short(write_corpus: WriteCorpus) -> None:
    corpus = read(write_corpus({"corpus.toml": f"[documents.{LONG}]\ntitle = 'x'", "a.txt": "Oil."}))
    assert [file.path for file in corpus.skipped] == ["x" * 200 + "…"]


@pytest.mark.parametrize("name", ["corpus.toml", "synonyms.txt"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"caf\xe9", "byte 0xE9 at offset 3 is not UTF-8, it looks like Windows-1252 (Latin-1)"),
        (b"#\0", "byte 0x00 at offset 1 stands in no plain text; save the file as text in UTF-8"),
    ],
    ids=["latin-1", "NUL"],
)
def test_a_side_file_that_is_no_text_stops_the_start(
    write_corpus: WriteCorpus, name: str, data: bytes, reason: str
) -> None:
    folder = write_corpus({name: data, "a.txt": "Oil."})
    error = refusal(folder)
    assert error.path == str(folder / name)
    assert reason in error.reason


def test_empty_side_files_say_nothing(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"corpus.toml": "", "synonyms.txt": "\n", "a.txt": "Oil."})
    assert (read(folder).title, read(folder).synonyms.strip()) == (None, "")


def test_the_synonyms_are_the_text_of_their_file(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"a.txt": "Oil.", "synonyms.txt": "oil, petroleum\n"})
    assert read(folder).synonyms == "oil, petroleum\n"
    (folder / "synonyms.txt").unlink()
    assert read(folder).synonyms == ""


def test_metadata_of_a_file_that_is_not_there_is_reported(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"corpus.toml": '[documents."gas.txt"]\ntitle = "Gas"', "oil.txt": "Oil."})
    assert skipped(read(folder)) == {"gas.txt": "listed in corpus.toml but not in the folder"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("README.md", "a README, which is not searched"),
        ("synonyms.txt", "the list of synonyms"),
        (".oil.txt", "hidden"),
        (".git/oil.txt", "hidden"),
        ("oil.pdf", "neither a .txt nor a .md file"),
        ("a", "neither a .txt nor a .md file"),
        ("a//oil.txt", "not read under this name; write the path as it stands below the folder"),
        ("a\\u0000.txt", "not in the folder"),
    ],
)
def test_metadata_of_a_file_that_is_no_document_is_reported_with_the_true_reason(
    write_corpus: WriteCorpus, name: str, why: str
) -> None:
    there = ["README.md", "synonyms.txt", ".oil.txt", ".git/oil.txt", "oil.pdf", "a/oil.txt"]
    toml = f'[documents."{name}"]\ntitle = "Oil"'
    corpus = read(write_corpus({**dict.fromkeys(there, "oil, gas"), "corpus.toml": toml}))
    assert ids(corpus) == ["a/oil"]
    assert list(skipped(corpus).values()) == [f"listed in corpus.toml but {why}"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\xc2\xa0\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (
            b"caf\xe9 au lait",
            "byte 0xE9 at offset 3 is not UTF-8, it looks like Windows-1252 (Latin-1); save the file as UTF-8",
        ),
        (
            b"It\x92s so.\n",
            "byte 0x92 at offset 2 is not UTF-8, it looks like Windows-1252 (Latin-1); save the file as UTF-8",
        ),
        (b"caf\xe9 \x90", "byte 0xE9 at offset 3 is not UTF-8; save the file as UTF-8"),
        (b"PK\x03\x04 caf\xe9", "byte 0xE9 at offset 8 is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbfa\xe9", "byte 0xE9 at offset 4 is not UTF-8; save the file as UTF-8"),
        ("Öl".encode() + b"\x93", "byte 0x93 at offset 3 is not UTF-8; save the file as UTF-8"),
        (
            codecs.BOM_UTF16_LE + "Oil.".encode("utf-16-le"),
            "byte 0xFF at offset 0 is not UTF-8, it looks like UTF-16; save the file as UTF-8",
        ),
        (
            codecs.BOM_UTF16_BE + "Oil.".encode("utf-16-be"),
            "byte 0xFE at offset 0 is not UTF-8, it looks like UTF-16; save the file as UTF-8",
        ),
        (b"\xed\xa0\x80", "byte 0xED at offset 0 is not UTF-8; save the file as UTF-8"),
        ("Öl\0".encode(), "byte 0x00 at offset 3 stands in no plain text; save the file as text in UTF-8"),
    ],
    ids=[
        "no byte",
        "blanks",
        "only a BOM",
        "latin-1",
        "windows-1252",
        "no windows-1252",
        "binary",
        "behind a BOM",
        "behind an umlaut",
        "utf-16, little end first",
        "utf-16, big end first",
        "surrogate",
        "NUL",
    ],
)
def test_c2_c10_a_file_that_is_no_text_is_skipped_and_named(
    write_corpus: WriteCorpus, data: bytes, reason: str
) -> None:
    corpus = read(write_corpus({"bad.txt": data, "oil.txt": "Oil."}))
    assert (ids(corpus), skipped(corpus)) == (["oil"], {"bad.txt": reason})


def test_c6_a_named_pipe_is_skipped_and_never_waited_for(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"oil.txt": "Oil."})
    os.mkfifo(folder / "pipe.txt")
    corpus = read(folder)
    assert (ids(corpus), skipped(corpus)) == (["oil"], {"pipe.txt": "is no regular file"})


@pytest.mark.parametrize("name", ["corpus.toml", "synonyms.txt"])
def test_a_folder_in_the_place_of_a_side_file_is_refused_and_leaves_no_descriptor_open(
    write_corpus: WriteCorpus, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = write_corpus({"oil.txt": "Oil."})
    (folder / name).mkdir()
    opened, os_open = [], os.open

    def noted(path: Path, flags: int) -> int:
        opened.append(os_open(path, flags))
        return opened[-1]

    monkeypatch.setattr(os, "open", noted)
    with pytest.raises(CorpusError) as caught:
        read(folder)
    assert (caught.value.path, caught.value.reason) == (str(folder / name), "is no regular file")
    (descriptor,) = opened
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_c7_links_are_followed_inside_the_folder_only(write_corpus: WriteCorpus, tmp_path: Path) -> None:
    folder = write_corpus({"oil.txt": "Oil."})
    (tmp_path / "secret.txt").write_text("Secret.")
    (folder / "inside.txt").symlink_to("oil.txt")
    (folder / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "above.txt").symlink_to("../secret.txt")
    (folder / "device.txt").symlink_to("/dev/zero")
    (folder / "nowhere.txt").symlink_to("gone.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "round").symlink_to(folder)
    corpus = read(folder)
    reasons = skipped(corpus)
    assert ids(corpus) == ["inside", "oil"]
    # Python 3.13 reports a loop of links as the system does.
    assert reasons.pop("loop.txt") in (
        "is a link that leads in a circle",
        "cannot be read: too many levels of symbolic links",
    )
    assert reasons == {
        "above.txt": "is a link that leads out of the folder",
        "device.txt": "is a link that leads out of the folder",
        "nowhere.txt": "cannot be read: no such file or directory",
        "outside.txt": "is a link that leads out of the folder",
        "round": "is a link to a folder; put the folder itself in its place",
    }


def test_c7_a_folder_that_is_reached_by_a_link_is_read(write_corpus: WriteCorpus, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write_corpus({"oil.txt": "Oil."}))
    assert ids(read(tmp_path / "link")) == ["oil"]


def test_c8_a_file_over_the_limit_is_skipped_before_it_is_read(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"a.txt": "x" * 10, "b.txt": "x" * 11})
    with (folder / "sparse.txt").open("wb") as file:
        file.truncate(10 * 1024**3)
    corpus = read(folder, Settings(max_file_bytes=10))
    assert ids(corpus) == ["a"]
    assert skipped(corpus) == {
        "b.txt": "is 11 bytes long, the limit is 10; split it or raise max_file_bytes in qa/settings.py",
        "sparse.txt": "is 10737418240 bytes long, the limit is 10; split it or raise max_file_bytes in qa/settings.py",
    }


@contextmanager
def without_rights() -> Iterator[None]:
    """Runs as a user who may not read everything, because root may."""
    codecs.lookup("utf-8-sig")  # Python loads it from a file that this user may not be allowed to read
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_c1_c5_what_may_not_be_read_is_skipped_or_stops_the_start() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "oil.txt").write_text("Oil.")
        (folder / "shut.txt").write_text("Shut.")
        (folder / "shut.txt").chmod(0)
        with without_rights():
            corpus = read(folder)
        assert (ids(corpus), skipped(corpus)) == (["oil"], {"shut.txt": "cannot be read: permission denied"})
        folder.chmod(0o111)
        with without_rights():
            error = refusal(folder)
        folder.chmod(0o755)
        assert (error.path, error.reason) == (name, "cannot be listed: permission denied")


def test_c5_a_folder_inside_that_may_not_be_read_is_reported() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "oil.txt").write_text("Oil.")
        (folder / "a" / "shut").mkdir(parents=True)
        (folder / "a" / "shut").chmod(0)
        with without_rights():
            corpus = read(folder)
    assert (ids(corpus), skipped(corpus)) == (
        ["oil"],
        {"a/shut": "is a folder that cannot be listed: permission denied"},
    )


def test_a_folder_inside_one_that_may_be_listed_but_not_entered_is_reported() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "oil.txt").write_text("Oil.")
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a").chmod(0o444)
        with without_rights():
            corpus = read(folder)
            unchanged = signature(folder, Settings()) == signature(folder, Settings())
    assert (ids(corpus), skipped(corpus), unchanged) == (
        ["oil"],
        {"a/b": "is a folder that cannot be listed: permission denied"},
        True,
    )


def test_c1_a_folder_behind_one_that_may_not_be_read_is_refused_by_name() -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "shut" / "corpus").mkdir(parents=True)
        Path(name).chmod(0o755)
        (Path(name) / "shut").chmod(0)
        with without_rights():
            error = refusal(Path(name) / "shut" / "corpus")
    assert (error.path, error.reason) == (f"{name}/shut/corpus", "cannot be reached: permission denied")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 1_000, "cannot be reached: file name too long"),
        ("a\0b", "cannot be the name of a folder; name the folder that holds the documents"),
        ("\ud800", "cannot be the name of a folder; name the folder that holds the documents"),
    ],
    ids=["too long", "zero byte", "lone surrogate"],
)
def test_c1_a_name_that_no_folder_can_have_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    error = refusal(tmp_path / name)
    assert (error.path, error.reason) == (str(tmp_path / name), reason)


def test_p13_a_file_that_is_being_written_to_is_skipped(
    write_corpus: WriteCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_corpus({"oil.txt": "Oil."})
    fstat, n_calls = os.fstat, 0

    def changing(descriptor: int) -> SimpleNamespace:
        nonlocal n_calls
        n_calls += 1
        found = fstat(descriptor)
        return SimpleNamespace(st_mode=found.st_mode, st_size=found.st_size, st_mtime_ns=n_calls)

    monkeypatch.setattr(os, "fstat", changing)
    error = refusal(folder)
    assert error.reason.endswith("skipped oil.txt: is being written to; it will be read when it is complete")


def test_c1_a_folder_that_is_missing_or_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("Oil.")
    for path in (tmp_path / "nowhere", tmp_path / "file.txt"):
        error = refusal(path)
        assert (error.path, error.reason) == (
            str(path),
            "is not a folder; name the folder that holds the documents",
        )


def test_c1_an_empty_folder_is_refused(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({})
    assert str(refusal(folder)) == f"{folder}: no readable document (*.txt or *.md) in it"


def test_c2_a_folder_of_skipped_files_is_refused_with_their_reasons(write_corpus: WriteCorpus) -> None:
    error = refusal(write_corpus({"a.txt": "", "b.txt": b"\xff"}))
    assert error.reason == (
        "no readable document (*.txt or *.md) in it; skipped a.txt: is empty; "
        "b.txt: byte 0xFF at offset 0 is not UTF-8; save the file as UTF-8"
    )


@pytest.mark.parametrize(
    ("first", "second", "document_id"),
    [
        ("Oil.txt", "oil.txt", "oil"),
        ("U\u0308.txt", "Ü.txt", "ü"),
        ("oil.md", "oil.txt", "oil"),
        ("a/oil 1.txt", "a/oil-1.txt", "a/oil-1"),
    ],
    ids=["case", "NFC and NFD", "ending", "other characters"],
)
def test_c20_two_files_with_one_id_stop_the_start_and_both_are_named(
    write_corpus: WriteCorpus, first: str, second: str, document_id: str
) -> None:
    error = refusal(write_corpus({first: "Oil.", second: "Gas."}))
    assert error.reason == (
        f"{first} and {second} have the same id {document_id!r}, which is the path without its ending in small "
        "letters and with - for other characters; rename one of them"
    )


def test_c19_one_name_in_two_folders_is_two_documents(write_corpus: WriteCorpus) -> None:
    assert ids(read(write_corpus({"a/oil.txt": "Oil.", "b/oil.txt": "Oil."}))) == ["a/oil", "b/oil"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (Settings(max_files=2), "holds more than 2 files; serve a smaller folder or raise max_files"),
        (
            Settings(max_corpus_bytes=11),
            "holds more than 11 bytes of text; serve a smaller folder or raise max_corpus_bytes",
        ),
        (Settings(max_depth=1), "is more than 1 folders deep at c/d; serve a flatter folder or raise max_depth"),
    ],
    ids=["files", "bytes", "depth"],
)
def test_c9_a_folder_over_a_limit_is_refused_and_never_served_in_part(
    write_corpus: WriteCorpus, settings: Settings, reason: str
) -> None:
    error = refusal(write_corpus({"a.txt": "Oil.", "b.txt": "Oil.", "c/d/e.txt": "Oil."}), settings)
    assert error.reason == f"{reason} in qa/settings.py"


def test_c9_a_folder_at_its_limits_is_served(write_corpus: WriteCorpus) -> None:
    folder = write_corpus({"a.txt": "Oil.", "b.txt": "Oil.", "c/d/e.txt": "Oil."})
    settings = Settings(max_files=3, max_corpus_bytes=12, max_depth=2, max_file_bytes=4)
    assert ids(read(folder, settings)) == ["a", "b", "c/d/e"]


FILES = {"a.txt": "Oil.", "b.txt": "Gas.", "corpus.toml": "title = 'x'", "synonyms.txt": "oil, petroleum"}


def test_the_fingerprint_is_that_of_the_files_and_not_of_the_folder(write_corpus: WriteCorpus, tmp_path: Path) -> None:
    folder = write_corpus(FILES)
    before = read(folder).fingerprint
    folder.rename(tmp_path / "moved")
    assert read(tmp_path / "moved").fingerprint == before == before.lower()
    assert len(before) == 64


@pytest.mark.parametrize(
    "changed",
    [{"a.txt": "Oil!"}, {"c.txt": "Oil."}, {"corpus.toml": "title = 'y'"}, {"synonyms.txt": "oil, crude"}],
    ids=str,
)
def test_the_fingerprint_changes_with_every_file_that_is_read(
    write_corpus: WriteCorpus, changed: dict[str, str]
) -> None:
    folder = write_corpus(FILES)
    before = read(folder).fingerprint
    for name, text in changed.items():
        (folder / name).write_text(text)
    assert read(folder).fingerprint != before


def test_reading_leaves_the_folder_as_it_was(write_corpus: WriteCorpus) -> None:
    folder = write_corpus(FILES)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    read(folder)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def rewrite_in_place(folder: Path) -> None:
    """Another text of the same length, and the old time of writing."""
    path = folder / "a.txt"
    before = path.stat()
    path.write_text("Tar.")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def put_in_its_place(folder: Path) -> None:
    before = (folder / "a.txt").stat()
    (folder / "new").write_text("Tar.")
    os.utime(folder / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder / "new").replace(folder / "a.txt")


CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda folder: (folder / "a.txt").write_text("Oil, and gas."),
    "as long and as old": rewrite_in_place,
    "replaced": put_in_its_place,
    "emptied": lambda folder: (folder / "a.txt").write_text(""),
    "older than before": lambda folder: os.utime(folder / "a.txt", (1, 1)),
    "one more": lambda folder: (folder / "c.md").write_text("Coal."),
    "one below": lambda folder: ((folder / "d").mkdir(), (folder / "d" / "e.txt").write_text("Coal.")),
    "one less": lambda folder: (folder / "b.txt").unlink(),
    "renamed": lambda folder: (folder / "b.txt").rename(folder / "c.txt"),
    "may be read by others": lambda folder: (folder / "a.txt").chmod(0o604),
    "metadata": lambda folder: (folder / "corpus.toml").unlink(),
    "synonyms": lambda folder: (folder / "synonyms.txt").write_text("oil, crude"),
    "a linked folder": lambda folder: (folder / "l").symlink_to(folder),
    "the folder itself": lambda folder: folder.rename(folder.with_name("moved")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_p10_the_signature_changes_with_everything_that_is_read(
    write_corpus: WriteCorpus, change: Callable[[Path], object]
) -> None:
    folder = write_corpus(FILES)
    before = signature(folder, Settings())
    change(folder)
    assert signature(folder, Settings()) != before


def test_p10_the_signature_is_that_of_what_is_read_and_of_nothing_else(write_corpus: WriteCorpus) -> None:
    folder = write_corpus(FILES)
    before = signature(folder, Settings())
    read(folder)
    for name in (".hidden.txt", "README.md", "notes.pdf"):
        (folder / name).write_text("Tar.")
    assert signature(folder, Settings()) == before


@pytest.mark.parametrize("name", ["none", "nul\0", "corpus/a.txt"])
def test_p11_a_folder_that_cannot_be_served_has_a_signature_too(
    write_corpus: WriteCorpus, tmp_path: Path, name: str
) -> None:
    folder = write_corpus(FILES)
    broken = signature(tmp_path / name, Settings())
    assert broken == signature(tmp_path / name, Settings()) != signature(folder, Settings())


def test_p14_without_file_descriptors_no_part_of_a_folder_is_served(
    write_corpus: WriteCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_corpus({"a.txt": "Oil.", "b.txt": "Gas."})
    opened = os.open

    def exhausted(path: Path, flags: int) -> int:
        if path.name == "b.txt":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return opened(path, flags)

    monkeypatch.setattr(os, "open", exhausted)
    error = refusal(folder)
    assert (error.path, error.reason) == (str(folder / "b.txt"), "cannot be read: too many open files")


def test_p14_nor_without_those_that_list_a_folder_in_it(
    write_corpus: WriteCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_corpus({"a.txt": "Oil.", "b/c.txt": "Gas."})
    scandir = os.scandir

    def exhausted(path: str) -> object:
        if str(path).endswith("b"):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", exhausted)
    error = refusal(folder)
    assert (error.path, error.reason) == (str(folder / "b"), "cannot be listed: too many open files")
