#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that the build needs; with --dev also those of the checks. Leaves
# installed packages alone, so a second run does nothing and needs no network.
set -euo pipefail

build_packages=(
  build-essential cmake ninja-build ccache pkg-config
  nlohmann-json3-dev libcli11-dev libpcre2-dev libfmt-dev
  libgtest-dev libgmock-dev libbenchmark-dev libhdf5-dev libsqlite3-dev
  python3 python3-venv time
)

usage() {
  echo "usage: $(basename "$0") [--dev]"
  echo "  --dev  also install clang, clang-format, clang-tidy, the sanitizers' and libFuzzer's runtime, shellcheck,"
  echo "         groff, debootstrap, QEMU"
}

fail() {
  echo "install_packages: $*" >&2
  exit 1
}

dev=false
case "${1:-}" in
  "") ;;
  --dev) dev=true ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  fail "this machine has no apt-get; install by hand: ${build_packages[*]}"
fi

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "packages are missing, but you are not root and there is no sudo; as root, run: $*"
  fi
}

installed() {
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# Prints its arguments that are not installed, one per line.
missing() {
  local package
  for package in "$@"; do
    installed "$package" || echo "$package"
  done
}

lists_are_fresh=false
install_missing() {
  local wanted
  mapfile -t wanted < <(missing "$@")
  [[ ${#wanted[@]} -gt 0 ]] || return 0
  echo "install_packages: installing ${wanted[*]}" >&2
  local log
  log=$(mktemp)
  if ! $lists_are_fresh; then
    if ! as_root apt-get update >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "install_packages: could not update the package lists; trying with the old ones" >&2
    fi
    lists_are_fresh=true
  fi
  if ! as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${wanted[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "could not install: ${wanted[*]}; can this machine reach the distribution's archive?"
  fi
  rm -f "$log"
}

install_missing "${build_packages[@]}"
if $dev; then
  install_missing clang clang-format clang-tidy shellcheck groff-base
  install_missing debootstrap  # for tests/install
  install_missing qemu-system-x86 busybox-static e2fsprogs cpio  # for tests/vm
  # libFuzzer and the sanitizers are in a package named after the version that "clang" installs.
  version=$(dpkg-query -W -f='${Depends}' clang | grep -oE 'clang-[0-9]+' | head -n 1 | cut -d- -f2)
  [[ -n "$version" ]] || fail "cannot find out which version the package clang installs"
  install_missing "libclang-rt-$version-dev"
fi
