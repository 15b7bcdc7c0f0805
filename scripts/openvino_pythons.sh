#!/usr/bin/env bash
# Prints one Python for each OpenVINO that the hook of `tare run` is tested with and that no installed
# keras-openvino backend has: virtual environments with only its wheel, created once.
set -euo pipefail

backends=${TARE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/tare}/backends
venvs=${XDG_CACHE_HOME:-$HOME/.cache}/tare/venv
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "$venvs"
exec 9>"$venvs/openvino.lock"
flock 9  # two at once would take each other's environments apart

# with_openvino VERSION ROW: uses the row's interpreter if it is installed.
with_openvino() {
  local version=$1 venv=$venvs/ov${1%.*}
  [[ -z "$2" || ! -x "$backends/$2/bin/python" ]] || return 0
  if [[ ! -f "$venv/tare_stamp" || "$(cat "$venv/tare_stamp")" != "$version" ]]; then
    echo "openvino_pythons: creating $venv" >&2
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --no-compile --no-deps \
      "openvino==$version" openvino-telemetry==2025.2.0 packaging==26.3 numpy==2.2.6; } >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "openvino_pythons: could not install openvino $version; check the network" >&2
      return 1
    fi
    echo "$version" >"$venv/tare_stamp"
  fi
  echo "$venv/bin/python"
}

with_openvino 2025.2.0 keras-openvino-2025.2
with_openvino 2025.3.0 ""
with_openvino 2025.4.1 ""
with_openvino 2026.4.1 keras-openvino
