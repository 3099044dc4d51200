"""Questions without end, the same in every run: made of the words of the corpus, of slips of the pen and of nonsense.

No two need be alike, so that whatever remembers what it was asked grows where it can be seen.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

STARTS = ("When did", "Who is", "How much did", "Why was", "What did", "Where is", "How many", "Which of")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def questions(folder: Path, seed: int = 1) -> Iterator[str]:
    """Questions about the documents of `folder`, one in four words misspelt or made up."""
    chance = random.Random(seed)  # noqa: S311 - the same questions each time, nothing secret
    words = sorted({word for path in folder.glob("*.txt") for word in re.findall(r"\w{3,}", path.read_text("utf-8"))})
    while True:
        chosen = chance.choices(words, k=chance.randint(1, 8))
        yield f"{chance.choice(STARTS)} {' '.join(_disturbed(word, chance) for word in chosen)}?"


def _disturbed(word: str, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.15:
        place = chance.randrange(len(word))
        return word[:place] + chance.choice(LETTERS) + word[place + 1 :]
    if kind < 0.25:
        return "".join(chance.choices(LETTERS, k=chance.randint(3, 12)))
    return word
