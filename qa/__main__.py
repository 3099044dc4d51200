"""The command line: `python -m qa ask "question"`, `verify`, `check`, `documents`, `passages` and `model fetch`.

Parses, prints, exits. It exits 0 when answered (verify: when every quote stands in its document word for word; check:
when the folder can be served), 1 when not, 2 on an error, which is one sentence.
Where a program reads it, what is quoted is printed as it stands but for control characters; on a terminal its lines are
broken to fit and its best sentence is bold.
"""

import argparse
import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from math import floor
from pathlib import Path

from qa import wire
from qa.arithmetic import Arithmetic, arithmetic
from qa.claims import verified_json, verify_request
from qa.documents import INVISIBLE
from qa.engine import Engine
from qa.errors import FieldError, QAError, UnknownDocument
from qa.flags import add_version
from qa.formats import FORMATS, formatted
from qa.options import add_corpus_options, encoder_module, engine_from, models_folder
from qa.records import Answer, Citation, CitedPassage, Document, MatchKind, Span
from qa.verify import Claim, Difference, Verification, verify
from qa.wording import corrected, counted, likelihood, lines, missing, refusal

_AS: dict[MatchKind, str] = {"term": "", "synonym": ", another name", "spelling": ", spelling repaired"}

# Marks around what is printed bold, which no text holds once it is made printable, and what a terminal takes for them.
_BOLD, _PLAIN = "\x01", "\x02"
_CODES = {ord(_BOLD): "\x1b[1m", ord(_PLAIN): "\x1b[22m"}
_INDENT = 4
# Lines longer than this are hard to read, however wide the terminal is.
_MAX_WIDTH = 100


def main() -> None:
    """Runs the command line with the arguments of this process and exits."""
    if sys.stdout is None:  # Python's way to say that the caller closed it
        sys.exit(_fail("the answer could not be written: there is no standard output"))
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal that cannot show a character gets its code instead
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()  # the reader had enough
        code = 141
    except KeyboardInterrupt:
        code = 130
    except UnknownDocument as error:
        code = _fail(f"there is no document '{wire.shown(error.document_id)}'; `qa documents` lists the ids")
    except QAError as error:
        code = _fail(str(error))
    except OSError as error:
        if error.filename is None:  # only what was opened by its name has one, which the output was not
            _discard_output()
            code = _fail(f"the answer could not be written: {error.strerror}")
        else:
            code = _fail(f"{error.filename}: {error.strerror}")
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command; raises QAError for bad input, whose message is for the person."""
    # These options may stand behind the command too, so they are taken out before the command's own are read.
    everywhere = argparse.ArgumentParser(prog="qa", add_help=False, allow_abbrev=False)
    add_corpus_options(everywhere, os.environ)
    given, rest = everywhere.parse_known_args(arguments)
    options = _parser().parse_args(rest, given)
    if options.command == "ask":
        return _ask(options)
    if options.command == "verify":
        return _verify(options)
    if options.command == "model":
        encoder_module(options.name).fetch(options.name, models_folder(options))
        return 0
    if options.command == "check":
        return _check(options)
    engine = engine_from(options)
    _print(_documents(engine) if options.command == "documents" else _passages(engine, options.document))
    return 0


def _discard_output() -> None:
    """Makes sure that what is still buffered does not raise again at the interpreter's end, which would exit 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    print(f"qa: {_printable(message)}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa", description="Answers questions from a folder of documents, with citations."
    )
    add_version(parser)
    add_corpus_options(parser, os.environ)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="answer a question; exits 1 when the documents do not answer it")
    ask.add_argument("question", nargs="+", help="the question, in quotation marks or without")
    ask.add_argument("--top-k", type=int, default=wire.DEFAULT_TOP_K, help=f"passages to show, 1 to {wire.MAX_TOP_K}")
    ask.add_argument(
        "--document", action="append", default=[], metavar="ID", help="search in this document only; may repeat"
    )
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the body of /ask")
    form.add_argument("--cite", choices=FORMATS, help="print the citation of the answer in this format and no more")
    ask.add_argument("--explain", action="store_true", help="show how each score came about")
    check = commands.add_parser(
        "verify", help="say what became of citations; exits 1 when a quote does not stand in its document any more"
    )
    check.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="JSON: a citation, a list of them or a whole body of /ask; - or nothing reads standard input",
    )
    check.add_argument("--json", action="store_true", help="print the body of /verify")
    model = commands.add_parser("model", help="fetch a model for --semantic; the only command that uses the network")
    model.add_argument("action", choices=("fetch",))
    model.add_argument("name", metavar="NAME", help="as fastembed calls it: sentence-transformers/all-MiniLM-L6-v2")
    commands.add_parser(
        "check", help="say of each file what was read or why it was skipped; exits 2 when the folder cannot be served"
    )
    commands.add_parser("documents", help="list what was read, and what was skipped and why")
    passages = commands.add_parser("passages", help="show how the documents were cut")
    passages.add_argument(
        "document", nargs="?", metavar="DOCUMENT", help="id of one document; without it all are shown"
    )
    for command in commands.choices.values():
        command.epilog = "The options that `qa --help` explains may stand here too."
    return parser


