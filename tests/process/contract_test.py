"""Both sides of the report of `tare run` match src/trim/contract.h exactly."""

import importlib.util
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/openvino"))
import trim_contract  # noqa: E402

# Events that only Python writes; the hook writes all others.
LEAN = re.compile(r"^lean(-|$)")


def lean_contract():
    """python/tare_lean/contract.py without its package, which would watch our imports."""
    path = ROOT / "python/tare_lean/contract.py"
    spec = importlib.util.spec_from_file_location("lean_contract", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(folder, suffixes, *left_out):
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in suffixes and path.name not in left_out:
            yield path, path.read_text(encoding="utf-8")


class Contract(unittest.TestCase):
    def test_lean_loading_has_the_events_of_the_header_and_no_others(self):
        ours = {name: tuple(field for field, _ in fields)
                for name, fields in trim_contract.EVENTS.items() if LEAN.match(name)}
        self.assertEqual(lean_contract().EVENTS, ours)

    def test_lean_loading_reads_the_variable_of_the_header(self):
        self.assertEqual(lean_contract().REPORT_VARIABLE,
                         trim_contract.VARIABLES["kLeanReportVariable"])

    def test_each_event_is_written_and_read(self):
        header = (ROOT / "src/trim/contract.h").read_text(encoding="utf-8")
        events = dict(re.findall(r'\b(k\w+Event) = \{\s*"([\w-]+)"', header))
        self.assertEqual(set(events.values()), set(trim_contract.EVENTS))
        hook = "".join(text for _, text in texts("src/openvino", {".cc"}))
        readers = "".join(text for _, text in texts("src/trim", {".cc"}))
        lean = (ROOT / "python/tare_lean/report.py").read_text(encoding="utf-8")
        for constant, name in events.items():
            with self.subTest(name):
                self.assertIn(f"reader.On({constant},", readers)
                if LEAN.match(name):
                    self.assertIn(f'_append("{name}",', lean)
                else:
                    self.assertRegex(hook, rf"AppendToReport\({constant},|{constant}\.name")

    def test_the_hook_stands_on_the_contract_alone(self):
        header = (ROOT / "src/trim/contract.h").read_text(encoding="utf-8")
        self.assertNotIn('#include "', header)
        for path, text in texts("src/openvino", {".cc", ".h"}):
            used = re.findall(r'#include "(trim/[^"]+)"', text)
            self.assertLessEqual(set(used), {"trim/contract.h"}, path)

    def test_each_variable_is_used_and_named_in_the_header_alone(self):
        sources = "".join(text for folder in ("src", "python") for _, text in
                          texts(folder, {".cc", ".h"}, "contract.h"))
        for constant, name in trim_contract.VARIABLES.items():
            with self.subTest(name):
                self.assertRegex(sources, rf"\b{constant}\b")
                quoted = [str(path.relative_to(ROOT)) for folder in ("src", "python", "workers")
                          for path, text in texts(folder, {".cc", ".h", ".py"}, "contract.h")
                          if f'"{name}"' in text and not path.stem.endswith("_test")]
                expected = (["python/tare_lean/contract.py"]
                            if constant == "kLeanReportVariable" else [])
                self.assertEqual(quoted, expected)


if __name__ == "__main__":
    unittest.main()
