"""The command line: parses, evaluates, prints, writes and judges.

It exits 0 when the figures are as recorded or better, 1 when one fell beyond its tolerance, 2 when something is broken,
which is one sentence.
"""

import argparse
import hashlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from eval.ablations import ABLATIONS
from eval.compare import changes, compare, compare_outcomes
from eval.errors import EvaluationError
from eval.evaluation import Evaluation, evaluate
from eval.everyday import ask_everyday, everyday_json, everyday_rows
from eval.files import write_whole
from eval.gate import judge, new_record, read_record, record_toml
from eval.judging import Judged, locate, one_of
from eval.modes_cli import run_modes
from eval.plots import PLOTS, write_plots
from eval.questions import read_questions
from eval.report import (
    console,
    everyday_markdown,
    markdown,
    print_comparison,
    print_everyday,
    print_report,
    progress_bar,
)
from eval.results import RESULTS_FILE, commit_of, dumped, read_ranks, write_results
from eval.semantic import add_semantic_options
from eval.services import HttpService, LocalService, Service, read_texts
from eval.show import show
from eval.sources import CORPUS, EVERYDAY, EXPECTED, QUESTIONS, RESULTS, ROOT, Source, second_source, shown_path
from eval.squad import read_squad
from eval.summary import ALL, summaries
from qa import Engine, QAError, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one run."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (EvaluationError, QAError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader had enough
        sys.stderr.close()
        return 141
    except OSError as error:
        print(f"evaluate: {error.filename}: {error.strerror}; nothing more was written", file=sys.stderr)
        return 2
    except Exception:  # 1 is kept for a figure that fell, so that a crash is never taken for one
        traceback.print_exc()
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="evaluate.py",
        description="Asks judged questions and reports how well they are answered. Without options it evaluates the "
        "project's own set, its baselines and ablations, writes eval/results and judges against eval/expected.toml.",
    )
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="folder with the documents [corpus]")
    parser.add_argument("--questions", type=Path, metavar="FILE", help="questions, one JSON object a line")
    parser.add_argument("--url", help="ask the service at this address, which serves --corpus")
    parser.add_argument("--squad", type=Path, metavar="FILE", help="evaluate on a file in the format of SQuAD 2.0")
    parser.add_argument("--second", action="store_true", help="evaluate the second corpus, eval/second, only")
    add_semantic_options(parser, "evaluate the lexical mode and the semantic mode of this model side by side")
    parser.add_argument("--show", metavar="ID", help="show one question with all that came back")
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="compare two systems of the last run by name, or two results files",
    )
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="the questions of --compare [dev]")
    parser.add_argument("--results", type=Path, metavar="DIR", help="where to write the results of any set")
    parser.add_argument("--expected", type=Path, metavar="FILE", help="judge against these figures")
    parser.add_argument("--record", action="store_true", help="record today's figures as the expected ones")
    return parser


def _run(options: argparse.Namespace) -> int:
    terminal = console()
    if options.semantic:
        return run_modes(terminal, options)
    if options.compare:
        return _compare(terminal, options)
    if options.squad:
        return _squad(terminal, options)
    if options.second:
        source = second_source("The second corpus", RESULTS)
        return _show(terminal, options, source) if options.show else _report(terminal, options, source)[0]
    is_own = not (options.corpus or options.questions)
    keeps_results = is_own and not options.url
    results = options.results or (RESULTS if keeps_results else None)
    source = Source("Evaluation", options.corpus or CORPUS, options.questions or QUESTIONS, results)
    if options.show:
        return _show(terminal, options, source)
    code, evaluation, about = _report(terminal, options, source)
    second = second_source("The second corpus, as a check on over-fitting", results)
    if keeps_results and second.questions.is_file():
        code = max(code, _report(terminal, options, second)[0])
    if keeps_results and results:
        _everyday(terminal, results / "everyday", (source.corpus, second.corpus))
    expected = options.expected or (EXPECTED if is_own else None)
    return max(code, _gate(terminal, options, evaluation, about, expected)) if expected else code


def _report(
    terminal: Console, options: argparse.Namespace, source: Source
) -> tuple[int, Evaluation, Mapping[str, str]]:
    """Evaluates, prints and writes; 2 when a quote does not stand where the service says, else 0."""
    service, judged, texts = _judged(options, source)
    with progress_bar() as progress:
        variants = {} if options.url else _variants(source.corpus)
        evaluation = evaluate(service, judged, texts, variants, progress)
    about = {
        "questions": shown_path(source.questions),
        "questions_sha256": hashlib.sha256(source.questions.read_bytes()).hexdigest(),
        "corpus": shown_path(source.corpus),
        "commit": commit_of(ROOT),
    }
    print_report(terminal, source.title, about, evaluation)
    if source.results:
        write_results(source.results, evaluation, about)
        write_plots(source.results, evaluation)
        page = markdown(source.title, about, evaluation, PLOTS)
        write_whole(source.results / "README.md", page)
        terminal.print(f"• written to {shown_path(source.results)}")
    return _citation_code(evaluation), evaluation, about


