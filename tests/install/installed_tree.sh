#!/usr/bin/env bash
# Installs a build to a temporary prefix, hides the checkout and the build folder, and uses the
# installed files: programs, library, workers, suites, lean loading and the sources of the hook.
#   usage: tests/install/installed_tree.sh BUILD_FOLDER
# An empty file system that only this script's processes see hides the folders; nothing is moved.
# Needs unshare with the right to mount (root, or user namespaces), cmake, g++, python3 with venv,
# and PyPI. scripts/openvino_pythons.sh provides an OpenVINO. Exit status 0: everything works.
set -euo pipefail

fail() {
  echo "installed_tree: $*" >&2
  exit 1
}

# Prints a command's output only if it fails.
quietly() {
  "$@" >log 2>&1 || { cat log >&2; fail "this fails: $*"; }
}

# From here on, the checkout is hidden.
use() {
  local work=$1 prefix=$2 folder
  shift 2
  for folder in "$@"; do
    mount -t tmpfs none "$folder"
    [[ -z "$(ls -A "$folder")" ]] || fail "$folder is not hidden"
  done
  cd "$work"
  unset TARE_SOURCE_DIR TARE_WORKERS_DIR TARE_SUITES_DIR TARE_HDF5_HELPER
  export PIP_CACHE_DIR=${PIP_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pip}
  export TARE_HOME=$work/home XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state
  # The program must work through a link to it.
  mkdir links
  ln -s "$prefix/bin/tare" links/tare
  export PATH=$work/links:$PATH
  version
  models
  example "$prefix"
  benchmarks
  run_program "$prefix"
}

version() {
  tare --version | grep -qE '^[0-9.]+( \([0-9a-f]{12}(-dirty)?\))?$' || fail "--version says $(tare --version)"
}

# The HDF5 helper reads KerasHub presets.
models() {
  tare synth "gpt2:layers=2,heads=2,width=16,vocabulary=500,context=256" preset
  tare generate -m preset -n 8 "the" >expected
  [[ -s expected ]] || fail "generate says nothing"
  tare convert preset preset.gguf
  tare convert preset.gguf again --to keras
  tare generate -m preset.gguf -n 8 "the" | cmp - expected
  tare generate -m again -n 8 "the" | cmp - expected
}

example() {
  local prefix=$1
  quietly cmake -S "$prefix/share/doc/tare/examples/ask" -B ask -DCMAKE_PREFIX_PATH="$prefix"
  quietly cmake --build ask
  ask/ask preset "the" >said
  cmp -n "$(($(wc -c <expected) - 1))" said expected || fail "the example says something else than tare"
}

# Tests a native row, a row with a Python worker, and a suite.
benchmarks() {
  quietly tare backends install ctranslate2
  tare bench -m preset --backends native,ctranslate2 -p 8 -n 4 -r 1 -w 0 -o json >bench.json
  python3 - <<'PYTHON' || fail "a row of bench failed"
import json
text = open("bench.json").read()
assert '"native"' in text and '"ctranslate2"' in text, text
PYTHON
  quietly tare bench --suite study -m preset --backends native -r 1 -w 0
}

run_program() {
  export TARE_CONTRACT=$1/share/tare/src/trim/contract.h TARE_RUN_STRICT=1
  quietly tare run -- "$(cat openvino_python)" -B einsum_models.py --random 5
  grep -q 'einsum' log || { cat log >&2; fail "tare run does not say what it rewrote"; }
  quietly tare run --no-einsum --no-park -- python3 -c 'import sys; assert "tare_lean" in sys.modules'
}

if [[ ${1:-} == --hidden ]]; then
  shift
  use "$@"
  echo "installed_tree: all of it works without the checkout"
  exit
fi

build=$(realpath "${1:?usage: $0 BUILD_FOLDER}")
checkout=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/any prefix"
cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "cmake --install fails"; }
if grep -rlaF -e "$checkout" -e "$build" "$prefix"; then
  fail "these name the checkout or the build folder"
fi

cp "$checkout/tests/openvino/"{einsum_models,trim_contract}.py "$work"
"$checkout/scripts/openvino_pythons.sh" | tail -n 1 >"$work/openvino_python"
cp "$0" "$work/script"
map_root=()
[[ $EUID -eq 0 ]] || map_root=(--map-root-user)
cd /
unshare --mount "${map_root[@]}" bash "$work/script" --hidden "$work" "$prefix" "$build" "$checkout"
