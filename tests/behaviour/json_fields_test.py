"""Names of the fields in all JSON that Tare writes: scripts read fields by name.

A field is its path, such as `stages[].rss_bytes`; all elements of an array count as one.
"""

import json

import guard

# The keys here are data: caches are named by level.
DATA = ("machine.caches",)
SHORT = ("-p", "4", "-n", "3", "-r", "2", "-w", "1", "-t", "1", "--backends", "native")


def fields(value, path=""):
    """The paths of all values. An array of numbers or texts is one value, even if empty."""
    if path in DATA:
        return {path}
    if isinstance(value, dict) and value:
        return set().union(*(fields(inner, f"{path}.{key}" if path else key) for key, inner in value.items()))
    if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        return set().union(*(fields(inner, f"{path}[]") for inner in value))
    return {path}


def json_outputs(g):
    """Yields (call, its JSON)."""
    g.presets()
    g.run("convert", "gpt2", "model.gguf")
    g.run("convert", "llama3", "hf", "--to", "hf")
    yield "generate --json", g.json("generate", "-m", "gpt2", "-n", 2, "--ignore-eos", "--json", "Hello")
    yield "generate --json --logprobs", g.json(
        "generate", "-m", "gpt2", "-n", 2, "--ignore-eos", "--json", "--logprobs", 2, "Hello")
    # Every token of the vocabulary is a stop token.
    stops = ",".join(map(str, range(997)))
    yield "generate --json --stop-token-ids", g.json(
        "generate", "-m", "gpt2", "-n", 2, "--json", "--stop-token-ids", stops, "Hello")
    yield "score --json", g.json("score", "-m", "gpt2", "--json", "The sky is blue.")
    yield "score --json --top", g.json("score", "-m", "gpt2", "--json", "--top", 2, "The sky is blue.")
    for model in ("gpt2", "llama3", "hf", "model.gguf"):
        yield f"inspect {model} --json", g.json("inspect", model, "--json")
        yield f"inspect {model} --json --tensors", g.json("inspect", model, "--json", "--tensors")
    yield "bench -o json", g.json("bench", "-m", "gpt2", *SHORT, "-o", "json", "--export-json", "exported.json")
    yield "bench --export-json", json.loads((g.folder / "exported.json").read_text())
    g.run("bench", "-m", "gpt2", "--workload", "study", "--max-length", 8, *SHORT[4:], "--export-json", "study.json")
    yield "bench --workload study --export-json", json.loads((g.folder / "study.json").read_text())
    failed = g.call("bench", "-m", "gpt2", *SHORT[:-1], "llama.cpp", "-o", "json")  # which is not installed
    yield "bench -o json, a row that fails", json.loads(failed.stdout)
    yield "report -o json", g.json("report", "1", "-o", "json")
    yield "report --tables -o json", g.json("report", "1", "--tables", "-o", "json")
    yield "report --against study -o json", g.json("report", "1", "--against", "study", "-o", "json")
    yield "compare -o json", g.json("compare", "1", "2", "--force", "-o", "json")


def observe(g):
    return {call: sorted(fields(value)) for call, value in json_outputs(g)}


record = observe


class JsonFieldsTest(guard.GuardTest):
    theme = "json_fields"
    observe = staticmethod(observe)

    def test_every_field_has_its_name(self):
        self.expect_same(self.observed, self.expected)

    def test_a_field_that_is_renamed_shows_at_any_depth(self):
        self.assertEqual(fields({"a": [{"b": 1}, {"c": {"d": []}}], "e": {}}), {"a[].b", "a[].c.d", "e"})
        self.assertEqual(fields({"a": []}), fields({"a": [1, 2]}))


if __name__ == "__main__":
    guard.main()
