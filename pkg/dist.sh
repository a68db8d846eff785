#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the source tarball:   pkg/dist.sh [FOLDER]     (FOLDER: build/dist if left out)
#
# FOLDER/freevisa-VERSION.tar.gz holds the files that git knows, as they are in this tree; the same tree gives the same
# bytes. Prints the path. From an unpacked tarball, where there is no git, it packs that tree.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-build/dist}")
version=$(sed -n 's/^project(FreeVISA VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
mkdir -p "$folder"

list() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files -z | while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done
  else
    find . \( -path ./build -o -path './build-*' -o -path ./debian -o -name __pycache__ \) -prune -o \
      \( -type f -o -type l \) -printf '%P\0'
  fi
}

# The time of the last commit, so that a second run gives the same bytes.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)}
list | LC_ALL=C sort -z |
  tar --create --format=gnu --transform "s,^,freevisa-$version/,S" --mtime="@$epoch" --owner=0 --group=0 \
    --numeric-owner --mode=u+rwX,go+rX,go-w --no-recursion --null --files-from=- |
  gzip -n -9 >"$folder/freevisa-$version.tar.gz"
echo "$folder/freevisa-$version.tar.gz"
