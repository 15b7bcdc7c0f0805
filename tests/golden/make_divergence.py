"""Writes divergence.json: logits of two models, and what NumPy and SciPy make of them.

    pip install numpy scipy
    python tests/golden/make_divergence.py > tests/golden/divergence.json
"""

import json

import numpy as np
from scipy import special, stats

# (positions, vocabulary, distance of the two models, offset of the logits)
CASES = [(1, 2, 1.0, 0.0), (5, 7, 0.3, 0.0), (11, 23, 4.0, 300.0), (3, 5, 0.0, -50.0), (4, 101, 30.0, 0.0)]


def case(random, positions, vocabulary, distance, offset):
    def sixty_fourths(values):  # short in JSON, exact in f32
        return (np.round(values * 64) / 64).astype(np.float32)

    reference = sixty_fourths(random.normal(0, 3, (positions, vocabulary)))
    other = sixty_fourths(reference + distance * random.normal(size=reference.shape) + offset)
    following = random.integers(vocabulary, size=positions)
    log_p = special.log_softmax(reference.astype(np.float64), axis=1)
    log_q = special.log_softmax(other.astype(np.float64), axis=1)
    divergences = [stats.entropy(p, q) for p, q in zip(np.exp(log_p), np.exp(log_q))]
    at = np.arange(positions), following
    return {
        "reference": reference.astype(float).tolist(),
        "other": other.astype(float).tolist(),
        "next": following.tolist(),
        "mean_kl": float(np.mean(divergences)),
        "max_kl": float(np.max(divergences)),
        "top1_agreement": float(np.mean(reference.argmax(1) == other.argmax(1))),
        "perplexity": float(np.exp(-log_q[at].mean())),
        "reference_perplexity": float(np.exp(-log_p[at].mean())),
    }


if __name__ == "__main__":
    generator = np.random.default_rng(20_261_129)
    cases = [case(generator, *sizes) for sizes in CASES]
    print("[" + ",\n ".join(json.dumps(one) for one in cases) + "]")
