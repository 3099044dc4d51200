"""Qrels and runs in the formats of TREC, for any other tool: `ir_measures answer.qrels ours.run Success@1 RR@10`."""

from collections.abc import Mapping, Sequence

from eval.judging import Qrels

# Nobody here looks further down, and the file stays small.
_DEPTH = 10


def qrels_lines(qrels: Qrels) -> str:
    """`question 0 passage grade`, a line each, in the order of the ids."""
    return "".join(
        f"{question_id} 0 {passage_id} {grades[passage_id]}\n"
        for question_id, grades in sorted(qrels.items())
        for passage_id in sorted(grades)
    )


def run_lines(run: Mapping[str, Sequence[str]], system: str) -> str:
    """`question Q0 passage rank score system`, a line each; the score is 1/rank, so that no tool re-orders ties."""
    return "".join(
        f"{question_id} Q0 {passage_id} {rank} {1 / rank:.6f} {system}\n"
        for question_id, ranking in sorted(run.items())
        for rank, passage_id in enumerate(ranking[:_DEPTH], start=1)
    )
