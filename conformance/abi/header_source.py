# SPDX-License-Identifier: MIT
"""Makes one source file that compiles (as C or C++) only if the headers say what the sheets say.

A wrong value stops at an #error or a negative array size that carries the name; a wrong type is a
conflicting declaration, because every type and function is declared a second time from the sheet.
"""
import re

import spec_facts

# Rows of types.tsv that are macros: what the file must say about each of them.
MACROS = {
    "_VI_FUNC": "", "_VI_FUNCC": "", "_VI_FUNCH": "", "_VI_FAR": "", "_VI_PTR": "",
    "_VI_SIGNED": "", "VISAFN": "", "ViPtr": "", "__VISATYPE_HEADER__": "", "__VISA_HEADER__": "",
    "_VI_INT64_UINT64_DEFINED": "", "_VI_CONST_STRING_DEFINED": "",
    "_VI_ERROR": "(-2147483647L-1)", "VI_SUCCESS": "0L",
    "VI_VERSION_MAJOR(v) / _MINOR / _SUBMINOR": None, "VI_NULL VI_TRUE VI_FALSE": None,
    "viGetDefaultRM(vi)": None, "VI_SPEC_VERSION": None, "_VISA_ENV_IS_64_BIT": None,
}
# Rows that describe what other headers have and ours leaves out, or whole headers.
NOT_OURS = {"VI_PTR_DECL", "_VI_CONST_STRING_PARAMS", "NIVISA_PEEKPOKE", "NIVISA_PXI / PXISAVISA_PXI",
            "NIVISA_USB", 'extern "C"', "#pragma EnableLibraryRuntimeChecking", "vpptype.h",
            "IviVisaType.h"}

PROLOGUE = """\
/* Generated from conformance/spec by conformance/abi/header_source.py. */
%(includes)s
#ifdef __cplusplus
extern "C" {
#endif
#define SIZE_IS(type, size) extern char check_size_##type[sizeof(type) == (size) ? 1 : -1]
#define HOLDS(name, condition) extern char check_##name[(condition) ? 1 : -1]
"""

# What the sheets say in words only.
FIXED = """\
HOLDS(major, VI_VERSION_MAJOR(0x00700201UL) == 7);
HOLDS(minor, VI_VERSION_MINOR(0x00700201UL) == 2);
HOLDS(subminor, VI_VERSION_SUBMINOR(0x00700201UL) == 1);
HOLDS(word_size, (sizeof(void *) == 8) == CHECK_64_BIT);
ViStatus (*check_old_name)(ViPSession) = &viGetDefaultRM;
ViStatus check_old_call(ViPSession vi);
ViStatus check_old_call(ViPSession vi) { return viGetDefaultRM(vi); }
#ifndef viGetDefaultRM
#error viGetDefaultRM is no macro
#endif
HOLDS(VI_ON, VI_ON == 1);
HOLDS(VI_OFF, VI_OFF == 0);
"""


def value_is(name, value):
    return ["#if !defined(%s)" % name, "#error %s is missing" % name,
            "#elif (%s) != (%s)" % (name, value), "#error %s has the wrong value" % name, "#endif"]


def literal(number):
    return "%dUL" % number if number > 0x7FFFFFFF else "%dL" % number


def type_lines(row):
    name, text = row["name"], row["lp64_linux"]
    if name in NOT_OURS or row["kind"] == "compat macro" and "," in name:
        return []  # a list of aliases: their values stand in constants.tsv
    if name in MACROS:
        value = MACROS[name]
        if value is None:
            return []
        if value:
            return value_is(name, value)
        return ["#ifndef %s" % name, "#error %s is missing" % name, "#endif"]
    lines = []
    size = row["size_bytes"]
    for one in re.split(r",\s*", name):
        if row["kind"] == "function pointer":
            spelt = text.replace("(*)", "(*%s)")
            lines.append("extern %s;" % (spelt % ("check_" + one)))
        else:
            spelt = re.sub(r"\s*\(.*", "", text)  # "ViChar * (ViPChar)": the first spelling
            if spelt == "u_int64_t":
                spelt = "CHECK_UINT64"
            elif spelt == "int64_t":
                spelt = "CHECK_INT64"
            elif row["kind"] == "scalar" and size == "8/4/8":
                spelt = "CHECK_WORD"
            if row["kind"] == "scalar" and row["win32"].endswith(" long"):
                # `long` wherever that has 32 bits, as on Windows.
                lines += ["#if CHECK_64_BIT", "extern %s check_%s;" % (spelt, one), "#else",
                          "extern %s check_%s;" % (row["win32"], one), "#endif"]
            else:
                lines.append("extern %s check_%s;" % (spelt, one))
        lines.append("extern %s check_%s;" % (one, one))
        if size == "8/4/8":
            lines.append("SIZE_IS(%s, sizeof(void *));" % one)
        elif size.isdigit():
            lines.append("SIZE_IS(%s, %s);" % (one, size))
    return lines


