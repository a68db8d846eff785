#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs of another kind of machine, run as if this were one:   emulated.sh MACHINE QEMU COMMAND...
#
# COMMAND may be of this machine, or a chroot into a system of MACHINE: whatever program of MACHINE it starts, at any depth,
# the kernel hands to QEMU, a static qemu-user. This holds in a user namespace of its own, which from Linux 6.7 on has a
# binfmt_misc of its own: nothing is registered for the rest of this computer. Sourced, it gives the functions.
#
# Needs root, for a namespace with all users of a system.

# emulated_magic MACHINE: what the head of its programs says: 1 for 32 bits or 2 for 64, and the number of the processor.
emulated_magic() {
  case "$1" in
    armhf) echo 01 28 ;;
    arm64) echo 02 b7 ;;
    riscv64) echo 02 f3 ;;
    *) return 1 ;;
  esac
}

# emulated_missing: says why it cannot be done; nothing when it can.
emulated_missing() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "needs root: the namespace has all users of a system"
  elif ! grep -q '\<binfmt_misc$' /proc/filesystems && ! modprobe -q binfmt_misc; then
    echo "this kernel has no binfmt_misc"
  elif ! emulated_namespace true 2>/dev/null; then
    echo "this machine does not give a user namespace a binfmt_misc of its own (Linux 6.7)"
  fi
}

# emulated_namespace COMMAND...: runs it as root of new user, mount and process namespaces with an empty binfmt_misc.
emulated_namespace() {
  local ready
  ready=$(mktemp -u) && mkfifo "$ready" || return 1
  unshare --user sh -c 'read -r _ <"$0"; exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    sh -c "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && exec \"\$@\"" sh "$@"' "$ready" "$@" <&0 &
  local child=$!
  # Its users are those of this system. They can be told once it is in its namespace and opens the pipe.
  if timeout 20 sh -c 'exec 3>"$1" && echo "0 0 65536" >"/proc/$2/gid_map" && echo "0 0 65536" >"/proc/$2/uid_map" && echo >&3' \
    sh "$ready" "$child"; then
    rm "$ready"
    wait "$child"
  else
    rm "$ready"
    kill "$child" 2>/dev/null
    return 1
  fi
}

# emulated MACHINE QEMU COMMAND...
emulated() {
  local machine=$1 qemu=$2 width number zeros ones
  shift 2
  zeros=$(printf '\\x00%.0s' 1 2 3 4 5 6 7 8 9)
  ones=$(printf '\\xff%.0s' 1 2 3 4 5 6 7)
  read -r width number <<<"$(emulated_magic "$machine")"
  # F: the emulator is opened now, so that a chroot need not have it.
  emulated_namespace sh -c 'printf "%s" "$0" >/proc/sys/fs/binfmt_misc/register && exec "$@"' \
    ":qemu-$machine:M::\\x7fELF\\x$width\\x01\\x01$zeros\\x02\\x00\\x$number\\x00:$ones\\x00$ones\\xff\\xfe\\xff\\xff\\xff:$qemu:F" "$@"
}

# By itself.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  emulated "$@"
fi
