"""Two modes become a results file, in the form of results.py, so that `--compare lexical semantic` reads it too.

The same evaluation gives the same bytes: no clock, no durations, no machine.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from eval.files import write_whole
from eval.modes import Exchange, Modes, exchanges, false_answers, first_passage_answers, is_right, paired_tests
from eval.results import RESULTS_FILE, Json, citations_json, dumped, figure_json, system_json


def write_modes(folder: Path, modes: Modes, about: Mapping[str, str]) -> None:
    """Writes the figures of both modes and of the baselines, what they made of each question, and what moved."""
    folder.mkdir(parents=True, exist_ok=True)
    results = {
        **about,
        "fingerprint": modes.lexical.fingerprint,
        "documents": modes.lexical.n_documents,
        "passages": modes.lexical.n_passages,
        "citations": {name: citations_json(check) for name, check in modes.checks.items()},
        "splits": {split: _split_json(modes, split) for split in modes.lexical.splits},
        "systems": {
            system.name: system_json(system, with_kinds=system.name in modes.checks) for system in modes.systems
        },
    }
    write_whole(folder / RESULTS_FILE, dumped(results))


def _split_json(modes: Modes, split: str) -> Json:
    return {
        "paired": {
            each.measure: {
                "n": each.n,
                "lexical": _short(each.mean_a),
                "semantic": _short(each.mean_b),
                "p": _short(each.p),
            }
            for each in paired_tests(modes, split)
        },
        "first passage answers": {
            each.kind: _exchange_json(each)
            for each in exchanges(modes, split, first_passage_answers, answerable_only=True)
        },
        "right, or rightly refused": {
            each.kind: _exchange_json(each) for each in exchanges(modes, split, is_right, answerable_only=False)
        },
        "false answers": {
            each.at: {
                "answered": each.n_answered,
                "of": each.n,
                "lexical": figure_json(each.lexical),
                "semantic": figure_json(each.semantic),
                "p": None if each.p is None else _short(each.p),
            }
            for each in false_answers(modes, split)
        },
    }


def _exchange_json(exchange: Exchange) -> Json:
    return {
        "n": exchange.n,
        "lexical": exchange.n_lexical,
        "semantic": exchange.n_semantic,
        "gained": " ".join(exchange.gained),
        "lost": " ".join(exchange.lost),
    }


def _short(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
