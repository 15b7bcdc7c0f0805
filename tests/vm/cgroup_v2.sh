#!/usr/bin/env bash
# Runs the tests of memory limits under a kernel with cgroup version 2, in a virtual machine. Most
# machines have their memory controller in only one version, and tests must cover both.
#   usage: tests/vm/cgroup_v2.sh BUILD_FOLDER
# The machine is emulated, so it also runs without KVM, but slowly. Needs qemu-system-x86_64,
# busybox (static), mke2fs and cpio. The kernel is the distribution's own, downloaded once into
# ${XDG_CACHE_HOME:-~/.cache}/tare/kernel. Exit status 0: every test passed.
set -euo pipefail

build=$(realpath "${1:?usage: $0 BUILD_FOLDER}")
tests=$build/bin/tare_bench_test
worker=$build/bin/tare_fake_worker
seconds=900
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tare/kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "cgroup_v2: $*" >&2
  exit 1
}

# Unpacks a kernel for virtual machines into the cache.
get_kernel() {
  local name package part=$work/kernel
  for name in linux-image-cloud-amd64 linux-image-virtual; do
    package=$(apt-cache depends "$name" 2>/dev/null |
      awk '$1 == "Depends:" && $2 ~ /^linux-image-/ {print $2; exit}')
    [[ -z "$package" ]] || break
  done
  [[ -n "$package" ]] || fail "the distribution offers neither linux-image-cloud-amd64 nor linux-image-virtual"
  mkdir -p "$part/deb"
  (cd "$part/deb" && apt-get -q download "$package" "${package/image/modules}" >/dev/null 2>&1 ||
    apt-get -q download "$package" >/dev/null 2>&1) || fail "$package could not be downloaded"
  for name in "$part"/deb/*.deb; do dpkg -x "$name" "$part/root"; done
  mkdir -p "$(dirname "$cache")"
  rm -rf "$cache"
  mv "$part/root" "$cache"
}

compgen -G "$cache/boot/vmlinuz-*" >/dev/null || get_kernel
kernel=$(compgen -G "$cache/boot/vmlinuz-*" | head -n 1)

# The disk contains the programs, their libraries, and room for mapped files.
disk=$work/disk
mkdir -p "$disk"/{bin,etc,proc,sys,dev,tmp,run}
cp "$(command -v busybox)" "$disk/bin/busybox"
for program in "$tests" "$worker"; do
  mkdir -p "$disk$(dirname "$program")"
  cp "$program" "$disk$program"
  ldd "$program" | grep -oE '/[^ ]+' | while read -r library; do
    mkdir -p "$disk$(dirname "$library")"
    cp -n "$library" "$disk$library"
  done
done

# Runs the tests in the root cgroup, then alone in a child cgroup that has the memory controller.
cat >"$disk/bin/run-tests" <<RUN
#!/bin/busybox sh
export PATH=/bin HOME=/tmp TMPDIR=/tmp TEST_TMPDIR=/tmp
run() {
  $tests --gtest_color=no --gtest_filter="\$2"
  echo "vm: \$1 exit \$?"
}
run root 'MemoryLimitTest.*:RequiredTest.*:RunnerLimitsTest.*'
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/delegated
echo 0 >/sys/fs/cgroup/delegated/cgroup.procs
run delegated 'MemoryLimitTest.*'
RUN
echo vm >"$disk/etc/hostname"

# The initial file system loads the disk's modules, if the kernel has them as modules, and switches
# to the disk.
first=$work/first
mkdir -p "$first"/{bin,modules,proc,sys,dev,disk}
cp "$(command -v busybox)" "$first/bin/busybox"
loaded=()
for module in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do
  file=$(find "$cache" -name "$module.ko" | head -n 1)
  [[ -n "$file" ]] || continue
  cp "$file" "$first/modules/"
  loaded+=("$module")
done
cat >"$first/init" <<INIT
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
# In rounds, because a module can be loaded only after those that it needs.
for round in 1 2 3 4 5; do
  for module in ${loaded[*]}; do /bin/busybox insmod /modules/\$module.ko 2>/dev/null; done
done
/bin/busybox mount -t ext4 /dev/vda /disk || /bin/busybox poweroff -f
/bin/busybox mount -t proc proc /disk/proc
/bin/busybox mount -t sysfs sys /disk/sys
/bin/busybox mount -t devtmpfs dev /disk/dev
/bin/busybox mount -t cgroup2 cgroup /disk/sys/fs/cgroup
/bin/busybox chroot /disk /bin/busybox sh /bin/run-tests
/bin/busybox poweroff -f
INIT
chmod +x "$first/init" "$disk/bin/run-tests"
(cd "$first" && find . | cpio --quiet -o -H newc) >"$work/first.cpio"
mke2fs -q -t ext4 -d "$disk" "$work/disk.img" 2G

timeout "$seconds" qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 3G -nographic -no-reboot \
  -kernel "$kernel" -initrd "$work/first.cpio" -append "console=ttyS0 loglevel=1 panic=-1 cgroup_no_v1=all" \
  -drive "file=$work/disk.img,format=raw,if=virtio" -net none </dev/null | tee "$work/console"
for place in root delegated; do
  grep -q "vm: $place exit 0" "$work/console" || fail "tests failed in the $place cgroup"
done
! grep -q 'SKIPPED' "$work/console" || fail "tests were skipped"
