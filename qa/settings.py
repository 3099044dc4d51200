"""Every tunable of the answering library with its unit, its default and the reason for it.

Nothing here reads the environment: `server.py` and the command line turn flags and variables into a Settings.
"""

from dataclasses import dataclass, fields

from qa.errors import SettingError


@dataclass(frozen=True, slots=True)
class Settings:
    """The tunables of one engine. A value outside its range raises SettingError."""

    # Passages, in words between blanks: long enough to stand alone, short enough to read at a glance.
    min_words: int = 40
    max_words: int = 90
    # No passage and no sentence is longer; a longer sentence is cut at blanks.
    limit_words: int = 120
    # A run without any blank is cut here, so that a file of one endless token cannot become one passage.
    limit_chars: int = 2_000

    # BM25 (Robertson & Zaragoza 2009): saturation of the term frequency and strength of the length normalisation.
    k1: float = 1.2
    b: float = 0.75

    # What a word counts that says how a question is asked ("get", "kind of"), one outside the clause that asks, and one
    # that only names the source ("according to the Times"), where a word of the question counts 1.
    weak_word_weight: float = 0.4
    aside_weight: float = 0.5
    naming_weight: float = 0.3
    # What a term counts that was added for a word: synonyms that hold both ways, broader or narrower terms that hold
    # one way, names and numbers, repaired spelling.
    synonym_weight: float = 0.6
    one_way_weight: float = 0.5
    name_weight: float = 0.9
    spelling_weight: float = 0.8
    # What the evidence of its best sentence counts beside BM25 of the passage: the sentence's own BM25, the idf mass of
    # the words it covers, the words that stand close together, and (points each) the kind of answer asked for, a number
    # of what is counted, and the source asked for. What leads in to it, a question or the head of its table
    # or list, counts by idf mass where it asks the same.
    sentence_weight: float = 0.6
    coverage_weight: float = 0.3
    closeness_weight: float = 0.5
    answer_type_weight: float = 3.0
    count_weight: float = 2.0
    source_weight: float = 2.0
    asked_weight: float = 3.0
    # What nearness in meaning counts in semantic mode, for a cosine of 1 as a multiple of what the question's words are
    # worth together; in lexical mode it is not looked at.
    meaning_weight: float = 3.0

    # Best passages by BM25 whose sentences are looked at; it bounds the work of a question in a large corpus.
    max_candidates: int = 200
    # Distinct terms of one question that are scored, first come first served: it bounds the work of a hostile question.
    max_terms: int = 64
    # Words of one question whose spelling is repaired: each is compared with every word of the corpus, which takes
    # some 25 ms for 120,000 of them.
    max_repaired: int = 8
    # Code points of context on either side of a quote in a citation.
    context_chars: int = 32

    # Bytes of one corpus file, and files, bytes and folder levels of a whole corpus: a megabyte of text takes about 4 s
    # to index and 35 MB of memory, and a process serves all of it from memory.
    max_file_bytes: int = 16 * 1024 * 1024
    max_files: int = 10_000
    max_corpus_bytes: int = 64 * 1024 * 1024
    max_depth: int = 50

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value >= 0:
                raise SettingError(field.name, value, "0 or more")
        if not 1 <= self.min_words <= self.max_words <= self.limit_words:
            raise SettingError(
                "min_words", self.min_words, "at least 1 and at most max_words, which is at most limit_words"
            )
        if self.limit_chars < 1:
            raise SettingError("limit_chars", self.limit_chars, "1 or more")
        if self.b > 1:
            raise SettingError("b", self.b, "in [0, 1]")
        # A term that is searched for weighs more than nothing and at most 1; an added one of no weight is left out.
        for name in ("weak_word_weight", "aside_weight", "naming_weight"):
            if not 0 < getattr(self, name) <= 1:
                raise SettingError(name, getattr(self, name), "in (0, 1]")
        for name in ("synonym_weight", "one_way_weight", "name_weight", "spelling_weight"):
            if getattr(self, name) > 1:
                raise SettingError(name, getattr(self, name), "in [0, 1]")
