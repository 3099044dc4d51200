"""One question up close: what was judged, what came back, and why."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from eval.judging import Judged, Slice, answers, grade_of, overlap, sentence_answers
from eval.services import LocalService, Service

_N_PASSAGES = 5


def show(terminal: Console, service: Service, judged: Judged) -> None:
    """Prints the question, its evidence, the reply and the first passages, with evidence in them marked."""
    question = judged.question
    reply = service.ask(question.question)
    terminal.print(Text.assemble((question.id, "bold"), f"  {question.kind}, {question.split} split"))
    if question.split == "test":
        terminal.print(Text("of the test split: for reporting; nothing is tuned on it", style="yellow"))
    terminal.print(Text(question.question, style="bold cyan"))
    if question.note:
        terminal.print(Text(f"note: {question.note}", style="dim"))
    terminal.print()
    if not judged.places:
        terminal.print(Text("judged: the documents do not answer this"))
    for place, evidence in zip(judged.places, question.evidence, strict=False):
        terminal.print(Text(f"evidence of grade {place.grade} at {place.id}: {evidence.quote}"))
    terminal.print()
    reason = f" ({reply.reason})" if reply.reason else ""
    terminal.print(
        Text(f"{reply.status}{reason}, confidence {reply.confidence:.3f}, {reply.took_ms:.2f} ms", style="bold")
    )
    if reply.sentence:
        mark = "right" if sentence_answers(reply.sentence, judged) else "WRONG"
        terminal.print(Text(f"answer, {mark}: {reply.sentence.text}"))
    explanations = dict(_explanations(service, question.question))
    for rank, passage in enumerate(reply.passages, start=1):
        if rank > _N_PASSAGES and not answers(passage, judged):
            continue
        grade = grade_of(passage, judged.places)
        terminal.print()
        mark = f"  grade {grade}" if grade else ""
        terminal.print(Text.assemble((f"{rank}. {passage.id}", "bold"), (mark, "bold green")))
        if passage.id in explanations:
            terminal.print(Text(f"   {explanations[passage.id]}", style="dim"))
        terminal.print(_marked(passage, judged))


def _marked(passage: Slice, judged: Judged) -> Text:
    """The text of the passage with the evidence in it underlined."""
    text = Text(passage.text)
    for place in judged.places:
        if overlap(passage, place):
            text.stylize("underline green", max(0, place.start - passage.start), place.end - passage.start)
    return text


def _explanations(service: Service, question: str) -> Iterator[tuple[str, str]]:
    """The summands of each passage's score in words; nothing for a service that is asked over HTTP."""
    if not isinstance(service, LocalService):
        return
    answer = service.engine.ask(question, _N_PASSAGES)
    for cited in answer.passages:
        scored = cited.scored
        parts = [f"{term.query_term.term} {term.contribution:.2f}" for term in scored.terms]
        parts += [f"{factor.name} {factor.contribution:.2f}" for factor in scored.factors]
        yield scored.passage.id, f"score {scored.score:.2f} = {' + '.join(parts)}"
