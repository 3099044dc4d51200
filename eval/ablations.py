"""What each feature is worth: the service with one thing changed at a time.

A row is a name and the fields of qa's Settings that differ; adding one is a line. Each row cuts and indexes the
documents anew, so a setting of the splitting may stand here too.
"""

from collections.abc import Mapping
from typing import Any

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "BM25 of the passage alone": {
        **dict.fromkeys(("synonym_weight", "one_way_weight", "name_weight", "spelling_weight"), 0.0),
        **dict.fromkeys(("sentence_weight", "coverage_weight", "closeness_weight"), 0.0),
        **dict.fromkeys(("answer_type_weight", "count_weight", "source_weight"), 0.0),
        **dict.fromkeys(("weak_word_weight", "aside_weight", "naming_weight"), 1.0),
    },
    "without synonyms": {"synonym_weight": 0.0, "one_way_weight": 0.0},
    "without names and numbers": {"name_weight": 0.0},
    "without spelling": {"spelling_weight": 0.0},
    "without sentences": {"sentence_weight": 0.0, "coverage_weight": 0.0},
    "without closeness": {"closeness_weight": 0.0},
    "without kinds of answer": {"answer_type_weight": 0.0, "count_weight": 0.0},
    "without the source": {"source_weight": 0.0, "naming_weight": 1.0},
    "words that name a source in full": {"naming_weight": 1.0},
    "asides count in full": {"aside_weight": 1.0},
    "weak words count in full": {"weak_word_weight": 1.0},
}
