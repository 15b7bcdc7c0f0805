"""Holds SentencePiece tokenizers that `tare convert` writes to the libraries that read them.

    python tests/oracle/tokenizer_forms.py --tare build/release/bin/tare [--random 20000] [--keras-hub]
        [--llama-python PYTHON]

For each class of KerasHub with such a tokenizer, a small preset is synthesised, its vocabulary is replaced by one that
`sentencepiece` trains here, and it is converted: to GGUF, from there to a Hugging Face folder and back into a preset,
and from the folder into a preset. Of every form, Tare's ids must be those of the library that reads it: `sentencepiece`
for presets, `tokenizers` for folders; with --keras-hub also those of KerasHub's own class, loaded from the preset; with
--llama-python, a Python that has llama-cpp-python, also those of llama.cpp for the GGUF file. Needs `sentencepiece` and
`tokenizers` (scripts/keras_python.sh prints a Python that has them).
"""

import argparse
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import sentencepiece
import tokenizers

from tokenizer_corpus import CORPUS, SPECIAL_TEXTS, TRAINING_TEXT, random_text
from tokenizer_run import run_tare

HERE = pathlib.Path(__file__).resolve().parent
VOCABULARY = 760
USER = ["<tab>", "=>"]
CONTROL = ["<|im_start|>", "<|im_end|>", "<end_of_turn>"]
SPECIAL = re.compile("|".join(map(re.escape, [*USER, *CONTROL])))
# A family of presets: its start and end tokens, others that its class needs, and whether a space begins a text.
FAMILIES = {
    "gemma3": ("<bos>", "<eos>", ["<pad>"], False),
    "mistral": ("<s>", "</s>", [], True),
    "phi3": ("<s>", "<|endoftext|>", ["</s>"], True),  # llama.cpp takes </s> for granted in it
}
SHAPE = "layers=1,width=64,inner=64,heads=2,kv_heads=1,context=64"


def train(model_type, start, end, demanded, prefix):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TRAINING_TEXT * 4),
        model_writer=model,
        vocab_size=VOCABULARY,
        model_type=model_type,
        byte_fallback=True,
        add_dummy_prefix=prefix,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=USER,
        control_symbols=[*CONTROL, *demanded],
        bos_piece=start,
        eos_piece=end,
        character_coverage=0.99,
        minloglevel=2,
    )
    return model.getvalue()


