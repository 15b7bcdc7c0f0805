#!/usr/bin/env python3
"""The mixes of `tare convert --type` give each tensor the type that llama.cpp's quantiser gives it.

usage: type_mixes.py --mixes tare_type_mixes [--markdown FILE]

Run by a Python that has llama-cpp-python (`tare backends install llama.cpp` makes one). The library quantises tiny
models: rows have their real length, matrices two rows, since it reads no more than names and shapes. tare_type_mixes
says what Tare's mixes give the same tensors. tests/golden/make_type_mixes.py stores a few of these models.
"""

import argparse
import ctypes
import dataclasses
import itertools
import pathlib
import struct
import subprocess
import sys
import tempfile

MIXES = {"q8_0": 7, "q6_k": 18, "q5_k_m": 17, "q5_k_s": 16, "q5_1": 9, "q5_0": 8, "q4_k_m": 15, "q4_k_s": 14, "q4_1": 3,
         "q4_0": 2, "iq4_nl": 25, "iq4_xs": 30, "mxfp4_moe": 38, "q3_k_l": 13, "q3_k_m": 12, "q3_k_s": 11, "q2_k": 10}
TYPES = {0: "f32", 1: "f16", 2: "q4_0", 3: "q4_1", 6: "q5_0", 7: "q5_1", 8: "q8_0", 10: "q2_k", 11: "q3_k", 12: "q4_k",
         13: "q5_k", 14: "q6_k", 20: "iq4_nl", 23: "iq4_xs", 39: "mxfp4"}  # ids of GGUF


@dataclasses.dataclass
class Case:
    layers: int
    heads: int
    kv_heads: int
    width: int
    inner: int
    tied: bool = False
    experts: int = 0
    fused: bool = False  # query, key and value in one matrix
    architecture: str = "llama"

    def tensors(self):
        """[(name, shape, innermost first)]"""
        out = [("token_embd.weight", (self.width, 2)), ("output_norm.weight", (self.width,))]
        out += [] if self.tied else [("output.weight", (self.width, 2))]
        for layer in range(self.layers):
            blk = f"blk.{layer}."
            out.append((blk + "attn_norm.weight", (self.width,)))
            names = ("attn_qkv",) if self.fused else ("attn_q", "attn_k", "attn_v")
            out += [(f"{blk}{name}.weight", (self.width, 2)) for name in (*names, "attn_output")]
            if self.experts:
                out.append((blk + "ffn_gate_inp.weight", (self.width, self.experts)))
            suffix, depth = ("_exps.weight", (self.experts,)) if self.experts else (".weight", ())
            out += [(blk + name + suffix, (self.width, 2, *depth)) for name in ("ffn_gate", "ffn_up")]
            out.append((blk + "ffn_down" + suffix, (self.inner, 2, *depth)))
        return out


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def write_gguf(path, case):
    """A file of f32 tensors, all numbers 1, with the keys that the quantiser reads."""
    prefix = case.architecture + "."
    keys = {prefix + "block_count": case.layers, prefix + "context_length": 64, prefix + "embedding_length": case.width,
            prefix + "feed_forward_length": case.inner, prefix + "attention.head_count": case.heads,
            prefix + "attention.head_count_kv": case.kv_heads, prefix + "vocab_size": 2}
    if case.experts:
        keys |= {prefix + "expert_count": case.experts, prefix + "expert_used_count": 2}
    tensors = case.tensors()
    out = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys) + 3))
    out += string("general.architecture") + struct.pack("<I", 8) + string(case.architecture)
    out += string("tokenizer.ggml.model") + struct.pack("<I", 8) + string("no_vocab")
    for name in ("rms_", ""):
        if (name == "") == (case.architecture == "gpt2"):
            out += string(f"{prefix}attention.layer_norm_{name}epsilon") + struct.pack("<If", 6, 1e-5)
    for key, value in keys.items():
        out += string(key) + struct.pack("<II", 4, value)
    sizes = []
    for name, shape in tensors:
        out += string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, sum(sizes))
        size = 4
        for dim in shape:
            size *= dim
        sizes.append((size + 31) // 32 * 32)
    out += bytes(-len(out) % 32)
    out += struct.pack("<f", 1.0) * (sum(sizes) // 4)
    path.write_bytes(out)


def read_types(path):
    """{tensor: type}"""
    data, at = path.read_bytes(), 8

    def take(layout):
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values[0] if len(values) == 1 else values

    def take_string():
        nonlocal at
        size = take("Q")
        at += size
        return data[at - size: at].decode()

    count, keys = take("QQ")
    for _ in range(keys):
        take_string()
        kind = take("I")
        take_string() if kind == 8 else take({4: "I", 5: "i", 6: "f", 7: "B", 10: "Q"}[kind])
    types = {}
    for _ in range(count):
        name = take_string()
        rank = take("I")
        take(f"{rank}Q")
        types[name] = TYPES[take("I")]
        take("Q")
    return types


def library_types(case, mix, folder):
    """{tensor: type}; None if the library refuses."""
    import llama_cpp
    llama_cpp.llama_log_set(QUIET, None)
    source, out = folder / "source.gguf", folder / "out.gguf"
    if not source.exists():
        write_gguf(source, case)
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = MIXES[mix]
    parameters.nthread = 1
    out.unlink(missing_ok=True)
    done = llama_cpp.llama_model_quantize(bytes(source), bytes(out), ctypes.byref(parameters))
    return read_types(out) if done == 0 else None


QUIET = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)


def tare_types(program, case, mix):
    """{tensor: type}"""
    tensors = case.tensors()
    lines = [f"{mix} {case.layers} {case.heads} {case.kv_heads}"]
    lines += [" ".join([name, *map(str, reversed(shape))]) for name, shape in tensors]
    done = subprocess.run([program], input="\n".join(lines), check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.split() for line in done.stdout.splitlines())


def cases():
    layers, heads, widths = (1, 4, 9, 17, 32), ((4, 4), (8, 2), (6, 2)), ((256, 512), (256, 288), (96, 256), (64, 40))
    for index, (count, (queries, values), (width, inner)) in enumerate(itertools.product(layers, heads, widths)):
        yield Case(count, queries, values, width, inner, tied=index % 2 == 0)
    for experts in (4, 8, 16):
        yield Case(9, 8, 2, 256, 256, experts=experts)
    yield Case(10, 4, 4, 256, 512, tied=True, fused=True, architecture="gpt2")
    yield Case(80, 64, 8, 256, 256)


def main():
    import comparison
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mixes", required=True)
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()
    compared = refused = models = 0
    faults = []
    for case in cases():
        models += 1
        with tempfile.TemporaryDirectory() as folder:
            for mix in MIXES:
                want = library_types(case, mix, pathlib.Path(folder))
                if want is None:
                    refused += 1
                    continue
                got = tare_types(args.mixes, case, mix)
                compared += len(want)
                wrong = [f"{name}: {got.get(name)}, library {kind}" for name, kind in want.items() if got.get(name) != kind]
                if wrong:
                    faults.append(f"{mix} of {case}: {len(wrong)} differ, {wrong[0]}")
    text = (f"{compared} types of tensors compared, {len(MIXES)} mixes of {models} models; "
            f"{refused} conversions that the library refuses left out.")
    return comparison.hand_in(text, faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
