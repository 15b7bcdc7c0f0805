"""A confidence interval for a median."""

import random
import statistics


def median_interval(values: list[float], draws: int = 4000) -> tuple[float, float]:
    """The 95 % bootstrap interval (percentiles) of the median; deterministic."""
    generator = random.Random(0)
    medians = sorted(statistics.median(generator.choices(values, k=len(values)))
                     for _ in range(draws))
    return medians[draws // 40], medians[-draws // 40 - 1]