def attribute_lines(row):
    name, code = row["name"], row["code"]
    twins = re.fullmatch(r"32-bit (0x\w+) / 64-bit (0x\w+)", code)
    if not twins:
        return value_is(name, code + "UL")
    return (["#if CHECK_64_BIT"] + value_is(name, twins[2] + "UL") + ["#else"] +
            value_is(name, twins[1] + "UL") + ["#endif"])


def constant_lines(row):
    if row["name"] == "VI_SPEC_VERSION":
        return value_is(row["name"], row["hex"] + "UL")
    return value_is(row["name"], literal(int(row["value"])))


def status_lines(row):
    name = row["name"]
    return value_is(name, row["signed_decimal"] + "L") + [
        "HOLDS(%s, (ViStatus)(%s) == (ViStatus)%sL);" % (name, name, row["signed_decimal"])]


def function_lines(function):
    arguments = function.arguments
    return ["%s %s (%s)(%s);" % (function.result, function.convention, function.name, arguments),
            "%s (%s *check_%s)(%s) = &%s;" % (function.result, function.convention, function.name,
                                              arguments, function.name)]


def source(spec_dir, includes, change=None):
    """The text of the source. `change(sheet, rows)` may alter rows first: the test's own proof that
    it can fail."""
    sheets = {}
    for name in ("types", "constants", "attributes", "status_codes", "functions"):
        sheets[name] = spec_facts.sheet(spec_dir, name)
        if change:
            change(name, sheets[name])
    lines = [PROLOGUE % {"includes": "\n".join("#include <%s>" % i for i in includes)}]
    lines += ["#include <limits.h>", "#if LONG_MAX > 0x7FFFFFFFL", "#define CHECK_64_BIT 1",
              "#define CHECK_UINT64 unsigned long", "#define CHECK_INT64 long", "#else",
              "#define CHECK_64_BIT 0",
              "typedef unsigned int CHECK_UINT64 __attribute__((__mode__(__DI__)));",
              "typedef int CHECK_INT64 __attribute__((__mode__(__DI__)));", "#endif",
              "#if CHECK_64_BIT", "#define CHECK_WORD ViUInt64", "#else",
              "#define CHECK_WORD ViUInt32", "#endif",
              "#if CHECK_64_BIT != defined(_VISA_ENV_IS_64_BIT)",
              "#error _VISA_ENV_IS_64_BIT is wrong", "#endif"]
    for row in sheets["types"]:
        lines += type_lines(row)
    for row in sheets["constants"]:
        lines += constant_lines(row)
    for row in sheets["attributes"]:
        lines += attribute_lines(row)
    for row in sheets["status_codes"]:
        lines += status_lines(row)
    for row in sheets["functions"]:
        lines += function_lines(spec_facts.Function(row))
    return "\n".join(lines) + "\n" + FIXED + "#ifdef __cplusplus\n}\n#endif\n"


def driver_codes(spec_dir):
    """The rows of status_codes.tsv that are vpptype.h's: no VISA has them in its visa.h."""
    return [row for row in spec_facts.sheet(spec_dir, "status_codes")
            if row["status"].startswith("driver")]


def as_drivers_write_it(row):
    """A driver's code as the VXIplug&play file of 1995, and drivers that repeat it, write it: the
    compiler takes a second definition silently only where it has the same tokens and spaces."""
    number = int(row["hex"], 16)
    if number & 0x80000000:
        return "(_VI_ERROR+0x%08XL)" % (number & 0x7FFFFFFF)
    return "(          0x%08XL)" % number


def without_driver_codes(spec_dir, includes):
    """A program that includes no vpptype.h, has driver codes of its own and means others by them."""
    lines = ["#include <%s>" % include for include in includes]
    for row in driver_codes(spec_dir):
        lines.append("#define %s (77L)" % row["name"])
    lines += ["#define VI_ON 5", "#define VI_OFF 6", "extern int check_program;"]
    return "\n".join(lines) + "\n"


def repeated_codes(spec_dir, includes):
    """A driver that includes both headers and repeats the driver codes and some of VISA."""
    lines = ["#include <%s>" % include for include in includes]
    for row in driver_codes(spec_dir):
        lines.append("#define %s %s" % (row["name"], as_drivers_write_it(row)))
    lines += ["#define _VI_ERROR (-2147483647L-1)", "#define VI_NULL (0)", "#define VI_TRUE (1)",
              "#define VI_ERROR_TMO (_VI_ERROR+0x3FFF0015L)", "#define VI_SUCCESS (0L)",
              "#define VI_SUCCESS_MAX_CNT (0x3FFF0006L)", "extern int check_driver;"]
    return "\n".join(lines) + "\n"


def known_names(spec_dir):
    """Every VI_ macro and Vi type the sheets know: the headers may define no other."""
    macros = {"VI_ON", "VI_OFF", "VI_VERSION_MAJOR", "VI_VERSION_MINOR", "VI_VERSION_SUBMINOR"}
    for name in ("constants", "attributes", "status_codes"):
        macros |= {row["name"] for row in spec_facts.sheet(spec_dir, name)}
    types = set()
    for row in spec_facts.sheet(spec_dir, "types"):
        types |= set(re.split(r",\s*", row["name"]))
    return macros, types