def _ask(options: argparse.Namespace) -> int:
    request = wire.ask_request(
        {
            "question": " ".join(options.question),
            "top_k": options.top_k,
            "documents": options.document,
            "explain": options.explain,
        }
    )
    engine = engine_from(options)
    indexed_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    started = time.perf_counter()
    answer = engine.ask(request.question, request.top_k, request.documents)
    took_ms = round(1_000 * (time.perf_counter() - started), 3)
    if options.json:
        block = wire.corpus_json(
            engine.corpus, len(engine.passages), 1, indexed_at, engine.calibration, engine.mode, engine.model
        )
        _print_json(wire.answer_json(answer, block, took_ms, request.explain))
    elif options.cite:
        _print_cited(answer, engine, options.cite)
    else:
        _print_marked(_answer(answer, engine.calibration, request))
    return 0 if answer.status == "answered" else 1


def _answer(answer: Answer, calibration: str, request: wire.AskRequest) -> Iterator[str]:
    """The answer as a person reads it: the sentence, where it stands, and the passages in their order, printable."""
    refused = refusal(answer, in_chosen=bool(request.documents))
    if answer.sentence:
        yield _hanging("", _printable(answer.sentence.citation.quote))
        yield ""
        yield _indented(_place(answer.sentence.citation))
        yield _indented(f"{likelihood(answer, calibration)}.")
        yield from map(_indented, _otherwise(answer))
        yield from _differing(answer)
    elif refused:
        yield _hanging("", f"The documents do not answer this. {refused.why}")
        yield from (_hanging("", _printable(line)) for line in _otherwise(answer))
        yield refused.advice
    if not answer.passages:
        return
    if refused and answer.confidence:
        yield f"{likelihood(answer, calibration)}."
    yield ""
    yield "Passages" if answer.sentence else "Closest passages"
    for cited in answer.passages:
        yield ""
        yield _hanging(f"{cited.rank:>2}. ", _bold(cited, answer))
        yield _indented(_place(cited.citation))
        if request.explain:
            yield ""
            yield from _table(arithmetic(cited.scored))


def _otherwise(answer: Answer) -> Iterator[str]:
    """The lines that name the words of the question that were searched for in another spelling, or stand nowhere."""
    for typed, searched in corrected(answer):
        yield f"Searched for {' and '.join(searched)} instead of {typed}; in quotation marks it stays as typed."
    words, n_more = missing(answer)
    if words:
        more = f" and {counted(n_more, 'more word')}" if n_more else ""
        yield f"Nowhere in the documents: {', '.join(words)}{more}."


def _differing(answer: Answer) -> Iterator[str]:
    """The sentences of documents that contradict one another, each with its place."""
    for disagreement in answer.disagreements:
        yield ""
        yield _printable(f"The documents differ: {disagreement.about}")
        for citation in disagreement.citations:
            yield ""
            yield _hanging("  - ", _printable(citation.quote))
            yield _indented(_place(citation))


def _bold(cited: CitedPassage, answer: Answer) -> str:
    """The text of a passage with its best sentence between the marks of what is bold."""
    text, best = cited.scored.passage.text, cited.scored.best_sentence
    if answer.sentence and answer.sentence.passage_id == cited.scored.passage.id:
        best = answer.sentence.span
    parts = [Span(0, best.start).cut(text) if best.start else "", best.cut(text), text[best.end :]]
    before, inside, after = map(_printable, parts)
    return f"{before}{_BOLD}{inside}{_PLAIN}{after}"


