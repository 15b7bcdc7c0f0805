"""Breaks each rule of check_layers once in a small tree; the check must find it."""

import pathlib
import tempfile
import unittest

import check_layers


class Layers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("src/base/error.h", '#include "tare/error.h"\n#include <string>\n')
        self.write("src/tensor/shape.h", '#include "base/error.h"\n')
        self.write("src/format/gguf.cc", '#include "format/gguf.h"\n#include "base/error.h"\n')
        self.write("src/format/gguf.h", '#include "tensor/shape.h"\n')
        self.write("include/tare/error.h", "#include <string>\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def only_violation(self):
        found = check_layers.violations(self.root)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_a_sound_tree_has_none(self):
        self.assertEqual(check_layers.violations(self.root), [])

    def test_an_include_upwards(self):
        self.write("src/tensor/view.cc", '#include "format/gguf.h"\n')
        self.assertIn("src/tensor/view.cc: tensor includes", self.only_violation())

    def test_an_include_across(self):
        self.write("src/tokenizer/bpe.cc", '  #  include "tensor/shape.h"\n')
        self.assertIn("may use only: base", self.only_violation())

    def test_bench_does_not_reach_the_engine(self):
        self.write("src/runtime/executor.h", "")
        self.write("src/bench/watch/worker.cc", '#include "runtime/executor.h"\n')
        self.assertIn("bench/watch includes", self.only_violation())

    def test_an_include_by_a_relative_path(self):
        self.write("src/tensor/view.cc", '#include "../format/gguf.h"\n')
        self.assertIn("tensor includes", self.only_violation())

    def test_a_room_that_nobody_placed(self):
        self.write("src/cellar/wine.h", "")
        self.assertIn("'cellar' is not in the table", self.only_violation())

    def test_a_file_that_is_not_there(self):
        self.write("src/format/gguf.h", '#include "tensor/gone.h"\n')
        self.assertIn('"tensor/gone.h" is not there', self.only_violation())

    def test_headers_in_a_circle(self):
        self.write("src/tensor/view.h", '#include "tensor/storage.h"\n')
        self.write("src/tensor/storage.h", '#include "tensor/view.h"\n')
        self.assertIn("in a circle", self.only_violation())

    def test_a_public_header_that_shows_a_room(self):
        self.write("include/tare/error.h", '#include "tensor/shape.h"\n')
        found = check_layers.violations(self.root)
        self.assertTrue(any("a public header includes" in s for s in found), found)

    def test_an_include_of_a_higher_room_in_one_folder(self):
        self.write("src/bench/report/report.h", "")
        self.write("src/bench/watch/worker_run.cc", '#include "bench/report/report.h"\n')
        self.assertIn("bench/watch includes", self.only_violation())

    def test_a_test_may_use_its_whole_folder(self):
        self.write("src/bench/report/report.h", "")
        self.write("src/bench/testing/fake.h", "")
        self.write("src/bench/watch/run_test.cc",
                   '#include "bench/report/report.h"\n#include "bench/testing/fake.h"\n')
        self.assertEqual(check_layers.violations(self.root), [])

    def test_only_tests_use_the_helpers_of_tests(self):
        self.write("src/base/testing/folder.h", "")
        self.write("src/tensor/view.cc", '#include "base/testing/folder.h"\n')
        self.assertIn("tensor includes", self.only_violation())

    def test_a_table_in_a_circle(self):
        with self.assertRaisesRegex(ValueError, "in a circle"):
            check_layers.violations(self.root, {"base": ["tensor"], "tensor": ["base"]})


if __name__ == "__main__":
    unittest.main()
