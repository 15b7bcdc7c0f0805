#!/usr/bin/env bash
# Prints the Python that has KerasHub, for the oracles: that of the backend keras-jax. Installs the backend
# first if necessary (0.8 GB).
#   usage: scripts/keras_python.sh TARE        TARE: the program, which installs backends
set -euo pipefail

tare=${1:?usage: scripts/keras_python.sh TARE}
python=${TARE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/tare}/backends/keras-jax/bin/python
python=${TARE_BACKEND_KERAS_JAX_PYTHON:-$python}

if [[ -z "${TARE_BACKEND_KERAS_JAX_PYTHON:-}" ]]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! "$tare" backends install keras-jax >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "keras_python: could not install keras-jax; check the network" >&2
    exit 1
  fi
fi
if [[ ! -x "$python" ]]; then
  echo "keras_python: $python does not exist" >&2
  exit 1
fi
echo "$python"