def _everyday(terminal: Console, results: Path, folders: Sequence[Path]) -> None:
    """Puts the questions that no folder answers to each of those that are there, prints and writes."""
    services = {shown_path(each): LocalService(Engine.from_folder(each)) for each in folders if each.is_dir()}
    with progress_bar() as progress:
        everyday = ask_everyday(EVERYDAY, services, progress)
    about = {
        "questions": shown_path(EVERYDAY),
        "questions_sha256": hashlib.sha256(EVERYDAY.read_bytes()).hexdigest(),
        "commit": commit_of(ROOT),
    }
    line = f"questions {about['questions']} · commit {about['commit']}"
    print_everyday(terminal, line, everyday)
    results.mkdir(parents=True, exist_ok=True)
    write_whole(results / RESULTS_FILE, dumped({**about, "refused": everyday_json(everyday)}))
    write_whole(results / "questions.jsonl", everyday_rows(everyday))
    write_whole(results / "README.md", everyday_markdown(line, everyday))
    terminal.print(f"• written to {shown_path(results)}")


def _judged(options: argparse.Namespace, source: Source) -> tuple[Service, tuple[Judged, ...], Mapping[str, str]]:
    """The service, the judged questions, and the texts they are judged on."""
    service: Service = HttpService(options.url) if options.url else LocalService(Engine.from_folder(source.corpus))
    texts = read_texts(source.corpus, service.paths)
    return service, locate(read_questions(source.questions), texts, str(source.questions)), texts


def _show(terminal: Console, options: argparse.Namespace, source: Source) -> int:
    service, judged, _ = _judged(options, source)
    show(terminal, service, one_of(judged, options.show))
    return 0


def _citation_code(evaluation: Evaluation) -> int:
    """2 with a sentence when a quote does not stand where the service says, else 0."""
    n_faults = len(evaluation.citations.faults)
    if n_faults:
        print(f"evaluate: {n_faults} quotes do not stand where the service says", file=sys.stderr)
    return 2 if n_faults else 0


def _variants(corpus: Path) -> dict[str, LocalService]:
    return {
        name: LocalService(Engine.from_folder(corpus, Settings(**overrides))) for name, overrides in ABLATIONS.items()
    }


def _gate(
    terminal: Console, options: argparse.Namespace, evaluation: Evaluation, about: Mapping[str, str], path: Path
) -> int:
    """0 when no figure of the test split fell, 1 when one did."""
    if "test" not in evaluation.splits:
        raise EvaluationError("there are no questions of the test split to judge; leave out --expected")
    figures = summaries(evaluation.ours)["test"][ALL]
    sha256 = about["questions_sha256"]
    if options.record:
        old = read_record(path) if path.is_file() else None
        record = new_record(figures, evaluation.fingerprint, sha256, about["commit"], old)
        write_whole(path, record_toml(record))
        terminal.print(f"• recorded in {shown_path(path)}; read the difference before you commit it")
        return 0
    verdict = judge(read_record(path), figures, evaluation.fingerprint, sha256)
    for fall in verdict.falls:
        terminal.print(f"FELL  {fall}", style="bold red")
    for rise in verdict.rises:
        terminal.print(f"ROSE  {rise}; record it with --record", style="bold green")
    if not verdict.falls:
        terminal.print(f"• gate passed: no figure of the test split fell beyond its tolerance in {shown_path(path)}")
    return 1 if verdict.falls else 0


def _squad(terminal: Console, options: argparse.Namespace) -> int:
    squad = read_squad(options.squad)
    service = LocalService(squad.engine)
    if options.show:
        show(terminal, service, one_of(squad.judged, options.show))
        return 0
    with progress_bar() as progress:
        evaluation = evaluate(service, squad.judged, squad.texts, {}, progress)
    about = {"questions": options.squad.name, "commit": commit_of(ROOT)}
    print_report(terminal, f"SQuAD 2.0: {options.squad.name}", about, evaluation)
    if options.results:
        write_results(options.results, evaluation, about)
    return _citation_code(evaluation)


def _compare(terminal: Console, options: argparse.Namespace) -> int:
    a, b = (read_ranks(name, options.results or RESULTS) for name in options.compare)
    questions = read_questions(options.questions or QUESTIONS)
    wanted = [question.id for question in questions if question.split == options.split and question.is_answerable]
    shared = [one for one in wanted if one in a.ranks and one in b.ranks]
    if len(shared) < len(wanted):
        terminal.print(f"{len(wanted) - len(shared)} questions are left out: not both were asked them", style="yellow")
    if not shared:
        raise EvaluationError(f"{a.name} and {b.name} share no question of the {options.split} split")
    comparisons = list(compare(a, b, shared))
    everything = [question.id for question in questions if question.split == options.split]
    both_replied = [one for one in everything if one in a.right and one in b.right]
    if both_replied:
        comparisons.append(compare_outcomes(a, b, both_replied))
    print_comparison(terminal, (a.name, b.name), comparisons, changes(a.ranks, b.ranks, shared))
    gained = [one for one in both_replied if b.right[one] and not a.right[one]]
    lost = [one for one in both_replied if a.right[one] and not b.right[one]]
    for title, ids in (("gained", gained), ("lost", lost)):
        if both_replied:
            terminal.print(f"{len(ids)} {title} by B (right, or rightly refused): {', '.join(ids) or 'none'}")
    return 0
