"""The watcher's side of the worker protocol, for tests of Python workers. Reads no memory."""

import json
import os
import subprocess
from dataclasses import dataclass, field


@dataclass
class Outcome:
    hello: dict = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    last: dict = field(default_factory=dict)  # the result or the error
    exit_code: int = 0
    stderr: str = ""


def generation(text: str, ids: list[int], new_tokens: int) -> dict:
    return {"prompt": {"text": text, "ids": ids}, "new_tokens": new_tokens}


def run_worker(command: list[str], run: dict, environment: dict[str, str]) -> Outcome:
    """Starts a worker, sends it `run` (adding type and protocol), and follows it to its end."""
    worker_in, our_out = os.pipe()
    our_in, worker_out = os.pipe()
    process = subprocess.Popen(
        [*command, "--fd-in", str(worker_in), "--fd-out", str(worker_out)],
        pass_fds=(worker_in, worker_out),
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(worker_in)
    os.close(worker_out)
    outcome = Outcome()
    with os.fdopen(our_in) as messages, os.fdopen(our_out, "w", buffering=1) as answers:
        for line in messages:
            message = json.loads(line)
            if message["type"] == "hello":
                outcome.hello = message
                answers.write(json.dumps({"type": "run", "protocol": 1} | run) + "\n")
            elif message["type"] == "stage":
                outcome.stages.append(message["stage"])
                answers.write(json.dumps({"type": "ack", "stage": message["stage"]}) + "\n")
            else:
                outcome.last = message
    outcome.stderr = process.communicate()[1]
    outcome.exit_code = process.returncode
    return outcome
