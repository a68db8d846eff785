#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What pkg/install_test.sh does on a clean Debian:   install_test_steps.sh FOLDER
#
# FOLDER has the packages and, perhaps, the wheel of freevisa, and PyVISA's for it. Each thing tried is a line "PASS: ...", "FAIL: ..." or "skipped: ...".
# Changes the system it runs on. STEP_LIMIT: the seconds that a step may take, 300 if left out.
set -u
FOLDER=$1
WORK=$(mktemp -d)
cd "$WORK" || exit 1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
case $(dpkg --print-architecture) in
  amd64) LIBRARY_FOLDER=/usr/lib/x86_64-linux-gnu ;;
  arm64) LIBRARY_FOLDER=/usr/lib/aarch64-linux-gnu ;;
  armhf) LIBRARY_FOLDER=/usr/lib/arm-linux-gnueabihf ;;
  riscv64) LIBRARY_FOLDER=/usr/lib/riscv64-linux-gnu ;;
esac

# try WHAT COMMAND...: runs it and reports; a failure shows the end of what it printed.
try() {
  local what=$1
  shift
  if timeout "${STEP_LIMIT:-300}" "$@" >"$WORK/out" 2>&1; then
    echo "PASS: $what"
  else
    echo "FAIL: $what (exit $?)"
    tail -15 "$WORK/out"
    return 1
  fi
}
get() { apt-get install -y -qq --no-install-recommends "$@" >"$WORK/apt" 2>&1 || { tail -5 "$WORK/apt"; return 1; }; }

# ours: every file whose name says that it is ours, and what the loader's cache lists.
ours() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /src -o -path /build -o -path /tmp -o -path "$WORK" \
    -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o -path /usr/share/doc/python3-pyvisa \) -prune -o \
    -ipath '*visa*' -print 2>/dev/null | grep -v '/pyvisa\|python3-pyvisa\|/dist-packages/\|/systemd/' | sort
  find /run/lock /var/lib/dpkg/info -ipath '*freevisa*' -o -ipath '*libvisa*' | sort
  ldconfig -p | grep -i visa
}
bench() {
  freevisa sim --port 0 --config-out "$WORK/bench.toml" >"$WORK/bench.log" 2>&1 &
  BENCH=$!
  for _ in $(seq 300); do
    grep -qx ready "$WORK/bench.log" && return 0
    kill -0 "$BENCH" 2>/dev/null || break
    sleep 0.1
  done
  cat "$WORK/bench.log"
  return 1
}
end_bench() {
  kill "$BENCH"
  wait "$BENCH" 2>/dev/null
}

cat >idn.py <<'END'
import os, sys, pyvisa
rm = pyvisa.ResourceManager(*sys.argv[2:])
path = os.path.realpath(str(rm.visalib.library_path))
print(pyvisa.__version__, path, rm.list_resources("?*")[:2])
assert path == os.path.realpath(sys.argv[1]), path
answer = rm.open_resource("dmm", read_termination="\n").query("*IDN?")
print(answer)
assert answer.startswith("FreeVISA,"), answer
END
cat >demo.c <<'END'
#include <stdio.h>
#include <visa.h>
int main(void) {
  ViSession rm, vi;
  char text[256] = "";
  if (viOpenDefaultRM(&rm) < VI_SUCCESS || viOpen(rm, "dmm", VI_LOAD_CONFIG, 2000, &vi) < VI_SUCCESS) return 1;
  viSetAttribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  if (viQueryf(vi, "*IDN?\n", "%255[^\n]", text) < VI_SUCCESS) return 2;
  puts(text);
  return text[0] != 'F';
}
END

cat >other.c <<'END'
#include <string.h>
int viOpenDefaultRM(unsigned *vi) { return (int)(*vi = 0); }
int viGetAttribute(unsigned vi, unsigned attribute, void *value) {
  (void)vi;
  if (attribute == 0xBFFF0174u) strcpy(value, "Another Vendor");
  if (attribute == 0x3FFF0003u) *(unsigned *)value = 0x00700000u;
  return 0;
}
END

