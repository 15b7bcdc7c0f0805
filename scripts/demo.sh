#!/usr/bin/env bash
# On a fresh Debian or Ubuntu machine: installs packages, builds Tare, gets a model, answers a question
# and compares memory and speed with another engine. Needs root or sudo for the packages, once. A second
# run skips what is already done.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  echo "usage: scripts/demo.sh [QUESTION]   installs, builds and downloads what is missing, then asks a model"
  exit
fi
question=${1:-What is the capital of France?}
tare=build/release/bin/tare

step() { printf '\n== %s\n' "$*" >&2; }
fail() {
  echo "demo: $*" >&2
  exit 1
}

step "Packages"
scripts/install_packages.sh || fail "some packages for the build are missing"

step "Build"
log=build/demo-build.log
mkdir -p build
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # shared with other checkouts and scripts/test.sh
if ! { cmake --preset release && cmake --build --preset release --target tare; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  fail "the build failed; the whole log is $log"
fi

step "Model"
model=$(scripts/get_model.sh) || fail "the model could not be downloaded"
echo "$model" >&2

step "$question"
"$tare" generate -m "$model" --chat -n 64 "$question"

step "Another engine, for comparison: OpenVINO GenAI"
"$tare" backends install openvino-genai ||
  fail "OpenVINO GenAI could not be installed from PyPI; without it: $tare bench -m $model"

step "Memory and speed of each engine in a short generation"
"$tare" bench -m "$model" -r 2 -w 1

step "For more runs and longer texts: $tare bench -m $model -p 512 -n 128 -r 5"
