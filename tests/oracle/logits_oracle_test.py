"""The comparator accepts only what it proves close, and rows are reordered as rotation requires."""

import unittest

import numpy as np

import comparison
import logits_oracle as oracle
import reference


def rotate_pairs(x, angles):
    """Rotates (x0, x1), (x2, x3), ...: the row order in a GGUF file."""
    even, odd = x[0::2], x[1::2]
    out = np.empty_like(x)
    out[0::2] = even * np.cos(angles) - odd * np.sin(angles)
    out[1::2] = even * np.sin(angles) + odd * np.cos(angles)
    return out


def rotate_halves(x, angles):
    """Rotates (x0, x[d/2]), (x1, x[d/2 + 1]), ...: the row order in Transformers."""
    low, high = np.split(x, 2)
    return np.concatenate(
        [low * np.cos(angles) - high * np.sin(angles), low * np.sin(angles) + high * np.cos(angles)]
    )


class Comparator(unittest.TestCase):
    def setUp(self):
        self.exact = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -7.0]])

    def test_the_largest_difference_counts_whatever_its_sign(self):
        got = self.exact.copy()
        got[1, 2] += 0.5
        got[0, 0] -= 0.25
        self.assertEqual(comparison.largest_error(got, self.exact), 0.5)
        self.assertEqual(comparison.largest_error(self.exact, got), 0.5)

    def test_what_is_not_a_number_is_infinitely_wrong(self):
        for bad in (np.nan, np.inf, -np.inf):
            got = self.exact.copy()
            got[0, 1] = bad
            self.assertEqual(comparison.largest_error(got, self.exact), np.inf)

    def test_missing_positions_are_refused(self):
        with self.assertRaisesRegex(ValueError, r"\(1, 3\), expected \(2, 3\)"):
            comparison.largest_error(self.exact[:1], self.exact)

    def test_partings(self):
        self.assertIsNone(comparison.first_parting([5, 6], [5, 6]))
        self.assertEqual(comparison.first_parting([5, 6], [5, 7]), 1)
        self.assertEqual(comparison.first_parting([5], [5, 7]), 1)

    def test_a_shortfall_is_measured_from_the_best_logit(self):
        found = comparison.shortfalls([2, 1], [2, 0], self.exact)
        self.assertEqual(found, [(1, 0.25)])

    def test_a_verdict_names_each_fault(self):
        row = {"prompt_ids_same": True, "prefill_error": 0.1, "step_error": 0.1, "shortfalls": []}
        self.assertEqual(oracle.verdict(row, 0.1), [])
        worse = [{"prompt_ids_same": False}, {"prefill_error": 0.2}, {"step_error": float("nan")},
                 {"shortfalls": [(3, 0.3)]}]
        for fault in worse:
            self.assertEqual(len(oracle.verdict({**row, **fault}, 0.1)), 1, fault)


class RowOrder(unittest.TestCase):
    def test_rotation_by_halves_after_split_equals_rotation_by_pairs(self):
        heads, size, width = 3, 8, 5
        random = np.random.default_rng(1)
        rows = random.normal(size=(heads * size, width))
        x, angles = random.normal(size=width), random.normal(size=size // 2)
        split = reference.split_halves(rows, heads)
        for head in range(heads):
            at = slice(head * size, (head + 1) * size)
            pairs = rotate_pairs(rows[at] @ x, angles)
            halves = rotate_halves(split[at] @ x, angles)
            np.testing.assert_allclose(np.concatenate([pairs[0::2], pairs[1::2]]), halves)


if __name__ == "__main__":
    unittest.main()
