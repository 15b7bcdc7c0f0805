#!/usr/bin/env bash
# Makes a build's Debian package, installs it in a fresh root of this distribution and uses it.
#   usage: tests/install/debian_package.sh BUILD_FOLDER [SAVE_TO]
# Needs root, debootstrap and the package archives configured in this machine's apt. With SAVE_TO,
# copies the package there. Exit status 0: the package installs and works.
set -euo pipefail

fail() {
  echo "debian_package: $*" >&2
  exit 1
}

# Uses the package inside the fresh root, as users do.
use() {
  tare --version
  tare synth "gpt2:layers=2,heads=2,width=16,vocabulary=500,context=64" preset
  tare convert preset model.gguf
  tare convert model.gguf again --to keras
  tare generate -m preset -n 8 "the" >expected
  tare generate -m again -n 8 "the" | cmp - expected
  [[ -s expected ]] || fail "generate says nothing"
  tare bench -m model.gguf --backends native -p 8 -n 4 -r 2 -w 0
}

if [[ ${1:-} == --inside ]]; then
  cd "$(mktemp -d)"
  use
  exit
fi

[[ $EUID -eq 0 ]] || fail "it needs root, for debootstrap and chroot"
build=$(realpath "${1:?usage: $0 BUILD_FOLDER [SAVE_TO]}")
save_to=${2:-}
work=$(mktemp -d)
root=$work/root
# Only this script sees the mounts below; they end with it.
if [[ -z ${TARE_OWN_MOUNTS:-} ]]; then
  rmdir "$work"
  exec env TARE_OWN_MOUNTS=1 unshare --mount "$0" "$@"
fi
trap 'umount -l "$root/proc" "$root/dev" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT

cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/package" >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "cpack fails"; }
package=$(compgen -G "$work/package/*.deb")
dpkg-deb --info "$package"
[[ -z "$save_to" ]] || cp "$package" "$save_to"

# The archive from which this machine's apt gets libc.
# shellcheck source=/dev/null
. /etc/os-release
# shellcheck disable=SC2016  # apt-get expands them.
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(SITE)' "Created-By: Packages" |
  awk -v suite="$VERSION_CODENAME" '$1 == suite && $2 == "main" {print $3; exit}')
[[ -n "$mirror" ]] || fail "apt has no archive of $VERSION_CODENAME; run apt-get update"
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy
debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "$mirror" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; fail "debootstrap fails"; }

cp -r /etc/apt/. "$root/etc/apt/"
cp /etc/resolv.conf "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp "$package" "$root/tmp/tare.deb"
cp "$0" "$root/tmp/script"
chroot "$root" sh -c 'apt-get update && apt-get install -y --no-install-recommends /tmp/tare.deb' \
  >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; fail "the package does not install"; }
chroot "$root" bash /tmp/script --inside
chroot "$root" dpkg --remove tare >/dev/null
[[ ! -e "$root/usr/share/tare" ]] || fail "/usr/share/tare is left behind"
echo "debian_package: $(basename "$package") works in a fresh $VERSION_CODENAME"