def _table(explained: Arithmetic) -> Iterator[str]:
    """The summands of a score in columns, and below them their sum; what each was made of stands as a product."""
    rows = [("", "weight × rarity × frequency", "gives")]
    for word in explained.words:
        searched = f" (as {word.term}{_AS[word.kind]})" if word.kind != "term" else ""
        product = f"{word.weight} × {word.rarity} × {word.frequency}"
        rows.append((_printable(word.word + searched), product, word.contribution))
    rows += [("", "weight × value", "")] if explained.factors else []
    rows += [(factor.name, f"{factor.weight} × {factor.value}", factor.contribution) for factor in explained.factors]
    rows.append(("score", "", explained.score))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, product, gives in rows:
        yield f"{'':{_INDENT}}{name:{widths[0]}}  {product:>{widths[1]}}  {gives:>{widths[2]}}".rstrip()


def _print_cited(answer: Answer, engine: Engine, name: str) -> None:
    """Prints the citation of the answer in the format `name`; where there is no answer the error output says so."""
    refused = refusal(answer)
    if refused:
        print(f"qa: the documents do not answer this, so there is nothing to cite. {refused.why}", file=sys.stderr)
    elif answer.sentence:
        citation = answer.sentence.citation
        text = formatted(name, citation, engine.document(citation.document_id)).removesuffix("\n")
        print(_printable_json(text) if FORMATS[name].is_json else _printable(text))


def _verify(options: argparse.Namespace) -> int:
    request = verify_request(_json_of(options.file))
    engine = engine_from(options)
    documents = {document.id: document for document in engine.corpus.documents}
    found = verify(request.claims, documents)
    if options.json:
        _print_json(verified_json(request, found, documents))
    else:
        if not found:
            print("nothing to verify: there is no citation in it")
        for claim, verification in zip(request.claims, found, strict=True):
            _print(_verified(claim, verification, documents.get(claim.document_id)))
    return 0 if all(verification.status in ("verified", "moved") for verification in found) else 1


