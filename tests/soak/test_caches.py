"""A damaged cache of vectors is made anew, whatever the damage."""

import random

import numpy as np

from qa.vectors import vectors_of
from tests.test_vectors import Letters, cache_file, silent

N_DAMAGES = 10_000
KINDS = ("cut", "flipped", "zeroed", "shuffled", "longer", "of another corpus")


def test_p5_every_damaged_cache_is_made_anew(tmp_path, scaled, record):
    chance = random.Random(5)  # noqa: S311 - the same damages in every run
    texts = [f"{'a' * n}b" for n in range(40)]
    expected = vectors_of(texts, Letters(), tmp_path / "one", silent)
    vectors_of(texts[::2], Letters(), tmp_path / "other", silent)
    path = cache_file(tmp_path / "one")
    whole, other = path.read_bytes(), cache_file(tmp_path / "other").read_bytes()
    n_damages, n_wrong, n_trusted = scaled(N_DAMAGES), 0, 0
    for number in range(n_damages):
        kind = KINDS[number % len(KINDS)]
        damage = damaged(whole, other, kind, chance)
        path.write_bytes(damage)
        encoder = Letters()
        n_wrong += not np.array_equal(vectors_of(texts, encoder, tmp_path / "one", silent), expected)
        # Of a whole cache of fewer texts the rest is encoded; of a damaged one everything is.
        n_trusted += len(encoder.encoded) != (len(texts) // 2 if kind == "of another corpus" else len(texts))
        assert path.read_bytes() == whole or kind == "of another corpus"
    record(
        "damaged caches",
        done=f"{n_damages:,} caches of vectors, {', '.join(KINDS)}",
        aim="all made anew, none wrong",
        measured=f"{n_wrong} wrong, {n_trusted} trusted in part",
        reached=not n_wrong and not n_trusted,
    )
    assert (n_wrong, n_trusted) == (0, 0)


def damaged(whole, other, kind, chance):
    """The bytes of a cache with one kind of damage, which differ from the whole."""
    start, end = sorted(chance.sample(range(len(whole) + 1), 2))
    if kind == "cut":
        return whole[:start]
    if kind == "flipped":
        place = chance.randrange(len(whole))
        return whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]
    if kind == "zeroed":
        zeroed = whole[:start] + bytes(end - start) + whole[end:]
        return zeroed if zeroed != whole else bytes(len(whole))
    if kind == "shuffled":
        return whole[end:] + whole[:end] if end < len(whole) else whole[::-1]
    if kind == "longer":
        return whole + chance.randbytes(chance.randint(1, 64))
    return other
