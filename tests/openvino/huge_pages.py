"""Tests huge pages for the CPU plugin's packed weights under `tare run`.

usage: python huge_pages.py TARE

Compiles and runs a chain of products with constant weights with `--huge` and with `--no-huge`, each
in its own process. With huge pages, most packed weights lie in them after the first inference, if
the kernel provides any. Otherwise there are no more than the kernel gives unasked. Final resident
memory and results are the same.
"""

import os
import pathlib
import re
import subprocess
import sys

from trim_contract import VARIABLES

SETTING = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
LAYERS, WIDTH = 12, 1536  # 9 MiB each: 4 huge pages and a tail
PACKED_KIB = LAYERS * WIDTH * WIDTH * 4 // 1024


def field(file: str, name: str) -> int:
    return int(re.search(rf"^{name}:\s+(\d+) kB", pathlib.Path(file).read_text(), re.M)[1])


def infer() -> None:
    """Prints the KiB of new huge pages, the final resident KiB, and a sum of the result."""
    import numpy
    import openvino
    try:
        from openvino import opset13 as ops
    except ImportError:
        from openvino.runtime import opset13 as ops
    random = numpy.random.default_rng(7)
    x = ops.parameter([-1, WIDTH], numpy.float32)
    value = x
    for _ in range(LAYERS):
        weights = random.standard_normal((WIDTH, WIDTH), numpy.float32) / WIDTH ** 0.5
        value = ops.tanh(ops.matmul(value, ops.constant(weights, shared_memory=True), False, False))
    model = openvino.Model([value], [x], "products")
    huge = field("/proc/self/smaps_rollup", "AnonHugePages")
    compiled = openvino.Core().compile_model(model, "CPU")
    request = compiled.create_infer_request()
    for _ in range(2):
        request.infer({0: numpy.ones((3, WIDTH), numpy.float32)})
    print(field("/proc/self/smaps_rollup", "AnonHugePages") - huge,
          field("/proc/self/status", "VmRSS"),
          float(numpy.abs(request.get_output_tensor(0).data).sum()))


def run(tare: str, *flags: str) -> tuple[int, int, float, str]:
    command = [tare, "run", "--no-lean", *flags, "--", sys.executable, "-B", __file__]
    # NumPy requests huge pages by default.
    variables = os.environ | {"NUMPY_MADVISE_HUGEPAGE": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    huge, resident, total = done.stdout.split()
    return int(huge), int(resident), float(total), done.stderr


def main() -> int:
    tare = sys.argv[1]
    setting = re.search(r"\[(\w+)\]", SETTING.read_text())[1] if SETTING.exists() else "never"
    asked, asked_resident, asked_sum, said = run(tare, "--huge")
    auto, _, auto_sum, _ = run(tare)
    left, left_resident, left_sum, silent = run(tare, "--no-huge")
    print(f"{setting}: of {PACKED_KIB} KiB packed {asked} in huge pages with --huge, {auto} as they "
          f"come, {left} with --no-huge; resident {asked_resident} and {left_resident} KiB")
    assert asked_sum == auto_sum == left_sum, (asked_sum, auto_sum, left_sum)
    assert asked_resident <= left_resident + PACKED_KIB // 10, (asked_resident, left_resident)
    assert "huge pages" not in silent, silent
    if setting == "never":
        assert asked == auto == left == 0
        return 0
    assert asked >= PACKED_KIB * 0.75, "most of what is packed"
    assert f"huge pages: {asked // 1024} MiB received" in said, said
    if setting == "madvise":
        assert left == 0
    return 0


if __name__ == "__main__":
    if VARIABLES["kHookReportVariable"] in os.environ:
        infer()
    else:
        sys.exit(main())
