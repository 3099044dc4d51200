"""What each feature is worth: the service with one thing changed at a time.

A row is a name and the fields of qa's Settings that differ; adding one is a line. Each row cuts and indexes the
documents anew, so a setting of the splitting may stand here too.
"""

from collections.abc import Mapping
from typing import Any

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "without length (b = 0)": {"b": 0.0},
    "without repetition (k1 = 0)": {"k1": 0.0},
    "k1 of rank-bm25 (1.5)": {"k1": 1.5},
    "passages half as long": {"min_words": 20, "max_words": 45},
}