ours >before
apt-get update -qq >/dev/null 2>&1 || echo "skipped: apt-get update failed"
if try "the packages are installed together with Debian's PyVISA" apt-get install -y -qq --no-install-recommends \
  "$FOLDER"/*.deb python3-pyvisa; then
  dpkg-query -W '*visa*' python3 libc6 libusb-1.0-0 2>/dev/null
  bench || echo "FAIL: the bench does not start"
  export FREEVISA_CONFIG=$WORK/bench.toml
  try "pyvisa.ResourceManager() without an argument is FreeVISA" /usr/bin/python3 idn.py "$LIBRARY_FOLDER/libvisa.so.1"
  cat out
  try "freevisa query" sh -c 'freevisa query dmm "*IDN?" | grep ^FreeVISA'
  try "freevisa info names the library of the package" sh -c "freevisa info | grep -F '${LIBRARY_FOLDER#/usr}/libvisa.so.1'"
  try "the module for secure connections loads" /usr/bin/python3 -c \
    "import ctypes; ctypes.CDLL('$LIBRARY_FOLDER/freevisa-modules/tls.so')"
  try "each command has the manual page that it would print" sh -c 'mkdir pages && freevisa manual --folder pages && ls pages | grep -q . &&
    for page in pages/*; do zcat "/usr/share/man/man1/$(basename "$page").gz" | cmp - "$page" || exit 1; done'
  try "the completion of bash and zsh is in its place" sh -c 'freevisa completion bash | cmp - /usr/share/bash-completion/completions/freevisa &&
    freevisa completion zsh | cmp - /usr/share/zsh/vendor-completions/_freevisa'
  try "no RUNPATH in the command" sh -c '! grep -aq "ORIGIN/" /usr/bin/freevisa'
  if get gcc libc6-dev pkg-config; then
    try "a C program is built by pkg-config" sh -c 'gcc demo.c -o demo $(pkg-config --cflags --libs visa)'
    try "and runs" ./demo
    try "a program linked by -lvisa runs" sh -c 'gcc demo.c -o linked -lvisa && ./linked'
    try "a program that asks for libvisa.so runs" /usr/bin/python3 -c "import ctypes; ctypes.CDLL('libvisa.so').viOpenDefaultRM"
    try "a program that asks for librsvisa.so runs" /usr/bin/python3 -c "import ctypes; ctypes.CDLL('librsvisa.so').viOpenDefaultRM"
    # Another vendor's VISA beside ours: as NI's, whose SONAME has no number, and one with a higher number.
    for name in libvisa.so libvisa.so.7; do
      gcc -shared -fPIC other.c "-Wl,-soname,$name" -o /usr/local/lib/$name.23 && ldconfig
      try "freevisa info lists $name of another vendor" sh -c "freevisa info | grep '/usr/local/lib/$name.*Another Vendor 7.0.0'"
      case $name in
        libvisa.so) first=${LIBRARY_FOLDER#/usr}/libvisa.so.1 ;; # as the cache has it
        *) first=/usr/local/lib/$name ;;
      esac
      try "and says that PyVISA takes $first" sh -c "freevisa info | grep '$first.*PyVISA'"
      try "as it does" /usr/bin/python3 -c "import os; from pyvisa.ctwrapper.cthelper import find_library
assert os.path.realpath(find_library('visa')) == os.path.realpath('$first'), find_library('visa')"
      rm /usr/local/lib/$name* && ldconfig
    done
  else
    echo "skipped: no C compiler could be installed"
  fi
  end_bench
  try "the packages are purged" apt-get purge -y -qq libvisa1 libvisa1-tls libfreevisa-dev freevisa freevisa-common freevisa-compat
  ours >after
  try "nothing is left" diff before after
fi

WHEEL=$(ls "$FOLDER"/freevisa-*.whl 2>/dev/null | head -1)
if [ -n "$WHEEL" ]; then
  if get python3-venv && python3 -m venv venv && venv/bin/pip install --quiet --find-links "$FOLDER" \
    pyvisa >pip.log 2>&1; then
    try "the wheel is installed without root" venv/bin/pip install --quiet --no-deps "$WHEEL"
    PATH=$WORK/venv/bin:$PATH bench || echo "FAIL: the wheel's bench does not start"
    export FREEVISA_CONFIG=$WORK/bench.toml HOME=$WORK
    library=$(venv/bin/python -c 'import freevisa; print(freevisa.library_path())')
    try "pyvisa.ResourceManager('@freevisa')" venv/bin/python idn.py "$library" @freevisa
    cat out
    try "freevisa pyvisa-default" venv/bin/freevisa pyvisa-default
    try "pyvisa.ResourceManager() is then the wheel's" venv/bin/python idn.py "$library"
    try "freevisa pyvisa-default --off" venv/bin/freevisa pyvisa-default --off
    try "the wheel's freevisa setup --print" sh -c 'venv/bin/freevisa setup --print | grep -F /run/lock/freevisa'
    end_bench
  else
    echo "skipped: the wheel: PyVISA could not be installed by pip: $(tail -1 pip.log 2>/dev/null)"
  fi
fi
echo "end of the steps"
