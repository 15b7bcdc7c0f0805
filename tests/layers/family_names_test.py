"""Adds a family's name where it is forbidden and where it is allowed; the check must find only the former."""

import pathlib
import tempfile
import unittest

import family_names


class FamilyNames(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("src/models/families/gpt2/gpt2.cc", 'constexpr char kName[] = "gpt2";\n')
        self.write("src/models/families/llama/llama.cc", "class LlamaModel {};\n")
        self.write("src/models/families/families.cc", '#include "models/families/llama/llama.h"\n')

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def assert_found(self, path, line):
        self.write(path, line + "\n")
        found = list(family_names.violations(self.root))
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:1: names the family"), found[0])

    def assert_clean(self, path, line):
        self.write(path, line + "\n")
        self.assertEqual(list(family_names.violations(self.root)), [])

    def test_a_branch_on_a_name(self):
        self.assert_found("src/tools/convert/convert.cc", 'if (info.family == "gpt2") return;')

    def test_a_class(self):
        self.assert_found("src/cli/worker.cc", "dynamic_cast<const LlamaModel&>(model)")

    def test_a_class_of_another_library(self):
        self.assert_found("src/models/model.cc", 'name == "GPT2Backbone"')

    def test_an_include(self):
        self.assert_found("src/models/model.cc", '#include "models/families/gpt2/gpt2.h"')

    def test_a_public_header(self):
        self.assert_found("include/tare/engine.h", "// llama alone")

    def test_python(self):
        self.assert_found("workers/hf_model.py", 'PREFIXES = {"llama": "model."}')
        self.write("workers/hf_model.py", "")
        self.assert_found("python/tare_lean/scope.py", "GPT2 = 1")

    def test_a_name_beside_the_backends(self):
        self.assert_found("src/cli/worker.cc", 'return family == "llama" && row == "llama.cpp";')

    def test_a_family_where_texts_are_split(self):
        self.assert_found("src/tokenizer/tokenizer.cc", 'if (family == "llama") splitter = kLlama3;')

    def test_the_backend(self):
        self.assert_clean("src/cli/worker.cc", 'LlamaCppLibrary library("llama.cpp", "-lllama", LLAMA_CPP);')
        self.assert_clean("workers/llama_cpp_shim.cc", "llama_model_load(path);")

    def test_pre_tokenizers(self):
        self.assert_clean("src/models/family.h", "PreTokenizer pre = PreTokenizer::kGpt2;")
        self.assert_clean("src/tokenizer/piece_splitter.h", "size_t Llama3End();  // Llama 3's pattern, kLlama3")

    def test_an_example(self):
        self.assert_clean("src/cli/synth.cc", '      "  tare synth gpt2:layers=3 odd\\n"')

    def test_a_test(self):
        self.assert_clean("src/runtime/engine_test.cc", "TinyLlama tiny;")


if __name__ == "__main__":
    unittest.main()
