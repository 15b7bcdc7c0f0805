"""Exit codes of right and wrong calls of every subcommand, and the streams that they write to.

A call that fails gives the reason on standard error and writes nothing to standard output. PARTIAL lists the
exceptions: calls that report anyway or had already begun a stream of lines.
"""

import shlex
import shutil

import guard

# Quoted as in a shell; `< FILE` is standard input. files_for() creates the files.
CALLS = """
--version
--help
generate --help

frobnicate
--frobnicate
help

generate -m gpt2 -n 2 Hello
generate -m gpt2 -n 2 --json --logprobs 1 Hello
generate -m gpt2 -n 0 Hello
generate -m model.gguf -n 2 -t 1 -c 16 Hello
generate -m hf -n 2 -f prompt.txt
generate -m gpt2 --max-length 5 --sampler beam --beams 2 Hello
generate -n 2 Hello
generate gpt2 -n 2 Hello
generate -m nothing -n 2 Hello
generate -m empty -n 2 Hello
generate -m prompt.txt -n 2 Hello
generate -m cut.gguf -n 2 Hello
generate -m https://example.org/model.gguf -n 2 Hello
generate -m gpt2 -n -1 Hello
generate -m gpt2 -n two Hello
generate -m gpt2 -n 2 --max-length 5 Hello
generate -m gpt2 -n 2 --logprobs 1 Hello
generate -m gpt2 -n 2 --sampler guess Hello
generate -m gpt2 -n 2 --top-k 0 Hello
generate -m gpt2 -n 2 --temperature -1 Hello
generate -m gpt2 -n 2 --passes nonsense Hello
generate -m gpt2 -n 2 --backend nonsense Hello
generate -m gpt2 -n 2 -t 0 Hello
generate -m gpt2 -n 2 -t -1 Hello
generate -m gpt2 -n 2 -t 100000 Hello
generate -m gpt2 -n 2 -c -1 Hello
generate -m gpt2 -n 2 -c 2 "one two three four five six"
generate -m gpt2 -n 2 -c 999999 Hello
generate -m gpt2 -n 2 --json --logprobs -1 Hello
generate -m gpt2 -n 2 --seed -1 Hello
generate -m gpt2 -n 2 -f nothing

score -m gpt2 "The sky is blue."
score -m gpt2 -f prompt.txt --json --top 2
score -m gpt2 -f nothing
score -m nothing text
score text

tokenize -m gpt2 Hello
tokenize -m gpt2 --decode [72,73]
tokenize -m gpt2 --decode [72
tokenize -m gpt2 --decode [99999]
tokenize -m gpt2 --decode Hello
tokenize -m gpt2 --jsonl Hello
tokenize -m gpt2 --jsonl < lines.txt
tokenize -m nothing Hello

inspect gpt2
inspect -m model.gguf --tensors --json
inspect hf --graph
inspect
inspect nothing
inspect empty
inspect cut.gguf
inspect prompt.txt
inspect gpt2 --json --graph
inspect gpt2 --passes none
inspect gpt2 --graph --passes nonsense

convert gpt2 new.gguf --type q8_0
convert gpt2 new-hf --to hf
convert gpt2 model.gguf
convert gpt2 model.gguf --force
convert gpt2 folder-without-form
convert gpt2 x.gguf --to keras
convert gpt2 x.gguf --type q9_9
convert gpt2 x --to hf --type q8_0
convert gpt2 x --to onnx
convert nothing x.gguf
convert cut.gguf x --to hf
convert gpt2 nowhere/x.gguf
convert gpt2

synth --list
synth gpt2-tiny new-preset
synth gpt2-tiny gpt2
synth gpt2-tiny gpt2-again --dtype q8_0
synth gpt9 x
synth gpt2:layers=0 x
synth gpt2:layers=2,legs=4 x
synth gpt2:width=65,heads=4 x
synth gpt2-tiny x --vocabulary nothing
synth gpt2-tiny x --seed minus
synth gpt2-tiny
synth

bench -m gpt2 --backends nonsense
bench -m gpt2 --backends llama.cpp -p 4 -n 2 -r 1 -w 0
bench -m nothing --backends native
bench --backends native
bench -m gpt2 --backends native -r 0
bench -m gpt2 --backends native -t 0
bench -m gpt2 --backends native -p 4 -n 2 -r 1 -w 0
bench -m gpt2 --backends native -p 500 -n 100 -r 1 -w 0
bench -m gpt2 --backends native --precision int3
bench -m gpt2 --backends native --limit lots
bench -m gpt2 --backends native -o xml
bench -m gpt2 --suite nothing
bench --resume
bench --resume 99
bench --resume -m gpt2

report --store old.db
report 1 --store old.db --tables -o json
report --list --store old.db
report --list --store old.db -o json
report 99 --store old.db
report last~9 --store old.db
report nonsense --store old.db
report --store prompt.txt
report --store old.db --against nobody
report

compare last~1 last --store old.db
compare 1 2 --store old.db --metric decode_tokens_per_second --fail-on-regression
compare 1 2 --store old.db --metric speed
compare 1 2 --store old.db --fail-on-regression
compare 1 99 --store old.db
compare 1 --store old.db
compare 1 2 --store old.db --threshold -1
compare nothing.json 2 --store old.db

run --no-einsum --no-park --no-lean -- true
run --no-einsum --no-park --no-lean -- sh -c 'exit 7'
run --no-einsum --no-park --no-lean -- sh -c 'kill -9 $$'
run --no-einsum --no-park --no-lean -- no-such-program
run --no-einsum --no-park --no-lean --exec -- sh -c 'exit 7'
run --sdpa --no-sdpa -- true
run --openvino nothing -- true
run

backends list
backends install nonsense
backends install
backends frobnicate
backends

worker --describe -m nothing --fd-out 1
worker --precision f16
"""
# These end with the exit code of the program that they run.
RUNS_A_PROGRAM = " -- sh "
# These wrote output before they failed, or had to write although the answer is a failure.
PARTIAL = (
    "bench -m gpt2 --backends llama.cpp -p 4 -n 2 -r 1 -w 0",  # the report includes failed rows
    "tokenize -m gpt2 --jsonl < lines.txt",
    "compare 1 2 --store old.db --metric decode_tokens_per_second --fail-on-regression",
    "worker --describe -m nothing --fd-out 1",  # the message goes to the requested descriptor
)


