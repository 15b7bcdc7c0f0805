"""A Python worker's end of the worker protocol (docs/worker_protocol.md), standard library only.

A worker gives `serve` a `load` function; all order, timing and memory stages are kept here, so that
every Python row is measured the same way.
"""

import argparse
import gc
import importlib.metadata
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PROTOCOL_VERSION = 1
MAX_LINE_BYTES = 4 << 20
MAX_MESSAGE_CHARS = 4000


class WorkerError(Exception):
    """A failure with one of the protocol's codes: load-error, run-error, no-device, …"""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Device:
    """The device that a worker runs on."""

    kind: str  # "cpu" or "gpu", as the run message says
    name: str  # as shown
    missing: str = ""  # why it cannot be used; reported as no-device


@dataclass
class TokenClock:
    """Records when each token was known, in ns since the generation began."""

    start_ns: int = field(default_factory=time.monotonic_ns)
    token_ns: list[int] = field(default_factory=list)

    def tick(self) -> None:
        self.token_ns.append(time.monotonic_ns() - self.start_ns)


# score(ids) -> logits, or log-probabilities, after each id but the last: a NumPy array of f32,
# [len(ids) - 1, vocabulary]. Keeps nothing from earlier calls.
Score = Callable[[list[int]], Any]

# generate(prompt_ids, new_tokens, clock) -> generated ids; calls clock.tick() once for each.
Generate = Callable[[list[int], int, TokenClock], list[int]]


@dataclass
class LoadedModel:
    generate: Generate
    decode: Callable[[list[int]], str]
    score: Score | None = None  # None: the engine gives no logits


@dataclass
class TextModel:
    """An engine that takes text and shows no token before the last one."""

    # generate(text, ids, new_tokens) -> generated ids and their text. `ids` are the other backends'
    # ids for the text; the engine must fail if it reads others.
    generate: Callable[[str, list[int], int], tuple[list[int], str]]
    # How long the tokens after the first took in the latest generation. Called last, when memory is
    # no longer read, so that it may generate again to find out.
    decode_ns: Callable[[], int]
    score: Score | None = None


# load(model_path, threads, context_tokens, precision); precision is "" for the model's own, or one
# that the row's table entry offers.
Load = Callable[[str, int, int, str], LoadedModel | TextModel]


# tokenizer_of(model_path) -> encode(text) -> ids, begun as the model's prompts are, without an end
# token. Text that looks like a special token is plain text where the library can read it so.
TokenizerOf = Callable[[str], Callable[[str], list[int]]]


class Channel:
    """JSON lines over the two descriptors from bench."""

    def __init__(self, fd_in: int, fd_out: int):
        self._in = os.fdopen(fd_in, "rb")
        self._out = os.fdopen(fd_out, "wb", buffering=0)

    def send(self, message: dict) -> None:
        line = json.dumps(message).encode() + b"\n"
        view = memoryview(line)
        while view:
            view = view[self._out.write(view) :]

    def receive(self, *expected: str) -> dict:
        line = self._in.readline(MAX_LINE_BYTES + 1)
        if not line.endswith(b"\n"):
            raise ConnectionError("the watcher closed the protocol pipe")
        message = json.loads(line)
        if message.get("type") not in expected:
            raise ConnectionError(f"expected {' or '.join(expected)}, got {message.get('type')}")
        return message

    def reach(self, stage: str) -> None:
        """Reports a stage after a garbage collection; returns when memory has been read."""
        gc.collect()
        self.send({"type": "stage", "stage": stage})
        if self.receive("ack").get("stage") != stage:
            raise ConnectionError(f"the acknowledgement is not for {stage}")


