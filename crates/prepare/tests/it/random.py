"""Prints, as JSON, what the real libraries draw: {"name of a test": [{arguments..., "want": result}, ...], ...}.

Doubles are given as the integers of their bits, so that no digit is lost. A refused call has null for a result.
"""

import json
import random
import struct
import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit, KFold, ShuffleSplit, train_test_split

warnings.simplefilter("error")
pick = random.Random(20240)
SEEDS = [0, 1, 2, 7, 8, 42, 2**31 - 1, 2**31, 2**32 - 1] + [pick.getrandbits(32) for _ in range(24)]
SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100, 255, 256, 257, 1000, 4097]
LARGE = [(0, 65_536), (42, 65_537), (42, 200_000)]
RANGES = [(0, 1), (0, 2), (1, 7), (-5, 6), (0, 256), (0, 676), (100, 999), (100_000, 300_000), (0, 2**31), (-(2**31), 2**31),
          (0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (-(2**40), 2**45 + 3), (-(2**63), 2**63 - 1), (0, 2**63 - 1)]
cases = {}


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def plain(value):
    if isinstance(value, (float, np.floating)):
        return bits(float(value))
    if isinstance(value, (int, np.integer)):
        return int(value)
    return [plain(item) for item in value]


def case(name, call, **arguments):
    try:
        want = plain(call())
    except ValueError:
        want = None
    cases.setdefault(name, []).append({**arguments, "want": want})


def parts(split):
    train, test = split
    return [list(train), list(test)]


def weights(count):
    """Probabilities, some of them 0 or tiny."""
    values = [pick.choice([0.0, 1e-9, pick.random(), pick.random()]) for _ in range(count - 1)] + [0.5]
    return list(np.array(values) / np.sum(values))


for seed in SEEDS:
    for size in SIZES:
        case("numpy_permutation", lambda: np.random.RandomState(seed).permutation(size), seed=seed, size=size)
        case("pcg_permutation", lambda: np.random.default_rng(seed).permutation(size), seed=seed, size=size)

        def python_shuffle():
            items = list(range(size))
            random.Random(seed).shuffle(items)
            return items

        case("python_shuffle", python_shuffle, seed=seed, size=size)
for seed, size in LARGE:
    case("numpy_permutation", lambda: np.random.RandomState(seed).permutation(size), seed=seed, size=size)
    case("pcg_permutation", lambda: np.random.default_rng(seed).permutation(size), seed=seed, size=size)

for seed in SEEDS:
    # One generator through all its methods: what one leaves behind, the next one finds.
    def numpy_mixed():
        rng = np.random.RandomState(seed)
        out = [rng.random_sample(), rng.uniform(-3.5, 8.25), rng.randn(), rng.randint(0, 10), rng.normal(100, 10)]
        for low, high in RANGES:
            out += [rng.randint(low, high, dtype=np.int64) for _ in range(3)] + [rng.randn()]
        items = list("abcdefghijklmnopqrstuvwxyz")
        rng.shuffle(items)
        return out + [ord(item) for item in items] + [rng.randn(), rng.random_sample()]

    def pcg_mixed():
        rng = np.random.default_rng(seed)
        out = [rng.random(), rng.uniform(1, 100), rng.integers(0, 1010)]
        for low, high in RANGES:
            out += [rng.integers(low, high) for _ in range(3)] + [rng.random()]
        items = list("abcdefghijklmnopqrstuvwxyz")
        rng.shuffle(items)
        return out + [ord(item) for item in items] + [rng.random()]

    def python_mixed():
        rng = random.Random(seed)
        out = [rng.random(), rng.uniform(1, 100), rng.randint(0, 127)]
        for low, high in RANGES:
            out += [rng.randrange(low, high) for _ in range(3)] + [rng.random()]
        out += [rng.getrandbits(count) for count in (0, 1, 31, 32, 33, 63, 64)]
        out += [rng.choice(range(count)) for count in (1, 2, 3, 8, 1000)] + rng.choices(range(77), k=20)
        return out

    ranges = RANGES
    case("numpy_mixed", numpy_mixed, seed=seed, ranges=ranges)
    case("pcg_mixed", pcg_mixed, seed=seed, ranges=ranges)
    case("python_mixed", python_mixed, seed=seed, ranges=ranges)

for seed in SEEDS[:12] + [2**32, 2**33 + 5, 2**64 - 1]:
    case("python_seeds", lambda: [random.Random(seed).getrandbits(32)], seed=seed)
    case("pcg_seeds", lambda: list(np.random.default_rng(seed).integers(0, 2**60, 5)), seed=seed)

POPULATIONS = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (5, 5), (5, 6), (21, 3), (22, 3), (26, 6), (84, 6), (85, 6), (86, 6),
               (100, 10), (277, 22), (278, 22), (1000, 1000), (3000, 200), (9999, 300), (10_000, 400), (10_001, 200),
               (10_001, 201), (20_000, 399), (20_000, 400), (20_000, 401), (20_000, 20_000)]
