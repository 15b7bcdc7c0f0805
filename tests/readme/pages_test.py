#!/usr/bin/env python3
"""Rules for the documents: lines, words and links, and pictures that match their script's output."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# One word per thing (docs/glossary.md), and plain sentences.
FORBIDDEN = re.compile(
    r"(?i:\bshall\b|that there is|over stage 0|% of limit|untouched|highest since|not told apart|as it comes)|"
    r"(?i:\bdoubts?\b|\bparked\b|heap slack|not initialised first)|^[\s>*-]*Of\b", re.MULTILINE)


def without_code(text):
    """The text with emptied fenced blocks; keeps the number of lines."""
    return re.sub(r"^( *```).*?^\1$", lambda block: "\n" * block[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    """GitHub's anchors for a page's headings."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", without_code(path.read_text(encoding="utf-8")), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


class PagesTest(unittest.TestCase):
    def test_lines_end_before_column_120(self):
        for page in PAGES:
            for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
                self.assertLess(len(line), 120, f"{page.name}:{number}")

    def test_readme_has_at_most_100_lines(self):
        self.assertLessEqual(len(PAGES[0].read_text(encoding="utf-8").splitlines()), 100)

    def test_words(self):
        for page in PAGES:
            text = re.sub(r"`[^`\n]*`", "``", without_code(page.read_text(encoding="utf-8")))
            self.assertEqual(FORBIDDEN.findall(text), [], page.name)

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for target in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
                if target.startswith("http"):
                    continue
                name, _, anchor = target.partition("#")
                path = (page.parent / name).resolve() if name else page
                self.assertTrue(path.exists(), f"{page.name}: {target}")
                if anchor:
                    self.assertIn(anchor, anchors(path), f"{page.name}: {target}")

    def test_pictures_show_the_stored_results(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, REPOSITORY / "docs/draw_peaks.py", folder], check=True)
            drawn = {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}
        kept = {path.name: path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs/results").glob("*.svg")}
        self.assertEqual(drawn, kept)


if __name__ == "__main__":
    unittest.main()
