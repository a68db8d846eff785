# SPDX-License-Identifier: MIT
"""elf_test.py exports|needed|soname|flags|hardening|statics LIBRARY SPEC_DIR STATIC_LIBSTDCXX

What the file libvisa.so shows the loader, against the sheets and the pinned list of architecture 0.
"""
import os
import re
import shutil
import subprocess
import sys

import spec_facts

NEEDED = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libusb-1.0.so.0", "libserialport.so.0",
          "libresolv.so.2"}
LOADER = re.compile(r"ld-linux.*\.so\.\d+$")


def output(*command):
    if not shutil.which(command[0]):
        spec_facts.skip(command[0] + " is not installed")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def exports(library, spec_dir, _static):
    wanted = spec_facts.exported_names(spec_dir)
    symbols = [line.split() for line in output("nm", "-D", "--defined-only", library).splitlines()]
    found = {fields[-1] for fields in symbols}
    kinds = {fields[-2] for fields in symbols}
    print("%d exported, %d wanted" % (len(symbols), len(wanted)))
    if len(wanted) != 107:
        sys.exit("functions.tsv holds %d functions to export, not 107" % len(wanted))
    if found != wanted or len(symbols) != len(wanted):
        sys.exit("missing: %s\nnot in the sheet: %s" %
                 (sorted(wanted - found), sorted(found - wanted)))
    if kinds != {"T"}:
        sys.exit("symbols that are no plain functions: %s" % sorted(kinds))


def needed(library, _spec_dir, static):
    found = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", library))
    print("needs " + " ".join(found))
    allowed = set(NEEDED) if static else NEEDED | {"libstdc++.so.6"}
    extra = [name for name in found if name not in allowed and not LOADER.match(name)]
    if extra:
        sys.exit("not in the pinned list: " + " ".join(extra))
    if "libgcc_s.so.1" not in found:
        sys.exit("libgcc_s must stay shared: forced unwinding through two copies aborts the process")


def module(library, _spec_dir, _static):
    """The TLS module: it alone needs OpenSSL, and shows one symbol."""
    shown = [line.split()[-1] for line in output("nm", "-D", "--defined-only", library).splitlines()]
    dynamic = output("readelf", "-d", library)
    found = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    print("shows %s, needs %s" % (shown, " ".join(found)))
    if shown != ["freevisa_tls_table"]:
        sys.exit("it shows more than its table")
    if not any(name.startswith("libssl.so.") for name in found):
        sys.exit("it is not linked with OpenSSL")
    if any(name.startswith("libvisa") for name in found):
        sys.exit("it needs the library that opens it")
    if "NODELETE" not in dynamic or re.search(r"\((RPATH|RUNPATH|TEXTREL)\)", dynamic):
        sys.exit("it can be unloaded, or a search path or text relocation is left:\n" + dynamic)


def soname(library, _spec_dir, _static):
    found = re.findall(r"\(SONAME\).*\[(.*)\]", output("readelf", "-d", library))
    if found != ["libvisa.so.1"]:
        sys.exit("the SONAME is %s" % found)
    real = os.path.realpath(library)
    folder = os.path.dirname(library)
    if not re.fullmatch(r"libvisa\.so\.1\.\d+\.\d+", os.path.basename(real)):
        sys.exit("the file is called " + real)
    for name in ("libvisa.so", "libvisa.so.1"):
        if os.path.realpath(os.path.join(folder, name)) != real:
            sys.exit("%s does not lead to %s" % (name, real))


def flags(library, _spec_dir, _static):
    dynamic = output("readelf", "-d", library)
    if "NODELETE" not in dynamic:
        sys.exit("the library can be unloaded while its threads run")
    if re.search(r"\((RPATH|RUNPATH|TEXTREL)\)", dynamic):
        sys.exit("a search path or text relocation is left:\n" + dynamic)
    # Room for thread-local data of libraries that are loaded late is small and shared by all of them.
    if "STATIC_TLS" in dynamic:
        sys.exit("thread-local data must find room in that of the program")
    sizes = [int(size, 16) for size in re.findall(
        r"^\s+TLS(?:\s+0x[0-9a-f]+){4}\s+(0x[0-9a-f]+)", output("readelf", "-lW", library), re.M)]
    print("bytes of thread-local data: %s" % sizes)
    if len(sizes) != 1 or sizes[0] > 1024:
        sys.exit("each thread of a program pays for more than 1 KiB, or the size was not found")
    if re.search(r"\(VERDEF\)", dynamic):
        sys.exit("a symbol version would mark every client")


def exported(library):
    return {line.split()[-1] for line in output("nm", "-D", "--defined-only", library).splitlines()}


def hardening(library, _spec_dir, _static):
    """What the flags of cmake/Hardening.cmake leave in the file."""
    segments = output("readelf", "-lW", library)
    dynamic = output("readelf", "-d", library)
    if "GNU_RELRO" not in segments or not re.search(r"BIND_NOW|\bNOW\b", dynamic):
        sys.exit("the tables of functions stay writable")
    if re.search(r"GNU_STACK.*\bRWE\b", segments):
        sys.exit("the stack is executable")
    wanted = output("nm", "-D", "--undefined-only", library)
    if "__stack_chk_fail" not in wanted:
        sys.exit("no stack protector")
    checked = re.findall(r" (__\w+_chk)\b", wanted)
    if not checked:
        sys.exit("no call is fortified")
    print("fortified: " + " ".join(checked))
    if "viOpen" in exported(library) and re.search(r"Machine:.*X86-64", output("readelf", "-h", library)):
        code = output("objdump", "-d", "--disassemble=viOpen", library)
        if "endbr64" not in code:
            sys.exit("viOpen does not begin with a landing pad of CET")


def statics(library, _spec_dir, _static):
    """Threads of the program may still be inside the library while exit() destroys its statics."""
    build = os.path.dirname(os.path.realpath(library))
    objects = [os.path.join(folder, name) for part in ("lib", "drivers")
               for folder, _, names in os.walk(os.path.join(build, part))
               for name in names if name.endswith(".o") and ".dir" in folder]
    if len(objects) < 50:
        sys.exit("only %d object files under %s" % (len(objects), build))
    found = output("nm", "-A", "--undefined-only", *objects)
    guilty = [line.split(":")[0] for line in found.splitlines() if line.endswith(" __cxa_atexit")]
    print("%d object files" % len(objects))
    if guilty:
        sys.exit("a static is destroyed at exit (use NoDestructor): " + " ".join(guilty))


CHECKS = {"exports": exports, "needed": needed, "soname": soname, "flags": flags,
          "hardening": hardening, "statics": statics, "module": module}
CHECKS[sys.argv[1]](sys.argv[2], sys.argv[3], sys.argv[4].upper() in ("ON", "TRUE", "1"))
