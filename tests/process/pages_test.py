"""The built manual pages and bash completion.

Environment: TARE, the program; TARE_SHARE, the folder that contains both.
"""

import os
import subprocess
import unittest
from pathlib import Path

TARE = os.environ["TARE"]
SHARE = Path(os.environ["TARE_SHARE"])
PAGES = SHARE / "man" / "man1"
COMPLETION = SHARE / "bash-completion" / "completions" / "tare"


def tare_help(*command):
    done = subprocess.run([TARE, *command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def commands_of(text):
    """Names in a help text's list of subcommands."""
    _, _, listed = text.partition("\nSubcommands:\n")
    lines = listed.split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]


def shown(page):
    done = subprocess.run(["groff", "-man", "-k", "-Tutf8", "-ww", "-P-cbou", PAGES / page],
                          capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


class ManPagesTest(unittest.TestCase):
    def test_every_command_has_a_page(self):
        expected = {"tare.1"}
        for command in commands_of(tare_help()):
            expected.add(f"tare-{command}.1")
            expected |= {f"tare-{command}-{below}.1" for below in commands_of(tare_help(command))}
        self.assertIn("tare-backends-install.1", expected)
        self.assertEqual({path.name for path in PAGES.iterdir()}, expected)

    def test_no_page_has_a_warning(self):
        for path in PAGES.iterdir():
            _, warnings = shown(path.name)
            self.assertEqual(warnings, "", path.name)

    def test_a_page_says_what_help_says(self):
        text, _ = shown("tare-generate.1")
        flowing = " ".join(text.split())
        self.assertIn("tare-generate - Generate text with a model", flowing)
        self.assertIn("tare generate [flags] [model] [prompt]", flowing)
        self.assertIn("-m, --model TEXT", flowing)
        self.assertIn("Maximum number of new tokens; default: -1, until the model stops or the context is full", flowing)
        self.assertIn(r'--stop "\n\n"', flowing)
        self.assertIn(r'\n \t \r \\ \" \xHH \uHHHH', flowing)
        self.assertIn("tare(1)", flowing)
        bench, _ = shown("tare-bench.1")
        # troff would read a line that begins with a dot or a quote as a request.
        self.assertIn("${XDG_STATE_HOME:-~/.local/state}/tare/results.db", " ".join(bench.split()))
        self.assertIn("--device {cpu,gpu}=cpu", bench)
        self.assertNotIn("worker protocol", shown("tare.1")[0])

    def test_examples_keep_their_lines(self):
        lines = [line.strip() for line in shown("tare-compare.1")[0].splitlines()]
        at = lines.index("tare compare base.json last --metric decode_tokens_per_second "
                         "--threshold 3 \\")
        self.assertEqual(lines[at + 1], "--fail-on-regression")


class CompletionTest(unittest.TestCase):
    def complete(self, *words, folder="/"):
        """What a real bash offers for the last word, split as its readline splits words."""
        pieces = []
        for word in words:
            piece = ""
            for character in word:
                if character in ":=":
                    pieces += ([piece] if piece else []) + [character]
                    piece = ""
                else:
                    piece += character
            if piece or not word:
                pieces.append(piece)
        script = ('source "$1"; shift; COMP_WORDS=(tare "$@"); COMP_CWORD=$#; '
                  'COMP_WORDBREAKS=" =:"; '
                  '_tare tare; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-uc", script, "bash", COMPLETION, *pieces], cwd=folder,
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.complete(""), commands_of(tare_help()))
        self.assertEqual(self.complete("ge"), ["generate"])
        self.assertEqual(self.complete("backends", ""), ["list", "install", "doctor"])
        self.assertEqual(self.complete("help", "backends", "in"), ["install"])
        self.assertEqual(self.complete("help", "ben"), ["bench"])
        self.assertNotIn("worker", self.complete("w"))

    def test_flags(self):
        self.assertEqual(self.complete("bench", "--export-"), ["--export-json", "--export-md"])
        self.assertIn("--json", self.complete("generate", "-m", "x", "--js"))
        self.assertEqual(self.complete("--ver"), ["--version"])

    def test_names_that_a_flag_takes(self):
        self.assertEqual(self.complete("bench", "--device", ""), ["cpu", "gpu"])
        self.assertEqual(self.complete("bench", "--device", "cpu,"), ["cpu,cpu", "cpu,gpu"])
        self.assertEqual(self.complete("bench", "--device=g"), ["gpu"])
        self.assertEqual(self.complete("bench", "--device="), ["cpu", "gpu"])
        self.assertEqual(self.complete("report", "-o", "m"), ["md"])
        self.assertEqual(self.complete("bench", "-r", ""), [])

    def test_backends(self):
        self.assertEqual(self.complete("backends", "install", "llama.c"), ["llama.cpp"])
        self.assertEqual(self.complete("bench", "--backends", "native,llama.c"),
                         ["native,llama.cpp"])
        # Bash replaces only what follows the colon on the line.
        self.assertEqual(self.complete("bench", "--backends", "keras-torch:"), ["gpu"])
        self.assertEqual(self.complete("bench", "--backends", "native,keras-torch:g"), ["gpu"])

    def test_files(self):
        folder = str(SHARE)
        self.assertEqual(self.complete("generate", "-m", "ma", folder=folder), ["man"])
        self.assertEqual(self.complete("inspect", "man/m", folder=folder), ["man/man1"])
        self.assertEqual(self.complete("run", "--", "ma", folder=folder), ["man"])
        self.assertEqual(self.complete("bench", "--export-json", "ma", folder=folder), ["man"])


if __name__ == "__main__":
    unittest.main()
