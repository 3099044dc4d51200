"""What the command does with `--semantic`: both modes answer the same questions, printed and written side by side.

Nothing is gated here; `expected.toml` records the lexical mode, which is the one that everybody gets.
"""

import argparse
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from eval.errors import EvaluationError
from eval.files import write_whole
from eval.judging import Judged, locate, one_of
from eval.mode_results import write_modes
from eval.modes import evaluate_modes
from eval.questions import read_questions
from eval.report import modes_markdown, print_modes, progress_bar
from eval.results import commit_of
from eval.semantic import Semantic, load_semantic
from eval.services import LocalService, read_texts
from eval.show import show
from eval.sources import CORPUS, QUESTIONS, RESULTS, ROOT, Source, second_source, shown_path
from eval.squad import read_squad
from qa import Engine

_TITLE = "Lexical and semantic mode"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One corpus in both modes, what they are asked, and the texts that citations are checked against."""

    lexical: LocalService
    semantic: LocalService
    judged: tuple[Judged, ...]
    texts: Mapping[str, str]


def run_modes(terminal: Console, options: argparse.Namespace) -> int:
    """2 when a quote does not stand where the service says, else 0."""
    for name in ("url", "compare", "expected", "record"):
        if getattr(options, name):
            raise EvaluationError(f"--{name} does not go with --semantic, which asks both modes in this process")
    semantic = load_semantic(options)
    if options.squad:
        about = {"questions": options.squad.name}
        pair = _of_squad(semantic, options.squad)
        return _report(terminal, options, pair, f"{_TITLE}, SQuAD 2.0: {options.squad.name}", about, options.results)
    return max(_report_source(terminal, options, semantic, source) for source in _sources(options))


def _sources(options: argparse.Namespace) -> list[Source]:
    """The sets that are evaluated; one that people bring is kept only where they say."""
    kept = options.results or RESULTS / "semantic"
    second = second_source(f"{_TITLE}: the second corpus", kept)
    if options.second:
        return [second]
    if options.corpus or options.questions:
        return [Source(_TITLE, options.corpus or CORPUS, options.questions or QUESTIONS, options.results)]
    own = Source(_TITLE, CORPUS, QUESTIONS, kept)
    return [own] if options.show or not second.questions.is_file() else [own, second]


def _report_source(terminal: Console, options: argparse.Namespace, semantic: Semantic, source: Source) -> int:
    about = {
        "questions": shown_path(source.questions),
        "questions_sha256": hashlib.sha256(source.questions.read_bytes()).hexdigest(),
        "corpus": shown_path(source.corpus),
    }
    return _report(terminal, options, _of_folder(semantic, source), source.title, about, source.results)


def _report(
    terminal: Console,
    options: argparse.Namespace,
    pair: _Pair,
    title: str,
    about: Mapping[str, str],
    results: Path | None,
) -> int:
    """Evaluates, prints and writes; or shows one question as the semantic mode answers it."""
    if options.show:
        show(terminal, pair.semantic, one_of(pair.judged, options.show))
        return 0
    with progress_bar() as progress:
        modes = evaluate_modes(pair.lexical, pair.semantic, pair.judged, pair.texts, progress)
    about = {**about, "commit": commit_of(ROOT), "model": modes.model}
    print_modes(terminal, title, about, modes)
    if results:
        write_modes(results, modes, about)
        write_whole(results / "README.md", modes_markdown(title, about, modes))
        terminal.print(f"• written to {shown_path(results)}")
    n_faults = sum(len(check.faults) for check in modes.checks.values())
    if n_faults:
        print(f"evaluate: {n_faults} quotes do not stand where the service says", file=sys.stderr)
    return 2 if n_faults else 0


def _of_folder(semantic: Semantic, source: Source) -> _Pair:
    lexical = LocalService(Engine.from_folder(source.corpus))
    texts = read_texts(source.corpus, lexical.paths)
    judged = locate(read_questions(source.questions), texts, str(source.questions))
    with progress_bar() as progress:
        engine = Engine.from_folder(source.corpus, encode=semantic.encode_for(source.corpus, progress))
    return _Pair(lexical, LocalService(engine), judged, texts)


def _of_squad(semantic: Semantic, path: Path) -> _Pair:
    lexical = read_squad(path)
    with progress_bar() as progress:
        meant = read_squad(path, semantic.encode_for(path, progress))
    return _Pair(LocalService(lexical.engine), LocalService(meant.engine), lexical.judged, lexical.texts)
