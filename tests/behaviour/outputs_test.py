"""SHA-256 of every file that `tare synth` and `tare convert` write.

Covers both families, all pairs of forms, and all types. HDF5 files are hashed whole, like all others: Tare writes
them itself, and the same call gives the same bytes.
"""

import hashlib

import guard

DTYPES = ("f32", "f16", "bf16")
QUANTISED = ("q8_0", "q4_0", "q4_1")  # only in GGUF
FORMS = ("keras", "hf", "gguf")
# Beyond guard.SHAPES: named shapes, a width that blocks of 32 do not divide, both ways to scale a
# rotation.
SYNTHESISED = {
    "gpt2-tiny": ("gpt2-tiny",),
    "llama3-tiny": ("llama3-tiny",),
    "llama3-tiny-tied in bf16": ("llama3-tiny-tied", "--dtype", "bf16"),
    "gpt2 with another seed": (guard.SHAPES["gpt2"], "--seed", "12"),
    "gpt2 with odd sizes": ("gpt2:layers=3,heads=6,width=90,inner=77,vocabulary=997,context=64", "--seed", "1"),
    "llama3 with scaled rotation": (
        "llama3:layers=1,heads=6,kv_heads=2,width=96,vocabulary=991,rope_scale=4,rope_factor=1",),
    "llama3 with corrected rotation": (
        "llama3:layers=1,heads=6,kv_heads=2,width=108,inner=150,vocabulary=991,context=64,rope_factor=8,"
        "rope_context=1024,tied=true",),
}


def digests(path):
    """{file: SHA-256}; a single file's name is \"\"."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return {"" if file == path else str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files}


class Outputs:
    def __init__(self, g):
        self.g = g
        self.found = {}

    def synth(self, name, *arguments):
        out = name.replace(" ", "-")
        self.g.run("synth", arguments[0], out, *arguments[1:])
        self.found[f"synth {name}"] = digests(self.g.folder / out)
        return out

    def convert(self, source, form, dtype=None):
        """Converts the output called `source`; the new name shows how it was made."""
        out = f"{source}-{form}{'-' + dtype if dtype else ''}" + (".gguf" if form == "gguf" else "")
        self.g.run("convert", source, out, "--to", form, *(("--type", dtype) if dtype else ()))
        self.found[f"convert {out}"] = digests(self.g.folder / out)
        return out


def observe(g):
    outputs = Outputs(g)
    for name, arguments in SYNTHESISED.items():
        outputs.synth(name, *arguments)
    for family, shape in guard.SHAPES.items():
        for dtype in DTYPES:
            preset = outputs.synth(f"{family}-{dtype}", shape, "--seed", guard.SEED, "--dtype", dtype)
            sources = [preset, outputs.convert(preset, "hf"), outputs.convert(preset, "gguf")]
            for source in sources:
                for form in FORMS:
                    if source == preset and form != "keras":
                        continue  # made above
                    outputs.convert(source, form)
            if dtype != "f32":
                continue
            for source in sources:
                for form in FORMS:
                    for other in DTYPES:
                        outputs.convert(source, form, other)
                for other in QUANTISED:
                    quantised = outputs.convert(source, "gguf", other)
                    if source == preset:
                        for form in FORMS:
                            outputs.convert(quantised, form)
    return outputs.found


record = observe


class OutputsTest(guard.GuardTest):
    theme = "outputs"
    observe = staticmethod(observe)

    def test_every_output_has_the_same_bytes(self):
        self.expect_same(self.observed, self.expected)


if __name__ == "__main__":
    guard.main()