def files_for(g):
    g.presets()
    g.run("convert", "gpt2", "model.gguf")
    g.run("convert", "gpt2", "hf", "--to", "hf")
    (g.folder / "cut.gguf").write_bytes((g.folder / "model.gguf").read_bytes()[:3000])
    (g.folder / "prompt.txt").write_text("Once upon a time")
    (g.folder / "lines.txt").write_text('"one"\n"two"\nthree\n')
    (g.folder / "empty").mkdir()
    shutil.copy(guard.GOLDEN / "store.db", g.folder / "old.db")


def observe(g):
    files_for(g)
    found = {}
    for line in CALLS.split("\n"):
        if not line:
            continue
        call, _, stdin = line.partition(" < ")
        done = g.call(*shlex.split(call), stdin=(g.folder / stdin).read_bytes() if stdin else b"")
        found[line] = {"exit": done.returncode, "stdout": bool(done.stdout), "stderr": bool(done.stderr)}
    return found


record = observe


class ExitCodesTest(guard.GuardTest):
    theme = "exit_codes"
    observe = staticmethod(observe)

    def test_every_call_ends_as_recorded(self):
        self.expect_same(self.observed, self.expected)

    def test_a_call_that_fails_says_why_and_writes_no_data(self):
        for call, seen in self.observed.items():
            if seen["exit"] == 0 or RUNS_A_PROGRAM in call:
                continue
            with self.subTest(call):
                self.assertTrue(seen["stderr"])
                self.assertEqual(seen["stdout"], call in PARTIAL)


if __name__ == "__main__":
    guard.main()
