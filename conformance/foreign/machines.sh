#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The machines we build for beside amd64. Sourced.

FOREIGN_MACHINES=(armhf i386 s390x arm64 riscv64)
FOREIGN_PACKAGES=(qemu-user g++-aarch64-linux-gnu g++-arm-linux-gnueabihf g++-i686-linux-gnu g++-riscv64-linux-gnu
                  g++-s390x-linux-gnu)

# machine_names MACHINE: the prefix of its compilers, its processor for CMake, its name for qemu. i386 runs
# on an amd64 processor as it is.
machine_names() {
  case "$1" in
    armhf) echo arm-linux-gnueabihf armv7l arm ;;
    i386) echo i686-linux-gnu i686 - ;;
    s390x) echo s390x-linux-gnu s390x s390x ;;
    arm64) echo aarch64-linux-gnu aarch64 aarch64 ;;
    riscv64) echo riscv64-linux-gnu riscv64 riscv64 ;;
    amd64) echo x86_64-linux-gnu x86_64 - ;;
    *) return 1 ;;
  esac
}
