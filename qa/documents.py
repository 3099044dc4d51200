"""A folder becomes Documents and a report of what was skipped.

In: the path of a folder. Out: a Corpus. This is the only module that opens corpus files. It never edits a text: the
canonical text is the file decoded as UTF-8, a byte order mark left out. A file that cannot be served is skipped and
named, never fatal.
"""

import codecs
import errno
import hashlib
import os
import re
import stat
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import regex

from qa import blocks
from qa.errors import CorpusError
from qa.records import Corpus, Document, SkippedFile
from qa.settings import Settings

_METADATA_FILE = "corpus.toml"
_SYNONYMS_FILE = "synonyms.txt"
_SUFFIXES = (".txt", ".md")
_METADATA_KEYS = ("title", "publisher", "author", "published", "source_url", "rights", "source")
_PUBLISHED = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_MAX_TITLE_CHARS = 120
# Characters of a file that a message repeats: it becomes a line of the log and a part of /readyz and of pages.
_MAX_QUOTED_CHARS = 200
# Errors that tell of this process and not of the file that met them: to skip the file would serve a part of the folder.
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
# What a reader cannot see, and so can say what nobody notices: what Unicode lets programs ignore (zero-width blanks,
# soft hyphens, turns of direction, tags) and control characters, but no white space.
INVISIBLE = regex.compile(r"[[\p{Default_Ignorable_Code_Point}\p{Cc}]--\s]", regex.V1)
# Where a person finds the limits of a corpus, whose names follow.
_LIMITS = "qa/settings.py"


def read_corpus(folder: Path, settings: Settings) -> Corpus:
    """The documents of `folder` in the order of their ids, and the files that were skipped in the order of their paths.

    Raises CorpusError when the folder cannot be listed, is larger than the settings allow, holds no readable document,
    gives two files one id, or has a corpus.toml that breaks its format.
    """
    _require_folder(folder)
    sides = {name: _read_side_file(folder, name, settings) for name in (_METADATA_FILE, _SYNONYMS_FILE)}
    metadata = _metadata(folder, sides[_METADATA_FILE])
    documents: dict[str, Document] = {}
    skipped: list[SkippedFile] = []
    n_bytes = 0
    for path in map(Path, _candidates(folder, settings, skipped)):
        name = _shown(path.relative_to(folder))
        try:
            data = _read_bytes(folder, path, settings.max_file_bytes)
            text = _decode(data)
        except _Unreadable as reason:
            skipped.append(SkippedFile(name, str(reason)))
            continue
        n_bytes += len(data)
        if n_bytes > settings.max_corpus_bytes:
            raise CorpusError(
                str(folder),
                f"holds more than {settings.max_corpus_bytes} bytes of text; serve a smaller folder or raise "
                f"max_corpus_bytes in {_LIMITS}",
            )
        document = _document(name, text, hashlib.sha256(data).hexdigest(), metadata.of(name))
        twin = documents.setdefault(document.id, document)
        if twin is not document:
            raise CorpusError(
                str(folder),
                f"{twin.path} and {name} have the same id {twin.id!r}, which is the path without its ending in small "
                "letters and with - for other characters; rename one of them",
            )

    known = {document.path for document in documents.values()} | {file.path for file in skipped}
    skipped.extend(
        SkippedFile(_cut(name), f"listed in {_METADATA_FILE} but {_why_no_document(folder, name)}")
        for name in metadata.documents.keys() - known
    )
    skipped.sort(key=lambda file: file.path)
    if not documents:
        reasons = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:5])
        raise CorpusError(
            str(folder), "no readable document (*.txt or *.md) in it" + (f"; skipped {reasons}" if reasons else "")
        )
    ordered = tuple(documents[document_id] for document_id in sorted(documents))
    return Corpus(
        ordered,
        tuple(skipped),
        _fingerprint(ordered, sides),
        metadata.title,
        metadata.examples,
        sides[_SYNONYMS_FILE],
    )


