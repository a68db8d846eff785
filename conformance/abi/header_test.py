# SPDX-License-Identifier: MIT
"""header_test.py INCLUDE_DIR SPEC_DIR COMPILER LANGUAGE STANDARD [--32bit] [--prove]

Compiles the checks of header_source.py, -pedantic -Werror, and programs that define driver codes of
their own, which no VISA has in its visa.h. --prove changes one fact of each kind and wants the
compiler to refuse every one of them. LANGUAGE `names` reads the headers' own definitions instead and
refuses one that no sheet knows.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import header_source
import spec_facts

HEADERS = ("visatype.h", "vpptype.h", "visa.h", "IviVisaType.h")
WARNINGS = ["-pedantic", "-Werror", "-Wall", "-Wextra"]


def compile_text(arguments, text, folder):
    suffix = ".c" if arguments["language"] == "c" else ".cpp"
    path = os.path.join(folder, "check" + suffix)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    command = [arguments["compiler"], "-x", arguments["language"], "-std=" + arguments["standard"],
               *WARNINGS, "-I", arguments["include"]]
    if arguments["narrow"]:
        # Without the 32-bit C library only its list of missing functions is not there; an empty
        # one serves a compilation that is never linked.
        os.makedirs(os.path.join(folder, "stub", "gnu"), exist_ok=True)
        open(os.path.join(folder, "stub", "gnu", "stubs-32.h"), "w", encoding="utf-8").close()
        command += ["-m32", "-idirafter", os.path.join(folder, "stub")]
    command += ["-c", path, "-o", os.path.join(folder, "check.o")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def alterations():
    """(what, change) pairs: each makes one fact of the sheets wrong."""
    def alter(sheet, name, column, value):
        def change(which, rows):
            if which == sheet:
                next(row for row in rows if row["name"] == name)[column] = value
        return change
    yield "a constant", alter("constants", "VI_GPIB_REN_ASSERT_LLO", "value", "5")
    yield "an attribute", alter("attributes", "VI_ATTR_TERMCHAR", "code", "0x3FFF0019")
    yield "a twin", alter("attributes", "VI_ATTR_WIN_SIZE", "code",
                          "32-bit 0x3FFF009C / 64-bit 0x3FFF009A")
    yield "a status", alter("status_codes", "VI_ERROR_TMO", "signed_decimal", "-1073807338")
    yield "a type", alter("types", "ViUInt32", "lp64_linux", "unsigned long")
    yield "a size", alter("types", "ViBoolean", "size_bytes", "1")
    yield "a pointer type", alter("types", "ViPAttrState", "lp64_linux", "ViAttrState *")
    yield "a prototype", alter("functions", "viReadSTB", "prototype",
                               "ViStatus viReadSTB(ViSession vi, ViPUInt8 status)")
    yield "a missing name", alter("constants", "VI_WIDTH_64", "name", "VI_WIDTH_128")


def check_names(include, spec_dir):
    macros, types = header_source.known_names(spec_dir)
    found_macros, found_types = set(), set()
    for header in HEADERS:
        with open(os.path.join(include, header), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.S)
        found_macros |= set(re.findall(r"^#\s*define\s+(VI_\w+)", text, re.M))
        found_types |= set(re.findall(r"^typedef[^;]*?\b(Vi\w+)\s*(?:__attribute__[^;]*)?;", text, re.M))
        found_types |= set(re.findall(r"^typedef[^;]*?_VI_PTR (Vi\w+)\)\(", text, re.M))
    print("%d macros, %d types" % (len(found_macros), len(found_types)))
    wrong = sorted(found_macros - macros) + sorted(found_types - types)
    if wrong or len(found_macros) < 500 or len(found_types) < 80:
        sys.exit("no sheet knows: " + " ".join(wrong))


def main():
    include, spec_dir, compiler, language, standard = sys.argv[1:6]
    if language == "names":
        return check_names(include, spec_dir)
    if not shutil.which(compiler):
        spec_facts.skip("the compiler %s is not installed" % compiler)
    arguments = {"include": include, "compiler": compiler, "language": language,
                 "standard": standard, "narrow": "--32bit" in sys.argv}
    with tempfile.TemporaryDirectory() as folder:
        if arguments["narrow"]:
            probe = compile_text(arguments, "#include <limits.h>\nextern int x;\n", folder)
            if probe.returncode != 0:
                spec_facts.skip("%s cannot compile with -m32: %s" % (compiler, probe.stderr[:200]))
        # Alone and first each header must stand; whichever order, together they must agree.
        for order in (("visa.h", "vpptype.h"), ("IviVisaType.h", "visatype.h", "visa.h", "vpptype.h"),
                      ("vpptype.h", "visa.h", "visa.h")):
            result = compile_text(arguments, header_source.source(spec_dir, order), folder)
            if result.returncode != 0:
                sys.exit("%s does not compile:\n%s" % (order, result.stderr[:4000]))
        for what, text in (
                ("a program with codes of its own",
                 header_source.without_driver_codes(spec_dir, ("visa.h", "visatype.h"))),
                ("a driver that repeats codes",
                 header_source.repeated_codes(spec_dir, ("visa.h", "vpptype.h"))),
                ("a driver that repeats codes",
                 header_source.repeated_codes(spec_dir, ("vpptype.h", "visa.h")))):
            result = compile_text(arguments, text, folder)
            if result.returncode != 0:
                sys.exit("%s does not compile:\n%s" % (what, result.stderr[:4000]))
        if "--prove" in sys.argv:
            for what, change in alterations():
                text = header_source.source(spec_dir, ("visa.h", "vpptype.h"), change)
                if compile_text(arguments, text, folder).returncode == 0:
                    sys.exit("the test does not notice %s that is wrong" % what)
                print("noticed: " + what)
    return None


main()
