"""Writes statistics.json: lists of numbers and their statistics from NumPy and SciPy.

    pip install numpy scipy
    python tests/golden/make_statistics.py > tests/golden/statistics.json
"""

import itertools
import json

import numpy as np
from scipy import stats

RESAMPLES = 10_000
SEED = 20_261_123
MASK = (1 << 64) - 1


class SplitMix64:
    """The generator of src/bench/stats/bootstrap.cc, so that intervals match to the last bit."""

    def __init__(self):
        self.state = SEED

    def below(self, count: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        return ((z >> 32) * count) >> 32

    def resample(self, values):
        return [values[self.below(len(values))] for _ in values]


def percentiles(values):
    return [float(v) for v in np.quantile(values, [0.025, 0.975])]


def median_interval(values):
    random = SplitMix64()
    ordered = sorted(values)
    medians = [np.median(random.resample(ordered)) for _ in range(RESAMPLES)]
    return percentiles(medians)


def relative_interval(base, changed):
    random = SplitMix64()
    base, changed = sorted(base), sorted(changed)
    ratios = []
    for _ in range(RESAMPLES):
        low = np.median(random.resample(base))
        ratios.append(np.median(random.resample(changed)) / low - 1)
    return percentiles(ratios)


def scipy_interval(values):
    result = stats.bootstrap((values,), np.median, method="percentile", n_resamples=50_000,
                             random_state=np.random.default_rng(1))
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def outliers(values):
    low, high = np.quantile(values, [0.25, 0.75])
    reach = 1.5 * (high - low)
    return [i for i, v in enumerate(values) if v < low - reach or v > high + reach]


def one(values):
    return {
        "values": values,
        "median": float(np.median(values)),
        "quartiles": [float(v) for v in np.quantile(values, [0.25, 0.75])],
        "outliers": outliers(values) if len(values) >= 5 else [],
        "interval": median_interval(values),
        "scipy_interval": scipy_interval(values),
    }


def exact_p(a, b):
    """Counts all splits of the pooled values: SciPy's exact method does not handle ties."""
    ranks = stats.rankdata(a + b)
    seen = ranks[: len(a)].sum()
    sums = [sum(part) for part in itertools.combinations(ranks, len(a))]
    low = sum(s <= seen for s in sums) / len(sums)
    high = sum(s >= seen for s in sums) / len(sums)
    return min(1.0, 2 * min(low, high))


def two(a, b):
    tied = len(set(a + b)) < len(a + b)
    if len(a) + len(b) > 40:
        method, p = "asymptotic", float(stats.mannwhitneyu(a, b, method="asymptotic").pvalue)
    elif tied:
        method, p = "enumerated", exact_p(a, b)
    else:
        method, p = "exact", float(stats.mannwhitneyu(a, b, method="exact").pvalue)
    return {
        "a": a,
        "b": b,
        "method": method,
        "u": float(stats.mannwhitneyu(a, b).statistic),
        "p": p,
        "relative": float(np.median(b) / np.median(a) - 1),
        "relative_interval": relative_interval(a, b),
    }


def main():
    random = np.random.default_rng(20261123)

    def draw(count, mean, digits=6):
        return [round(float(v), digits) for v in random.normal(mean, 4, size=count)]

    singles = [one(v) for v in ([3.0, 1.0, 2.0], [5.0] * 5, [10.0, 11.0, 10.5, 10.2, 99.0],
                                draw(5, 50), draw(10, 50), draw(31, 50),
                                [-1e9, 0.0, 1.0, 2.0, 3.0, 1e9])]
    pairs = [two(a, b) for a, b in (
        ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        (draw(5, 50), draw(5, 50)),
        (draw(5, 50), draw(5, 58)),
        (draw(8, 50), draw(12, 52)),
        ([104.0] * 5, [120.0] * 5),
        ([7.0] * 4, [7.0] * 6),
        (draw(6, 50, 0), draw(7, 51, 0)),
        (draw(30, 50), draw(25, 52)),
        (draw(40, 50, 0), draw(30, 51, 0)),
        ([7.0] * 25, [7.0] * 25),
    )]
    print(json.dumps({"one": singles, "two": pairs}, indent=1))


if __name__ == "__main__":
    main()