def signature(folder: Path, settings: Settings) -> tuple[object, ...]:
    """What the file system says of everything `read_corpus` looks at: equal as long as nothing there has changed.

    Opens no file and never raises: a folder that cannot be served has a signature too.
    """
    skipped: list[SkippedFile] = []
    try:
        _require_folder(folder)
        sides = (os.path.join(folder, name) for name in (_METADATA_FILE, _SYNONYMS_FILE))
        paths = [*sides, *_candidates(folder, settings, skipped)]
    except CorpusError as error:
        return (str(error),)
    return (*((path, *_state(path)) for path in paths), *skipped)


class _Unreadable(Exception):
    """Why one file is no document, in words for the report."""


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What corpus.toml says."""

    title: str | None = None
    examples: tuple[str, ...] = ()
    documents: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, name: str) -> dict[str, str]:
        return self.documents.get(name, {})


def _metadata(folder: Path, text: str) -> _Metadata:
    path = str(folder / _METADATA_FILE)
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise CorpusError(
            path, f'is not valid TOML: {_cut(str(error))}; text goes in quotes: title = "Guide"'
        ) from error
    except RecursionError as error:
        raise CorpusError(path, "is nested too deeply; it holds tables of strings only") from error
    _only_keys(path, "the top level", table, ("title", "examples", "documents"))
    title = table.get("title")
    if title is not None:
        _check_string(path, "title", title)
    examples = table.get("examples", [])
    if not isinstance(examples, list):
        raise CorpusError(path, f"examples must be a list of strings, not {_quoted(examples)}")
    for example in examples:
        _check_string(path, "each of the examples", example)
    documents = table.get("documents", {})
    if not isinstance(documents, dict):
        raise CorpusError(path, 'documents must be tables, one a file: [documents."guide.txt"]')
    for name, fields in documents.items():
        _check_document(path, name, fields)
    return _Metadata(title, tuple(examples), documents)


def _check_document(path: str, name: str, fields: object) -> None:
    place = f'[documents."{_cut(name)}"]'
    if not isinstance(fields, dict):
        raise CorpusError(path, f"{place} must be a table, not {_quoted(fields)}")
    _only_keys(path, place, fields, _METADATA_KEYS)
    for key, value in fields.items():
        _check_string(path, f"{place} {key}", value)
    published = fields.get("published")
    if published is not None and not _is_date(published):
        raise CorpusError(
            path,
            f'{place} published must be a date like "2020", "2020-01" or "2020-01-07", not {_quoted(published)}',
        )
    source_url = fields.get("source_url")
    if source_url is not None and not source_url.startswith(("https://", "http://")):
        raise CorpusError(path, f"{place} source_url must begin with https:// or http://, not {_quoted(source_url)}")


def _check_string(path: str, place: str, value: object) -> None:
    if not isinstance(value, str):
        raise CorpusError(path, f"{place} must be a string, not {_quoted(value)}; put it in quotes")
    if not value.strip():
        raise CorpusError(path, f"{place} must not be blank; fill it in or leave it out")


def _quoted(value: object) -> str:
    """A value of corpus.toml as a message repeats it."""
    try:
        return _cut(repr(value) if isinstance(value, str) else str(value))
    except ValueError:  # Python writes out no whole number of thousands of digits
        return "a number too long to read"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED_CHARS else f"{text[:_MAX_QUOTED_CHARS]}…"


def _is_date(text: str) -> bool:
    """Whether `text` is a year, a month or a day of the calendar, which the TOML parser knows."""
    if not _PUBLISHED.fullmatch(text):
        return False
    try:
        tomllib.loads(f"day = {(text + '-01-01')[:10]}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _only_keys(path: str, place: str, table: dict[str, object], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise CorpusError(path, f"{place} has the unknown key {_quoted(key)}; known are {', '.join(known)}")


def _read_side_file(folder: Path, name: str, settings: Settings) -> str:
    path = folder / name
    try:
        return _decode(_read_bytes(folder, path, settings.max_file_bytes))
    except _Unreadable as reason:
        if os.path.lexists(path) and str(reason) != _EMPTY:
            raise CorpusError(str(path), str(reason)) from reason
        return ""


def _require_folder(folder: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False
    except OSError as error:
        raise CorpusError(str(folder), f"cannot be reached: {_os_reason(error)}") from error
    except ValueError as error:  # a zero byte, or a character the file system has no code for
        raise CorpusError(
            str(folder), "cannot be the name of a folder; name the folder that holds the documents"
        ) from error
    if not is_folder:
        raise CorpusError(str(folder), "is not a folder; name the folder that holds the documents")


def _candidates(folder: Path, settings: Settings, skipped: list[SkippedFile]) -> Iterator[str]:
    """The files that may be documents, in a fixed order; folders that are not entered are added to `skipped`.

    Linked folders are not entered, so that no loop can be walked and no file is read twice. A file is a string here,
    because a Path takes longer to make than the file system takes to answer, and a watched folder is listed often.
    """

    def report(error: OSError) -> None:
        if Path(error.filename) == folder or error.errno in _EXHAUSTED:
            raise CorpusError(error.filename, f"cannot be listed: {_os_reason(error)}") from error
        name = _shown(Path(error.filename).relative_to(folder))
        skipped.append(SkippedFile(name, f"is a folder that cannot be listed: {_os_reason(error)}"))

    n_files = 0
    for parent, folders, names in os.walk(folder, onerror=report):
        place = Path(parent).relative_to(folder)
        depth = len(place.parts)
        if depth > settings.max_depth:
            raise CorpusError(
                str(folder),
                f"is more than {settings.max_depth} folders deep at {_shown(place)}; serve a flatter folder or raise "
                f"max_depth in {_LIMITS}",
            )
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        skipped.extend(
            SkippedFile(_shown(place / name), "is a link to a folder; put the folder itself in its place")
            for name in folders
            if os.path.islink(os.path.join(parent, name))  # where it may not be asked, the walk reports the folder
        )
        above = f"{place.as_posix()}/" if depth else ""
        for name in sorted(names):
            if _why_ignored(above + name):
                continue
            n_files += 1
            if n_files > settings.max_files:
                raise CorpusError(
                    str(folder),
                    f"holds more than {settings.max_files} files; serve a smaller folder or raise max_files in "
                    f"{_LIMITS}",
                )
            yield os.path.join(parent, name)


def _why_ignored(name: str) -> str:
    """Why the file at this path in the folder can be no document, whatever it holds; empty when it can."""
    if any(part.startswith(".") for part in name.split("/")):
        return "hidden"
    if not name.lower().endswith(_SUFFIXES):
        return "neither a .txt nor a .md file"
    if name == _SYNONYMS_FILE:
        return "the list of synonyms"
    if "/" not in name and name.startswith("README"):
        return "a README, which is not searched"
    return ""


def _why_no_document(folder: Path, name: str) -> str:
    """Why corpus.toml names no document by `name`."""
    if not os.path.lexists(folder / name):
        return "not in the folder"
    return _why_ignored(name) or "not read under this name; write the path as it stands below the folder"


def _state(path: str) -> tuple[int, ...]:
    """What of a file changes with its content or with the right to read it, or the number of the error it gives.

    Size and time of writing alone would miss a file that was put in the place of an older one with the same time, and
    one that may be read from now on.
    """
    try:
        found = os.stat(path)
    except OSError as error:
        return (error.errno or 0,)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev


def _read_bytes(folder: Path, path: Path, max_bytes: int) -> bytes:
    """The bytes of one regular file inside `folder`, read whole while nobody wrote to it."""
    for _ in range(3):
        try:
            if not path.resolve(strict=True).is_relative_to(folder.resolve()):
                raise _Unreadable("is a link that leads out of the folder")
            # A named pipe would block open() for ever without O_NONBLOCK; for a regular file the flag means nothing.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise _refusal(path, error) from error
        except RuntimeError as error:  # Path.resolve raises it for a loop of links before Python 3.13
            raise _Unreadable("is a link that leads in a circle") from error
        # A folder can be opened, but no file object can be made of it: that raises and leaves the descriptor open.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _Unreadable("is no regular file")
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            if before.st_size > max_bytes:
                raise _Unreadable(
                    f"is {before.st_size} bytes long, the limit is {max_bytes}; split it or raise max_file_bytes in "
                    f"{_LIMITS}"
                )
            try:
                data = file.read(max_bytes + 1)
            except OSError as error:
                raise _refusal(path, error) from error
            after = os.fstat(descriptor)
        if len(data) == before.st_size and (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return data
    raise _Unreadable("is being written to; it will be read when it is complete")


def _refusal(path: Path, error: OSError) -> Exception:
    """What an error while reading a file means: for the file, or for the whole folder when nothing can be read now."""
    reason = f"cannot be read: {_os_reason(error)}"
    return CorpusError(str(path), reason) if error.errno in _EXHAUSTED else _Unreadable(reason)


_EMPTY = "is empty"


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind a byte order mark, a person from the start of the file.
        offset = error.start + len(data) - len(error.object)
        encoding = _likely_encoding(data)
        looks = f", it looks like {encoding}" if encoding else ""
        raise _Unreadable(
            f"byte 0x{data[offset]:02X} at offset {offset} is not UTF-8{looks}; save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise _Unreadable(
            f"byte 0x00 at offset {data.index(0)} stands in no plain text; save the file as text in UTF-8"
        )
    if not text.strip():
        raise _Unreadable(_EMPTY)
    return text


def _likely_encoding(data: bytes) -> str:
    """The encoding that `data` seems to have; empty when nothing speaks for one.

    UTF-16 begins with its byte order mark. Text of older programs is printable in their encoding, and mostly ASCII.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    n_ascii = sum(map(str.isascii, text))
    is_text = 2 * n_ascii > len(text) and all(char.isprintable() or char.isspace() for char in text)
    return "Windows-1252 (Latin-1)" if is_text else ""


