"""The ids that llama.cpp gives to texts: a JSON string a line from standard input, a JSON array a line to output.

    python tests/oracle/llama_cpp_ids.py MODEL.gguf [--special] < strings.jsonl

Needs llama-cpp-python.
"""

import argparse
import ctypes
import json
import sys

import llama_cpp


@llama_cpp.llama_log_callback
def ignore(level, text, data):
    del level, text, data


def encode(vocabulary, text, special):
    raw = text.encode()
    room = 4 * len(raw) + 16
    ids = (llama_cpp.llama_token * room)()
    count = llama_cpp.llama_tokenize(vocabulary, raw, len(raw), ids, room, False, special)
    if count < 0:
        raise RuntimeError(f"{-count} ids, expected at most {room}")
    return list(ids[:count])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--special", action="store_true", help="recognise special tokens")
    args = parser.parse_args()
    llama_cpp.llama_log_set(ignore, ctypes.c_void_p(0))
    options = llama_cpp.llama_model_default_params()
    options.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(args.model.encode(), options)
    if not model:
        raise RuntimeError(f"llama.cpp does not read {args.model}")
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    for line in sys.stdin:
        print(json.dumps(encode(vocabulary, json.loads(line), args.special)))


if __name__ == "__main__":
    main()