for seed in SEEDS[:6]:
    for population, size in POPULATIONS:
        arguments = {"seed": seed, "population": population, "size": size}
        case("numpy_choice", lambda: np.random.RandomState(seed).choice(np.arange(population), size, replace=False), **arguments)
        case("pcg_choice", lambda: np.random.default_rng(seed).choice(np.arange(population), size, replace=False), **arguments)
        case("python_sample", lambda: random.Random(seed).sample(range(population), size), **arguments)
        case("pandas_sample", lambda: pd.Series(range(population)).sample(n=size, random_state=seed), **arguments)
        if not population:
            continue
        case("numpy_choice_replaced", lambda: np.random.RandomState(seed).choice(np.arange(population), size), **arguments)
        case("pcg_choice_replaced", lambda: np.random.default_rng(seed).choice(np.arange(population), size), **arguments)
    for count, size in [(1, 1), (2, 1), (2, 2), (3, 2), (10, 4), (10, 9), (200, 60), (200, 150)]:
        p = weights(count)
        arguments = {"seed": seed, "p": [bits(value) for value in p], "size": size}
        case("numpy_weighted", lambda: np.random.RandomState(seed).choice(count, size, replace=False, p=p), **arguments)
        case("pcg_weighted", lambda: np.random.default_rng(seed).choice(count, size, replace=False, p=p), **arguments)
        case("numpy_weighted_replaced", lambda: np.random.RandomState(seed).choice(count, size, p=p), **arguments)
        case("pcg_weighted_replaced", lambda: np.random.default_rng(seed).choice(count, size, p=p), **arguments)
    for p in [[0.5, 0.4], [0.5, -0.5, 1.0], [0.5, float("nan")], [0.9, 0.1], [0.1] * 10, [0.5, 0.5 + 1e-9], [0.5, 0.5 + 1e-6]]:
        arguments = {"seed": seed, "p": [bits(value) for value in p], "size": 1}
        case("numpy_weighted_replaced", lambda: np.random.RandomState(seed).choice(len(p), 1, p=p), **arguments)
    for size in SIZES:
        for share in [0.0, 0.1, 0.2, 0.25, 0.5, 1 / 3, 0.99, 1.0]:
            case("pandas_share", lambda: pd.Series(range(size)).sample(frac=share, random_state=seed),
                 seed=seed, rows=size, share=bits(share))

SHARES = [0.1, 0.12, 0.14, 0.15, 0.19, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.67, 0.75, 0.99, 0.0, 1.0, 1.5, -0.1]
OPTIONS = [(share, None) for share in SHARES] + [(None, share) for share in SHARES] + [
    (0.3, 0.2), (0.5, 0.5), (0.9, 0.3), (3, None), (None, 3), (3, 0.5), (0.25, 4), (5, 5), (0, None), (400, 601), (1, 1)]


def sized(test, train):
    return {name: size for name, size in (("test_size", test), ("train_size", train)) if size is not None}


def size_json(size):
    return {"share": bits(size)} if isinstance(size, float) else size


for seed in SEEDS[:8]:
    for rows in [1, 2, 3, 4, 5, 7, 10, 33, 100, 999]:
        for test, train in OPTIONS:
            arguments = {"seed": seed, "rows": rows, "test": size_json(test), "train": size_json(train)}
            size = sized(test, train)
            case("train_test_split", lambda: parts(train_test_split(range(rows), random_state=seed, **size)), **arguments)
            if seed == 0:
                case("ordered_split", lambda: parts(train_test_split(range(rows), shuffle=False, **size)), **arguments)
            if rows <= 100:
                case("shuffle_split",
                     lambda: [parts(part) for part in
                              ShuffleSplit(3, random_state=seed, **size).split(np.zeros(rows))], **arguments)
    for rows in [1, 2, 3, 7, 20, 101]:
        for folds in [1, 2, 3, 5, 20]:
            for shuffle in [False, True]:
                case("k_fold",
                     lambda: [parts(part) for part in
                              KFold(folds, shuffle=shuffle, random_state=seed if shuffle else None).split(np.zeros(rows))],
                     rows=rows, folds=folds, seed=seed if shuffle else None)

for seed in SEEDS[:10]:
    for rows, kinds in [(2, 1), (4, 2), (5, 2), (10, 2), (10, 3), (11, 5), (30, 3), (100, 7), (101, 10), (500, 20), (999, 101)]:
        for even in [False, True]:
            # Even classes tie with each other, and ties are broken at random.
            labels = [row % kinds for row in range(rows)] if even else [
                min(int(pick.expovariate(0.7)), kinds - 1) * 3 for _ in range(rows)]
            pick.shuffle(labels)
            for test, train in [(0.1, None), (0.2, None), (0.3, None), (1 / 3, None), (0.5, None), (None, 0.75), (0.4, 0.3),
                                (rows // 4 + 1, None)]:
                arguments = {"seed": seed, "codes": labels, "test": size_json(test), "train": size_json(train)}
                size = sized(test, train)
                case("stratified",
                     lambda: parts(train_test_split(range(rows), stratify=labels, random_state=seed, **size)), **arguments)
                case("group_shuffle_split",
                     lambda: [parts(part) for part in GroupShuffleSplit(2, random_state=seed, **size).split(
                         np.zeros(rows), groups=labels)], **arguments)

print(json.dumps(cases))
