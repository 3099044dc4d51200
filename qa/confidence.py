"""How likely does the first passage answer the question? Structural evidence of a ranking becomes a probability.

In: the words of a question with what they are worth, and the best passages of the ranking. Out: Evidence, and from it
a confidence by logistic regression with the weights of a calibration file. All evidence is a share or a comparison
within one question, so that it means the same in another corpus.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from qa import data
from qa.ranking import Ranked
from qa.records import Evidence, Mode, QueryTerm, Question

# Passages behind the first that it is compared with. One alone may say the same as the first, and then a good answer
# looks doubtful; where a question is about something else, several match about as well. Chosen on the dev questions.
_COMPARED = 3
# Characters of a figure that decides: of 33 questions of dev and SQuAD with one that stands nowhere, one was answered.
_MIN_FIGURE = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How evidence becomes confidence: the weight of each kind by name, with an `intercept`.

    At `threshold` the documents are said to answer, unless `max_absent_share` of what the question's words are worth
    stands nowhere in them: then it is about something else, and the confidence at most `absent_confidence`. `model` is
    the encoder it was fitted with, None in lexical mode; `measured_on` are the fingerprints of the corpora on which the
    confidence was compared with judgments, `fitted_on` says from which questions the weights come.
    """

    version: int
    fitted_on: str
    measured_on: tuple[str, ...]
    threshold: float
    max_absent_share: float
    absent_confidence: float
    weights: Mapping[str, float]
    model: str | None = None


def load_calibration(mode: Mode) -> Calibration:
    """The calibration for `mode` that comes with the library."""
    table = tomllib.loads(data.read(f"calibration-{mode}.toml"))
    names = ("intercept", *(field.name for field in fields(Evidence)))
    weights = {name: float(table["weights"][name]) for name in names}
    return Calibration(
        table["version"],
        table["fitted_on"],
        tuple(table["measured_on"]),
        table["threshold"],
        table["max_absent_share"],
        table["absent_confidence"],
        weights,
        table.get("model"),
    )


def confidence(evidence: Evidence, calibration: Calibration) -> float:
    """The estimated probability, in (0, 1), that the first passage answers."""
    weights = calibration.weights
    logit = weights["intercept"] + sum(weights[name] * value for name, value in asdict(evidence).items())
    probability = 1 / (1 + math.exp(-logit))
    return min(probability, calibration.absent_confidence) if is_absent(evidence, calibration) else probability


def log_odds(evidence: Evidence | None, calibration: Calibration) -> float:
    """The confidence as log odds; for a question that matched nothing that of one whose words are absent."""
    probability = confidence(evidence, calibration) if evidence else calibration.absent_confidence
    return math.log(probability / (1 - probability))


def is_absent(evidence: Evidence, calibration: Calibration) -> bool:
    """Whether so much of the question stands nowhere that it is about something else."""
    return evidence.absent >= calibration.max_absent_share


def evidence_of(
    question: Question,
    query: Sequence[QueryTerm],
    ranked: Sequence[Ranked],
    worth: Mapping[str, float],
    absent: Sequence[str],
    rare_idf: float,
    n_passages: int,
) -> Evidence:
    """What `ranked`, which is not empty, says of its first passage.

    `worth` is what each word of the question counts, by the word as it was typed; `absent` are the words that stand
    nowhere, `rare_idf` is that of a term of one passage only. `n_passages` were searched; one that does not match has
    the score 0.
    """
    first = ranked[0]
    sentence = first.best_sentence
    total = sum(worth.values())
    matched = [term for term in query if term.term in sentence.terms or term.term in sentence.asked]
    held = {term.source for term in matched}
    # Marvin may be a mistyped Martin, and may be another man.
    named = {term.source for term in matched if term.kind != "spelling"}
    n_compared = max(1, min(_COMPARED, n_passages - 1))
    usual = sum(each.score for each in ranked[1 : 1 + n_compared]) / n_compared
    return Evidence(
        rarity=total / len(worth) / rare_idf,
        lead=(first.score - usual) / first.score if first.score else 0.0,
        kind_missing=float(question.wanted is not None and question.wanted not in sentence.kinds),
        absent=1.0 if any(map(_is_figure, absent)) else sum(worth[word] for word in absent) / total,
        rarest_missing=max((worth[word] for word in worth if word not in held), default=0.0) / max(worth.values()),
        name_missing=float(any(word.is_name and word.text not in named for word in question.words)),
        count_missing=float(question.wanted == "number" and not first.found.counted),
        negation_missing=float(question.negates and not sentence.negates),
        meaning=first.found.meaning / total,
    )


def _is_figure(word: str) -> bool:
    """Whether `word` is a year, a number or a code; a number of two digits may be part of another, as in 1980-88."""
    return any(map(str.isdigit, word)) and (len(word) >= _MIN_FIGURE or not word.isdigit())