def _document(name: str, text: str, sha256: str, metadata: dict[str, str]) -> Document:
    return Document(id=_document_id(name), path=name, text=text, sha256=sha256, **{"title": _title(text), **metadata})


def _document_id(name: str) -> str:
    """The path without its ending, NFC, lower case; what is no letter, digit or one of `._-/` becomes `-`."""
    stem = unicodedata.normalize("NFC", os.path.splitext(name)[0]).lower()
    return "".join(char if char.isalnum() or char in "._-/" else "-" for char in stem)


def _title(text: str) -> str:
    """What the text is named after; cut to a length a page can show."""
    line = blocks.title(text)
    return line if len(line) <= _MAX_TITLE_CHARS else line[: _MAX_TITLE_CHARS - 1].rstrip() + "…"


def _fingerprint(documents: tuple[Document, ...], sides: Mapping[str, str]) -> str:
    """SHA-256 over the sorted paths and file hashes, and the texts of corpus.toml and synonyms.txt, by name."""
    digest = hashlib.sha256()
    for document in sorted(documents, key=lambda document: document.path):
        digest.update(f"{document.path}\0{document.sha256}\n".encode())
    for name, text in sides.items():
        digest.update(f"{name}\0{text}\n".encode())
    return digest.hexdigest()


def _shown(path: Path) -> str:
    """The path with `/`, and with replacement marks where the file's name is not UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _os_reason(error: OSError) -> str:
    """The system's words without the path, which the report names anyway."""
    return os.strerror(error.errno).lower() if error.errno else str(error)
