#!/usr/bin/env bash
# Prints the Python that runs the oracles: a virtual environment from tests/oracle/requirements.txt,
# created once, and again when that file changes.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
requirements=$root/tests/oracle/requirements.txt
venv=${XDG_CACHE_HOME:-$HOME/.cache}/tare/venv/oracle
stamp="$(sha256sum <"$requirements" | cut -d' ' -f1) $(python3 -c 'import sys; print(sys.version)' | tr '\n' ' ')"

mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9  # two at once would take each other's environment apart
if [[ ! -f "$venv/tare_stamp" || "$(cat "$venv/tare_stamp")" != "$stamp" ]]; then
  echo "oracle_python: creating $venv" >&2
  rm -rf "$venv"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --no-compile --requirement "$requirements"; } \
    >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "oracle_python: could not install $requirements; check the network" >&2
    exit 1
  fi
  echo "$stamp" >"$venv/tare_stamp"
fi
echo "$venv/bin/python"
