"""Evidence becomes judgments: which passage, and which sentence, counts as an answer.

In: questions with verbatim quotes, the canonical texts, and slices of them that a system returned. Out: grades.
Judgments point at places in the text, never at passage ids, so that cutting the documents in another way cannot break
them. A grade never depends on what a passage says, only on where it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.errors import EvaluationError, Fault, QuestionFileError
from eval.questions import Question

Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of a document and its text; offsets are half-open and count code points of the canonical text."""

    document_id: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """`DOCUMENT_ID:START-END`, as qa names its passages."""
        return f"{self.document_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of evidence stands, and its grade: 2 answers fully, 1 partly."""

    document_id: str
    start: int
    end: int
    grade: int

    @property
    def id(self) -> str:
        """The id a passage would have that is this place and nothing else."""
        return f"{self.document_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with every place that answers it; no place for one that the documents do not answer."""

    question: Question
    places: tuple[Place, ...]

    @property
    def needed_grade(self) -> int:
        """The grade a place must have to count as an answer: 2 where there is such a place, else 1."""
        return max((place.grade for place in self.places), default=0)


def locate(questions: Iterable[Question], texts: Mapping[str, str], path: str) -> tuple[Judged, ...]:
    """Each question with the places of its quotes in `texts`, which are keyed by document id.

    A quote that stands in several places of its document gives as many places. Raises QuestionFileError for a quote
    that stands nowhere and for an unknown document; `path` names the file in its message.
    """
    faults: list[Fault] = []
    judged: list[Judged] = []
    for question in questions:
        places: list[Place] = []
        for number, evidence in enumerate(question.evidence):
            text = texts.get(evidence.document)
            if text is None:
                known = ", ".join(sorted(texts)[:5])
                message = f"there is no document {evidence.document!r}; the corpus holds {known}"
                faults.append(Fault(question.line, f"evidence[{number}].document", message))
                continue
            starts = _occurrences(text, evidence.quote)
            if not starts:
                message = f"{evidence.quote!r} does not stand in {evidence.document}; quote it character for character"
                faults.append(Fault(question.line, f"evidence[{number}].quote", message))
            places += [Place(evidence.document, start, start + len(evidence.quote), evidence.grade) for start in starts]
        judged.append(Judged(question, tuple(places)))
    if faults:
        raise QuestionFileError(path, faults)
    return tuple(judged)


def _occurrences(text: str, quote: str) -> list[int]:
    """Every start of `quote` in `text`, in order."""
    starts = []
    start = text.find(quote)
    while start >= 0:
        starts.append(start)
        start = text.find(quote, start + 1)
    return starts


def one_of(judged: Sequence[Judged], question_id: str) -> Judged:
    """The question with this id; EvaluationError when there is none."""
    for one in judged:
        if one.question.id == question_id:
            return one
    raise EvaluationError(f"there is no question {question_id!r}; the first is {judged[0].question.id}")


def overlap(piece: Slice | Place, other: Slice | Place) -> int:
    """The number of characters two slices share, 0 for different documents."""
    if piece.document_id != other.document_id:
        return 0
    return max(0, min(piece.end, other.end) - max(piece.start, other.start))


def covers(passage: Slice, place: Place) -> bool:
    """Whether at least half of the characters of the evidence stand in the passage."""
    return 2 * overlap(passage, place) >= place.end - place.start


def grade_of(passage: Slice, places: Iterable[Place]) -> int:
    """The best grade of the evidence that the passage covers, 0 when it covers none."""
    return max((place.grade for place in places if covers(passage, place)), default=0)


def answers(passage: Slice, judged: Judged) -> bool:
    """Whether the passage covers evidence of the grade the question needs."""
    return judged.needed_grade > 0 and grade_of(passage, judged.places) >= judged.needed_grade


def sentence_answers(sentence: Slice, judged: Judged) -> bool:
    """Whether the sentence shares at least half of the shorter of the two with evidence of the grade needed.

    So a sentence counts that holds half of the evidence, and so does one of which half is evidence.
    """
    return any(
        2 * overlap(sentence, place) >= min(place.end - place.start, sentence.end - sentence.start)
        for place in judged.places
        if place.grade == judged.needed_grade
    )


def uncovered(judged: Judged, passages: Sequence[Slice]) -> tuple[Place, ...]:
    """The places that no passage covers: faults of the splitting, which no ranking can mend."""
    return tuple(place for place in judged.places if not any(covers(passage, place) for passage in passages))


def graded_qrels(judged: Iterable[Judged], passages: Sequence[Slice]) -> Qrels:
    """The grades of the passages for each answerable question, as TREC's qrels: question id, passage id, grade.

    Evidence that no passage covers stays in, under the id of its own place, so that it counts as never found instead
    of vanishing.
    """
    qrels: Qrels = {}
    for one in judged:
        if not one.places:
            continue
        grades = {passage.id: grade_of(passage, one.places) for passage in passages}
        grades |= {place.id: place.grade for place in uncovered(one, passages)}
        qrels[one.question.id] = {passage_id: grade for passage_id, grade in grades.items() if grade}
    return qrels


def answer_qrels(judged: Iterable[Judged], graded: Mapping[str, Mapping[str, int]]) -> Qrels:
    """The qrels with 1 for what has the grade the question needs, and without the rest: what Success and RR count."""
    needed = {one.question.id: one.needed_grade for one in judged}
    return {
        question_id: {passage_id: 1 for passage_id, grade in grades.items() if grade >= needed[question_id]}
        for question_id, grades in graded.items()
    }
