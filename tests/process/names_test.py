"""The names that users type: models, commands, backends, values of flags, escapes in texts.

Environment: TARE, the program.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TARE = os.environ["TARE"]
SHAPE = "gpt2:layers=1,heads=2,width=32,inner=64,vocabulary=500,context=64"


class NamesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.preset = str(cls.folder / "preset")
        cls.model = str(cls.folder / "model.gguf")
        cls.tare_ok("synth", SHAPE, cls.preset)
        cls.tare_ok("convert", cls.preset, cls.model, "--type", "q8_0")

    @classmethod
    def tare(cls, *arguments):
        environment = os.environ | {"XDG_STATE_HOME": str(cls.folder / "state"),
                                    "XDG_CACHE_HOME": str(cls.folder / "cache")}
        return subprocess.run([TARE, *arguments], capture_output=True, text=True, check=False,
                              env=environment, cwd=cls.folder, stdin=subprocess.DEVNULL)

    @classmethod
    def tare_ok(cls, *arguments):
        done = cls.tare(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def expect_usage_error(self, arguments, *texts):
        done = self.tare(*arguments)
        self.assertEqual(done.returncode, 2, (arguments, done.stderr))
        self.assertEqual(done.stdout, "")
        for text in texts:
            self.assertIn(text, done.stderr)

    # --- Models ---

    def test_the_model_is_the_flags_or_the_first_argument(self):
        out = {"flag": str(self.folder / "flag.gguf"), "first": str(self.folder / "first.gguf")}
        for command, rest in ((["generate", "-n", "4"], ["Hello"]), (["score"], ["Hello there"]),
                              (["tokenize"], ["Hello"]), (["inspect"], [])):
            with_flag = self.tare_ok(*command, "-m", self.model, *rest)
            self.assertNotEqual(with_flag, "")
            self.assertEqual(self.tare_ok(*command, self.model, *rest), with_flag)
            self.assertEqual(self.tare_ok(*command, *rest, "-m", self.model), with_flag)
        self.tare_ok("convert", "-m", self.model, out["flag"])
        self.tare_ok("convert", self.model, out["first"])
        self.assertEqual(Path(out["flag"]).read_bytes(), Path(out["first"]).read_bytes())

    def test_bench_takes_models_as_arguments_among_its_lists(self):
        native = ["--backends", "native"]
        for arguments in (["-m", self.model, *native], [self.model, *native],
                          ["-p", "4", "-n", "4", *native, "-t", "1", self.model]):
            out = self.tare_ok("bench", "-r", "1", "-w", "0", "-o", "json", *arguments)
            models = [one["model_argument"] for one in json.loads(out)["scenarios"]]
            self.assertEqual(models, [self.model], arguments)

    def test_a_forgotten_model_is_said_so(self):
        self.expect_usage_error(["generate", "Hello"],
                                "without -m the first argument is the model")
        self.expect_usage_error(["generate"], "no model; try: tare generate -m FILE")
        self.expect_usage_error(["convert", self.model], "no file or folder to write")
        self.expect_usage_error(["score", "-m", self.model, "a", "b"], "expected one text after -m MODEL")
        self.expect_usage_error(["bench"], "no model given")

    def test_nothing_is_downloaded_and_that_is_said(self):
        for command in (["generate"], ["score"], ["tokenize"], ["inspect"], ["bench"],
                        ["convert", "out.gguf"]):
            self.expect_usage_error([*command, "-m", "https://example.org/model.gguf"],
                                    "Tare does not download models",
                                    "curl -LO https://example.org/model.gguf")
            self.expect_usage_error([*command, "-m", "hf.co/HuggingFaceTB/SmolLM2-135M-Instruct"],
                                    "hf download HuggingFaceTB/SmolLM2-135M-Instruct")
        self.expect_usage_error(["inspect", "HuggingFaceTB/SmolLM2-135M"],
                                "hf download HuggingFaceTB/SmolLM2-135M")

    def test_a_folder_without_a_model_says_what_it_holds(self):
        (self.folder / "state").mkdir(exist_ok=True)
        for command in (["generate", "-n", "1"], ["score"], ["inspect"],
                        ["convert", "out.gguf"], ["bench", "--backends", "native"]):
            rest = ["Hello"] if command[0] in ("generate", "score") else []
            self.expect_usage_error([*command, "-m", str(self.folder), *rest],
                                    "this folder has no config.json", "it holds ", "model.gguf")
        self.expect_usage_error(["tokenize", str(self.folder), "a"], "has no tokenizer.json")

    # --- Commands, backends, names ---

    def test_help_is_a_command(self):
        for command in ([], ["bench"], ["backends"], ["backends", "install"], ["help"]):
            self.assertEqual(self.tare_ok("help", *command), self.tare_ok(*command, "--help"))
        self.expect_usage_error(["help", "bnech"], "did you mean bench?")
        self.expect_usage_error(["help", "backends", "instal"], "did you mean install?")
        self.expect_usage_error(["help", "bench", "more"], "tare bench has no commands")

    def test_a_mistyped_name_gets_the_one_that_was_meant(self):
        for arguments, meant in (
                (["generte", "-m", self.model], "generate"),
                (["backends", "lst"], "list"),
                (["backends", "install", "llamacpp"], "llama.cpp"),
                (["bench", self.model, "--backends", "native,llama"], "llama.cpp"),
                (["bench", self.model, "--workload", "studdy"], "study"),
                (["bench", self.model, "--device", "gpus"], "gpu"),
                (["bench", self.model, "--export-jsn", "x"], "--export-json"),
                (["generate", self.model, "Hello", "--sampler", "greedyy"], "greedy"),
                (["generate", self.model, "Hello", "--backend", "natve"], "native"),
                (["generate", self.model, "Hello", "--passes", "no-fuse_tail"], "fuse_tails"),
                (["compare", "1", "2", "--metric", "ttft_nss"], "ttft_ns"),
                (["convert", self.model, "x", "--to", "kers"], "keras"),
                (["convert", self.model, "x.gguf", "--type", "q8_o"], "q8_0"),
                (["synth", "gpt2_mediun_en", "x"], "gpt2_medium_en"),
                (["synth", "lama3:layers=1", "x"], "llama3"),
                (["report", "-o", "jsn"], "json")):
            self.expect_usage_error(arguments, f"did you mean {meant}?")

    def test_an_unknown_backend_does_not_get_all_names(self):
        done = self.tare("bench", self.model, "--backends", "tensorrt")
        self.assertIn('there is no backend "tensorrt"; tare backends list shows all', done.stderr)
        self.assertNotIn("onnxruntime", done.stderr)

    def test_an_argument_too_many_is_said_before_any_work(self):
        out = self.folder / "too-many"
        self.expect_usage_error(["synth", SHAPE, str(out), "more"],
                                'unexpected argument "more"', "try: tare synth --help")
        self.assertFalse(out.exists())

    # --- Precisions ---

    def test_blocks_that_are_quantised_again_get_a_note(self):
        text = "are q8_0 and are quantised again, to int4"
        arguments = ["bench", self.model, "--backends", "native", "-r", "1", "-w", "0",
                     "--precision"]
        done = self.tare(*arguments, "int4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertNotIn("quantised again", self.tare(*arguments, "int8").stderr)
        self.assertNotIn("quantised again", self.tare(*arguments, "f32").stderr)

    # --- Escapes ---

    def test_stop_reads_escapes(self):
        generate = ["generate", self.model, "Hello", "-n", "40", "--ignore-eos", "--json"]
        text = json.loads(self.tare_ok(*generate))["text"]
        at = next(i for i, c in enumerate(text) if i > 2 and c != "\ufffd" and ord(c) < 0xD800)
        at = text.index(text[at])
        for escape in (f"\\u{ord(text[at]):04x}",
                       "".join(f"\\x{byte:02X}" for byte in text[at].encode())):
            stopped = json.loads(self.tare_ok(*generate, "--stop", escape))
            self.assertEqual(stopped["text"], text[:at])
            self.assertEqual(stopped["stop_reason"], "stop")

    def test_a_bad_escape_says_where(self):
        self.expect_usage_error(["generate", self.model, "Hello", "--stop", r"ab\q"],
                                r'--stop: "ab\q": character 3: "\q" is not an escape',
                                r"\n \t \r")

    def test_prompts_are_taken_as_they_are(self):
        self.assertNotEqual(self.tare_ok("tokenize", self.model, r"a\nb"),
                            self.tare_ok("tokenize", self.model, "a\nb"))


if __name__ == "__main__":
    unittest.main()