def versions_of(packages: list[str]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _run_generation(model: LoadedModel | TextModel, request: dict) -> dict:
    prompt_ids = request["prompt"]["ids"]
    clock = TokenClock()
    if isinstance(model, TextModel):
        ids, text = model.generate(request["prompt"]["text"], prompt_ids, request["new_tokens"])
        total_ns = time.monotonic_ns() - clock.start_ns
    else:
        ids = model.generate(prompt_ids, request["new_tokens"], clock)
        total_ns = time.monotonic_ns() - clock.start_ns
        text = model.decode(ids)
    return {
        "prompt_tokens": len(prompt_ids),
        "ids": ids,
        "token_ns": clock.token_ns,
        "total_ns": total_ns,
        "text": text,
    }


def _load_for(run: dict, loads: dict[str, Load]) -> Load:
    sampler = run.get("sampler", "greedy")
    if sampler not in loads:
        raise WorkerError(
            "run-error", f"this backend has the sampler {' and '.join(loads)} only, not {sampler}"
        )
    return loads[sampler]


def _time_decoding(model: LoadedModel | TextModel, generation: dict) -> None:
    """Adds decode_ns if tokens have no times of their own; left out if noise makes it impossible."""
    if not isinstance(model, TextModel) or len(generation["ids"]) < 2:
        return
    decode_ns = model.decode_ns()
    if 0 < decode_ns <= generation["total_ns"]:
        generation["decode_ns"] = decode_ns


def _check_device(run: dict, device: Device) -> None:
    asked = run.get("device", "cpu")
    if asked != device.kind:
        message = f"got device {asked}, but this worker was started for {device.kind}"
        raise WorkerError("no-device", message)
    if device.missing:
        raise WorkerError("no-device", device.missing)


def _tokenize(channel: Channel, task: dict, tokenizer_of: TokenizerOf | None) -> None:
    if tokenizer_of is None:
        raise WorkerError("unsupported", "this backend tokenizes no texts")
    encode = tokenizer_of(task["model"])
    channel.send({"type": "tokens", "ids": [encode(text) for text in task["texts"]]})


def _load(load: Load, task: dict, context: int, precision: str) -> LoadedModel | TextModel:
    try:
        return load(task["model"], task["threads"], context, precision)
    except WorkerError:
        raise
    except Exception as error:
        raise WorkerError("load-error", f"{type(error).__name__}: {error}") from error


def _score(channel: Channel, task: dict, load: Load, precision: str, device: Device) -> None:
    _check_device(task, device)
    sequences = task["sequences"]
    model = _load(load, task, max(len(ids) for ids in sequences), precision)
    if model.score is None:
        raise WorkerError("unsupported", "this backend gives no logits")
    positions = vocabulary = 0
    with open(task["file"], "r+b") as file:
        for ids in sequences:
            logits = model.score(ids)
            count, vocabulary = logits.shape
            positions += count
            file.write(logits.astype("<f4", copy=False).tobytes())
    channel.send({"type": "scores", "positions": positions, "vocabulary": vocabulary})


def _serve(
    channel: Channel,
    loads: dict[str, Load],
    precision: str,
    device: Device,
    tokenizer_of: TokenizerOf | None,
) -> None:
    task = channel.receive("run", "tokenize", "score")
    if task["protocol"] != PROTOCOL_VERSION:
        raise ConnectionError(
            f"got protocol version {task['protocol']}, expected {PROTOCOL_VERSION}"
        )
    if task["type"] == "tokenize":
        _tokenize(channel, task, tokenizer_of)
    elif task["type"] == "score":
        _score(channel, task, _load_for(task, loads), precision, device)
    else:
        _run(channel, task, loads, precision, device)


def _run(
    channel: Channel, run: dict, loads: dict[str, Load], precision: str, device: Device
) -> None:
    _check_device(run, device)
    channel.reach("0_INITIAL")
    load = _load_for(run, loads)
    generations = run["generations"]
    context = max(len(g["prompt"]["ids"]) + g["new_tokens"] for g in generations)
    start_ns = time.monotonic_ns()
    model = _load(load, run, context, precision)
    load_ns = time.monotonic_ns() - start_ns
    channel.reach("1_MODEL_LOADED")
    channel.reach("2_BEFORE_INFERENCE")
    results = []
    for request, stage in zip(generations, ("3_FIRST_INFERENCE", "4_SECOND_INFERENCE")):
        results.append(_run_generation(model, request))
        channel.reach(stage)
    channel.reach("5_FINAL")
    _time_decoding(model, results[-1])
    channel.send({"type": "result", "load_ns": load_ns, "generations": results})


def serve(
    backend: str,
    packages: list[str],
    device: str | Device,
    load: Load | dict[str, Load],
    tokenizer_of: TokenizerOf | None = None,
) -> int:
    """Runs the protocol from hello to result. Call it after all imports, because stage 0 follows.

    A plain `load` is for greedy decoding; for several samplers pass one per name. A plain `device` is
    the CPU's name. Without `tokenizer_of`, the backend gives no ids for texts.
    """
    if isinstance(device, str):
        device = Device("cpu", device)
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd-in", type=int, required=True)
    parser.add_argument("--fd-out", type=int, required=True)
    parser.add_argument("--precision", default="")
    arguments = parser.parse_args()
    channel = Channel(arguments.fd_in, arguments.fd_out)
    channel.send(
        {
            "type": "hello",
            "protocol": PROTOCOL_VERSION,
            "backend": backend,
            "versions": versions_of(packages) | {"python": sys.version.split()[0]},
            "device": device.name,
        }
    )
    try:
        loads = load if isinstance(load, dict) else {"greedy": load}
        _serve(channel, loads, arguments.precision, device, tokenizer_of)
    except ConnectionError as error:
        print(f"{backend}: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        channel.send({"type": "error", "code": "out-of-memory", "message": "MemoryError"})
    except WorkerError as error:
        message = str(error)[:MAX_MESSAGE_CHARS]
        channel.send({"type": "error", "code": error.code, "message": message})
    except Exception as error:
        traceback.print_exc()
        message = f"{type(error).__name__}: {error}"[:MAX_MESSAGE_CHARS]
        channel.send({"type": "error", "code": "run-error", "message": message})
    return 0


if __name__ == "__main__":
    # `tare_worker.py --versions a b` prints "a 1.0, b 2.0" without importing them.
    version_parser = argparse.ArgumentParser()
    version_parser.add_argument("--versions", nargs="+", required=True)
    asked = version_parser.parse_args().versions
    print(", ".join(f"{name} {version}" for name, version in versions_of(asked).items()))
