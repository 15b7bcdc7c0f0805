"""The README's examples: its commands, their output below them, and the files that it contains."""

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Use:
    commands: list[str]
    output: list[str]  # lines, "…" where some are omitted


def read(text):
    """(uses, files): each `sh` block with the plain block after it, and the `python` blocks that name a file."""
    uses, files = [], {}
    for language, body in FENCE.findall(text):
        if language == "sh":
            joined = body.replace("\\\n", " ")
            commands = [command_of(line) for line in joined.splitlines()]
            uses.append(Use([command for command in commands if command], []))
        elif language == "python":
            name = re.match(r"# (\S+\.py)", body)
            if not name:
                raise ValueError(f"a python block must begin with its file's name: {body!r}")
            files[name[1]] = body
        elif not language:
            if not uses or uses[-1].output:
                raise ValueError(f"output without a command: {body!r}")
            uses[-1].output = body.splitlines()
        else:
            raise ValueError(f"nothing tests blocks of {language}")
    return uses, files


def command_of(line):
    """A shell line without its comment."""
    return re.sub(r"\s+# .*$|^# .*$", "", line).strip()


def backends_needed(command):
    """Names of the backends that a command needs."""
    named = re.findall(r"--backends[ =](\S+)", command) + re.findall(r"backends install (\S+)", command)
    keras = re.findall(r"KERAS_BACKEND=(\w+)", command)
    names = [name for names in named for name in names.split(",")] + [f"keras-{name}" for name in keras]
    return {re.sub(r"(\+tare|:gpu)$", "", name) for name in names} - {"native"}


NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d[\d,.]*")


def missing_lines(shown, printed):
    """Lines of `shown` with which no line of `printed` begins. Figures vary between runs, so any number matches."""
    lines = [plain(line) for line in printed]
    return [line for line in shown
            if not any(have.startswith(plain(line.partition("…")[0])) for have in lines)]


def plain(line):
    return NUMBER.sub("#", " ".join(line.split()))