class Forms:
    """The forms of one vocabulary, and how many texts differ in any of them."""

    def __init__(self, args, folder, family, model_type):
        self.args, self.folder, self.family, self.wrong = args, folder, family, 0
        self.name = f"{family:8} {model_type:8}"
        self.model_type = model_type
        start, end, demanded, prefix = FAMILIES[family]
        shape = f"{family}:{SHAPE},vocabulary={VOCABULARY}"
        self.run("synth", shape, "preset")
        spm = folder / "preset/assets/tokenizer/vocabulary.spm"
        spm.write_bytes(train(model_type, start, end, demanded, prefix))
        self.library = sentencepiece.SentencePieceProcessor(model_proto=spm.read_bytes())

    def run(self, *command):
        done = subprocess.run([self.args.tare, *command], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stderr}")

    def ids(self, form, texts):
        return run_tare(self.args.tare, str(self.folder / form), [], texts)

    def compare(self, title, texts, got, expected, allowed=0):
        differ = [i for i in range(len(texts)) if got[i] != expected[i]]
        for i in differ[:3]:
            print(f"  {texts[i][:200]!r}\n    tare      {got[i][:40]}\n    reference {expected[i][:40]}")
        print(f"{self.name} {title:34} {len(texts):6} texts, {len(differ)} differ", flush=True)
        self.wrong += max(0, len(differ) - allowed)

    def check_preset(self, form, texts):
        path = self.folder / form / "assets/tokenizer/vocabulary.spm"
        library = sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes())
        special = json.loads((self.folder / form / "tare.json").read_text()).get("control_token_ids", [])
        # KerasHub finds these in any text, Tare only if asked.
        names = [library.id_to_piece(i) for i in special]
        plain = [text for text in texts if not any(name in text for name in names)]
        self.compare(f"{form}, sentencepiece", plain, self.ids(form, plain), library.encode(plain), self.ties(plain))
        asked = [text for text in texts if text not in plain]
        got = run_tare(self.args.tare, str(self.folder / form), ["--special"], asked)
        start, _, demanded, prefix = FAMILIES[self.family]
        # Control pieces are no part of a text for the library; and at its front Tare takes the others for the model's.
        kept = [
            (text, ids)
            for text, ids in zip(asked, got)
            if not any(name in text for name in (start, *demanded)) and not (prefix and text.startswith(tuple(names)))
        ]
        asked, got = [t for t, _ in kept], [g for _, g in kept]
        self.compare(f"{form}, its control tokens", asked, got, library.encode(asked), self.ties(asked))
        if self.args.keras_hub:
            import keras_hub

            own = keras_hub.models.Tokenizer.from_preset(str(self.folder / form))
            kind = type(own).__name__
            batch = plain[:500]
            self.compare(f"{form}, {kind}", batch, self.ids(form, batch), [list(map(int, row)) for row in own(batch)])

    def check_folder(self, form, texts):
        library = tokenizers.Tokenizer.from_file(str(self.folder / form / "tokenizer.json"))
        added = [t["content"] for t in json.loads(library.to_str())["added_tokens"] if t["special"]]
        plain = [text for text in texts if not any(name in text for name in added)]
        encoded = library.encode_batch(plain, add_special_tokens=False)
        self.compare(f"{form}, tokenizers", plain, self.ids(form, plain), [each.ids for each in encoded])
        got = run_tare(self.args.tare, str(self.folder / form), ["--special"], texts)
        encoded = library.encode_batch(texts, add_special_tokens=False)
        self.compare(f"{form}, its control tokens", texts, got, [each.ids for each in encoded])

    def check_gguf(self, form, texts):
        if not self.args.llama_python:
            return
        # Before spaces alone llama.cpp's Unigram puts no other, unlike the library that made the model.
        if self.model_type == "unigram":
            texts = [text for text in texts if not any(part and not part.strip(" ") for part in SPECIAL.split(text))]
        # After a special token of Phi-3 llama.cpp drops spaces of ASCII only, Transformers and Tare all.
        if self.family == "phi3":
            texts = [text for text in texts if not re.search(rf"(?:{SPECIAL.pattern})\s*[^\S\t-\r ]", text)]
        for flags in ([], ["--special"]):
            command = [self.args.llama_python, "-B", HERE / "llama_cpp_ids.py", self.folder / form, *flags]
            lines = "".join(json.dumps(text) + "\n" for text in texts)
            done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
            expected = [json.loads(line) for line in done.stdout.splitlines()]
            got = run_tare(self.args.tare, str(self.folder / form), flags, texts)
            self.compare(f"{form}, llama.cpp {' '.join(flags)}", texts, got, expected)

    def ties(self, texts):
        """Sums that differ in their last bits only: `sentencepiece` adds in single precision, Tare in double."""
        return len(texts) // 500 if self.model_type == "unigram" else 0

    def has_byte_tokens(self, text):
        return any(self.library.is_byte(token) for token in self.library.encode(text))

    def same(self, a, b, texts):
        self.compare(f"{a} and {b}", texts, self.ids(b, texts), self.ids(a, texts))

    def check(self, texts):
        gguf = f"{self.family}.gguf"  # the name becomes the model's, by which llama.cpp knows Phi-3
        self.run("convert", "preset", gguf)
        self.run("convert", "preset", "hf", "--to", "hf")
        self.run("convert", "hf", "again", "--to", "keras")
        self.run("convert", gguf, "from_gguf", "--to", "keras")
        self.run("convert", gguf, "hf_from_gguf", "--to", "hf")
        for form in ("again", "from_gguf"):
            self.check_preset(form, texts)
        for form in ("hf", "hf_from_gguf"):
            self.check_folder(form, texts)
        self.check_gguf(gguf, texts)
        # Where no special token is near, all forms are one tokenizer.
        plain = [text for text in texts if not any(name in text for name in [*USER, *CONTROL, "<0x"])]
        self.same("preset", "hf", plain)
        # Readers of GGUF have no byte tokens for what a Unigram vocabulary lacks.
        known = [text for text in plain if self.model_type == "bpe" or not self.has_byte_tokens(text)]
        for form in (gguf, "from_gguf", "hf_from_gguf"):
            self.same("preset", form, known)
        return self.wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tare", required=True, help="the tare program")
    parser.add_argument("--random", type=int, default=300, help="random texts a form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keras-hub", action="store_true", help="load the presets into KerasHub too")
    parser.add_argument("--llama-python", help="a Python that has llama-cpp-python")
    args = parser.parse_args()
    args.tare = os.path.abspath(args.tare)
    rng = random.Random(args.seed)
    texts = CORPUS + SPECIAL_TEXTS + [random_text(rng) for _ in range(args.random)]
    texts = [text for text in texts if "\0" not in text]  # where one is, the libraries end
    wrong = 0
    for family in FAMILIES:
        for model_type in ("bpe", "unigram"):
            with tempfile.TemporaryDirectory() as folder:
                wrong += Forms(args, pathlib.Path(folder), family, model_type).check(texts)
    print("identical" if wrong == 0 else f"{wrong} texts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