def _json_of(file: str) -> object:
    """What the JSON in a file, or on standard input for `-`, holds; FieldError when there is none."""
    name = "standard input" if file == "-" else file
    if file == "-" and sys.stdin is None:  # the caller closed it
        raise FieldError(None, "there is no standard input; name a file")
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        found: object = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise FieldError(None, f"{name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise FieldError(None, f"{name}: is not JSON in UTF-8; give the file of a citation or of an answer") from error
    return found


def _verified(claim: Claim, found: Verification, document: Document | None) -> Iterator[str]:
    """What became of one claim: the outcome, the cited place, and where or how the words stand now."""
    yield f"{found.status}  {claim.document_id}, characters {claim.span.start}-{claim.span.end}"
    if found.document_changed:
        yield "    the document has changed since it was cited"
    if document and found.status in ("moved", "changed"):
        place = found.places[0]
        line = 1 + document.text.count("\n", 0, place.start)
        # Rounded down: what differs is never called 100 % alike.
        likeness = f"{floor(100 * (found.similarity or 0))} % alike"
        words = "now at" if found.status == "moved" else f"closest text, {likeness}, at"
        yield f"    {words} line {line}, characters {place.start}-{place.end}"
    if len(found.places) > 1:
        yield f"    and at {len(found.places) - 1} places more"
    if found.differences:
        yield f"    {''.join(map(_step, found.differences))}"
    if found.is_limited:
        yield "    the search stopped at its bound, farther places were not looked at"


def _step(step: Difference) -> str:
    """One step of a difference as wdiff writes it: `[-what the quote has-]{+what the text has+}`."""
    if step.kind == "equal":
        return step.text
    return (f"[-{step.quote}-]" if step.quote else "") + (f"{{+{step.text}+}}" if step.text else "")


def _place(citation: Citation) -> str:
    """The source of a quote in one line, and where in it the quote stands."""
    source = [citation.title, citation.author, citation.publisher, citation.published, citation.section]
    place = f"{citation.document_id}, {lines(citation)}, characters {citation.span.start}-{citation.span.end}"
    return _joined(*source, place)


def _joined(*parts: str | None) -> str:
    """Those of the parts that are known, each once."""
    return " · ".join(part for part in dict.fromkeys(parts) if part)


def _check(options: argparse.Namespace) -> int:
    """Prints a line for each file, whether or not the folder has to be whole; for that no model is needed."""
    engine = engine_from(argparse.Namespace(**{**vars(options), "semantic": "off", "strict": False}))
    skipped = engine.corpus.skipped
    _print(_file(engine, document) for document in engine.corpus.documents)
    _print(_skipped(engine))
    if options.strict and skipped:
        return _fail(f"--strict: {counted(len(skipped), 'file')} had to be skipped; mend or remove what is named above")
    return 0


def _file(engine: Engine, document: Document) -> str:
    """The file of a document, and what was read of it."""
    n_invisible = len(INVISIBLE.findall(document.text))
    return _joined(
        _in_one_line(document.path),
        counted(len(document.text), "character"),
        counted(n_invisible, "invisible character") if n_invisible else None,
        counted(sum(len(section.passages) for section in engine.sections(document.id)), "passage"),
        f"SHA-256 {document.sha256[:16]}",
    )


def _skipped(engine: Engine) -> Iterator[str]:
    """How many documents there are, then what was skipped and why."""
    yield counted(len(engine.corpus.documents), "document")
    for file in engine.corpus.skipped:
        yield _hanging("", f"skipped: {_in_one_line(file.path)}: {file.reason}")


def _documents(engine: Engine) -> Iterator[str]:
    """Each document with what is known of it, then what was skipped and why."""
    for document in engine.corpus.documents:
        yield document.id
        yield _indented(document.title)
        for facts in (
            _joined(document.author, document.publisher, document.published, document.rights),
            _joined(document.source and f"source {document.source}", document.source_url),
            _file(engine, document),
        ):
            if facts:
                yield _indented(facts)
        yield ""
    yield from _skipped(engine)


def _passages(engine: Engine, document_id: str | None) -> Iterator[str]:
    ids = [document_id] if document_id else [document.id for document in engine.corpus.documents]
    for number, document in enumerate(map(engine.document, ids)):
        if number:
            yield ""
        yield f"# {document.id}: {document.title}"
        for section in engine.sections(document.id):
            yield ""
            yield f"## {section.heading.cut(document.text)}" if section.heading else "## (no heading)"
            for passage in section.passages:
                yield ""
                yield f"{passage.id}  {counted(len(passage.text.split()), 'word')}"
                for sentence in passage.sentences:
                    yield _indented(sentence.cut(passage.text))


def _indented(text: str) -> str:
    return _hanging(" " * _INDENT, _printable(text))


def _hanging(first: str, text: str) -> str:
    """`text`, printable, behind `first`; on a terminal all its lines are indented by as much and broken to fit."""
    if not _is_terminal():
        return first + text
    width = min(shutil.get_terminal_size().columns, _MAX_WIDTH)
    return "\n".join(
        textwrap.fill(
            line,
            max(width, 2 * _INDENT),
            initial_indent=first if number == 0 else " " * len(first),
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(text.split("\n"))
    )


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _print(output: Iterable[str]) -> None:
    for line in output:
        print(_printable(line))


def _print_marked(output: Iterable[str]) -> None:
    """Prints lines that are printable already, but for the marks of what is bold."""
    bold = _is_terminal() and os.environ.get("TERM") != "dumb"
    codes = _CODES if bold else dict.fromkeys(_CODES)
    for line in output:
        print(line.translate(codes))


def _print_json(body: wire.Json) -> None:
    """Prints the body as a person can read it, what is not printable in JSON's own escapes."""
    print(_printable_json(json.dumps(body, ensure_ascii=False, indent=2)))


def _printable_json(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def _in_one_line(path: str) -> str:
    """`path` without the line breaks a file's name may hold, so that no name can pass for a line of its own."""
    return path.replace("\n", "\\x0a")


def _printable(text: str) -> str:
    """`text` with its control characters escaped, so that a document cannot steer the terminal.

    Newlines stay, and so do those that are written as CR LF.
    """
    text = text.replace("\r\n", "\n")
    return "".join(char if char.isprintable() or char in "\n\u00a0" else f"\\x{ord(char):02x}" for char in text)


if __name__ == "__main__":
    main()
