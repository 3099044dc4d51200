"""Tables become a page: for the terminal with rich, and in Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable
from rich.text import Text

from eval.compare import Change, Comparison
from eval.evaluation import OURS, Evaluation
from eval.everyday import TITLE, Everyday, everyday_tables
from eval.mode_tables import mode_sentences, mode_tables
from eval.modes import LEXICAL, SEMANTIC, Modes
from eval.summary import ALL
from eval.tables import Table, faults, tables, timing

# Narrower than this the tables with intervals break; a log has no width of its own.
MIN_WIDTH = 172
# A terminal may well be narrower, and then a table with more columns has its intervals below the values.
_MAX_NARROW_COLUMNS = 6


def console(*, is_error: bool = False) -> Console:
    """A terminal of at least MIN_WIDTH columns."""
    terminal = Console(stderr=is_error, highlight=False, soft_wrap=False)
    if terminal.width < MIN_WIDTH and not terminal.is_terminal:
        terminal.width = MIN_WIDTH
    return terminal


def progress_bar() -> Progress:
    """A bar on standard error while questions are asked; nothing stays of it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(is_error=True),
        transient=True,
    )


def print_report(terminal: Console, title: str, about: Mapping[str, str], evaluation: Evaluation) -> None:
    """Prints everything that was measured."""
    sentences = (*faults(evaluation), timing(evaluation.ours.outcomes))
    _print_page(terminal, title, _line(about, evaluation), tables(evaluation), sentences)


def print_modes(terminal: Console, title: str, about: Mapping[str, str], modes: Modes) -> None:
    """Prints both modes side by side."""
    took = (f"{system.name}: {timing(system.outcomes)}" for system in modes.systems[:2])
    sentences = (*mode_sentences(modes), *took)
    _print_page(terminal, title, _line(about, modes.lexical), mode_tables(modes), sentences)


def print_everyday(terminal: Console, line: str, everyday: Sequence[Everyday]) -> None:
    """Prints the shares refused; what was answered stands in the page."""
    _print_page(terminal, TITLE, line, everyday_tables(everyday)[:1], ())


def _print_page(
    terminal: Console, title: str, line: str, shown_tables: Iterable[Table], sentences: Iterable[str]
) -> None:
    terminal.print()
    terminal.rule(Text(title, style="bold"), align="left")
    terminal.print(line, style="dim")
    for table in shown_tables:
        print_table(terminal, table)
    terminal.print()
    for sentence in sentences:
        terminal.print(Text(f"• {sentence}"))


def print_table(terminal: Console, table: Table) -> None:
    """Prints one table with its note."""
    shown = RichTable(
        title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1)
    )
    breaks_cells = terminal.width < MIN_WIDTH and len(table.columns) > _MAX_NARROW_COLUMNS
    for number, column in enumerate(table.columns):
        shown.add_column(
            column, justify="left" if number == 0 else "right", no_wrap=number == 0 or terminal.width >= MIN_WIDTH
        )
    for row in table.rows:
        cells = [cell.replace(" [", "\n[") for cell in row] if breaks_cells else row
        shown.add_row(*map(Text, cells), style="bold" if row[0] in (ALL, OURS, LEXICAL, SEMANTIC) else "")
    terminal.print()
    terminal.print(shown)
    if table.note:
        terminal.print(Text(table.note, style="dim"))


def print_comparison(
    terminal: Console, names: tuple[str, str], comparisons: Iterable[Comparison], changed: Sequence[Change]
) -> None:
    """Prints both means and p for each measure, and the questions gained and lost."""
    rows = tuple(
        (each.measure, str(each.n), f"{each.mean_a:.3f}", f"{each.mean_b:.3f}", _signed(each), f"{each.p:.4f}")
        for each in comparisons
    )
    note = f"A is {names[0]}, B is {names[1]}. p of a two-sided paired randomisation test."
    print_table(terminal, Table("Comparison", ("measure", "n", "A", "B", "B - A", "p"), rows, note))
    for title, is_gain in (("gained by B", True), ("lost by B", False)):
        questions = [change for change in changed if (change.rank_b == 1) == is_gain]
        terminal.print()
        terminal.print(Text(f"{len(questions)} {title} (answered by the first passage)", style="bold"))
        for change in questions:
            terminal.print(Text(f"  {change.question_id}  {_rank(change.rank_a)} -> {_rank(change.rank_b)}"))


def _signed(comparison: Comparison) -> str:
    return f"{comparison.mean_b - comparison.mean_a:+.3f}"


def _rank(rank: int | None) -> str:
    return "none" if rank is None else f"rank {rank}"


def markdown(title: str, about: Mapping[str, str], evaluation: Evaluation, plots: Iterable[tuple[str, str]]) -> str:
    """The report as a page; `plots` are file names with captions. It holds no durations, so it is reproducible."""
    return _page(title, _line(about, evaluation), faults(evaluation), tables(evaluation), plots)


def modes_markdown(title: str, about: Mapping[str, str], modes: Modes) -> str:
    """Both modes side by side as a page, without durations too."""
    return _page(title, _line(about, modes.lexical), mode_sentences(modes), mode_tables(modes), ())


def everyday_markdown(line: str, everyday: Sequence[Everyday]) -> str:
    """The shares refused, and what was answered, as a page."""
    return _page(TITLE, line, (), everyday_tables(everyday), ())


def _page(
    title: str,
    line: str,
    sentences: Iterable[str],
    shown_tables: Iterable[Table],
    plots: Iterable[tuple[str, str]],
) -> str:
    parts = [f"# {title}", line]
    said = "".join(f"- {sentence}\n" for sentence in sentences).rstrip()
    parts += [said] if said else []
    for table in shown_tables:
        parts += [f"## {table.title}", _markdown_table(table)]
        if table.note:
            parts.append(table.note)
    for file, caption in plots:
        parts.append(f"## {caption}\n\n![{caption}]({file})")
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    head = [table.columns, tuple("---" if number == 0 else "--:" for number in range(len(table.columns)))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (*head, *table.rows))


def _line(about: Mapping[str, str], evaluation: Evaluation) -> str:
    parts = [f"{name} {value}" for name, value in about.items() if len(value) < 60]
    parts.append(f"{evaluation.n_documents} documents in {evaluation.n_passages} passages")
    parts.append(f"fingerprint {evaluation.fingerprint[:12]}")
    return " · ".join(parts)
