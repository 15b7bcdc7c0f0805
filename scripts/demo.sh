#!/usr/bin/env bash
# From a fresh Debian or Ubuntu machine to an answer from a real model, and to what it weighs beside
# another engine. Needs root or sudo for the packages, once; what is done is not done again.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  echo "usage: scripts/demo.sh [QUESTION]   asks a model; installs, builds and downloads what that needs"
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
scripts/install_packages.sh || fail "the packages that the build needs are not all there"

step "Build"
log=build/demo-build.log
mkdir -p build
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # shared with other checkouts and scripts/test.sh
if ! { cmake --preset release && cmake --build --preset release --target tare; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  fail "the build failed; all of it is in $log"
fi

step "Model"
model=$(scripts/get_model.sh) || fail "the model is not there"
echo "$model" >&2

step "$question"
"$tare" generate -m "$model" --chat -n 64 "$question"

step "Another engine, for comparison: OpenVINO GenAI"
"$tare" backends install openvino-genai ||
  fail "OpenVINO GenAI could not be installed from PyPI; without it: $tare bench -m $model"

step "What each engine costs: stages and memory of a short generation"
"$tare" bench -m "$model" -r 2 -w 1

step "Again with: $tare bench -m $model -p 512 -n 128 -r 5"
