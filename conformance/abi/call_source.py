# SPDX-License-Identifier: MIT
"""call_source.py SPEC_DIR OUTPUT: the C89 part of the bad-handle test that calls every function.

For each function two callers: one passes room for every output, one passes null pointers (only where
the handle is bad, so that the handle must be found bad first).
"""
import sys

import spec_facts

# Type of a parameter to (argument with room, argument of nothing).
ROOM = {
    "ViPSession": "&room.object", "ViPFindList": "&room.object", "ViPEvent": "&room.object",
    "ViPEventType": "&room.number", "ViPUInt32": "&room.number", "ViPJobId": "&room.number",
    "ViPUInt16": "&room.small", "ViPInt16": "&room.sign", "ViAInt16": "room.signs",
    "ViPUInt8": "&room.byte", "ViPUInt64": "&room.wide", "ViPBusAddress": "&room.address",
    "ViPBusAddress64": "&room.wide", "ViPAddr": "&room.pointer", "ViChar *": "room.text",
    "void _VI_PTR": "room.text", "ViPBuf": "room.bytes", "ViAUInt8": "room.bytes",
    "ViAUInt16": "room.smalls", "ViAUInt32": "room.numbers", "ViAUInt64": "room.wides",
    "ViConstString": '""', "ViConstRsrc": '"TCPIP::localhost::1::SOCKET"',
    "ViConstKeyId": '"key"', "ViConstBuf": "room.bytes",
}
VALUES = {"ViUInt32", "ViUInt16", "ViInt16", "ViUInt8", "ViUInt64", "ViBusAddress",
          "ViBusAddress64", "ViBusSize", "ViAttr", "ViAttrState", "ViAccessMode", "ViJobId",
          "ViEventType", "ViEventFilter", "ViBoolean", "ViStatus", "ViUInt16"}
HANDLES = {"ViSession", "ViObject", "ViFindList"}

PROLOGUE = """\
/* Generated from conformance/spec/functions.tsv by conformance/abi/call_source.py. */
#include "bad_handle_calls.h"

static struct Room {
  ViObject object; ViUInt32 number; ViUInt16 small; ViInt16 sign; ViUInt8 byte; ViUInt64 wide;
  ViBusAddress address; ViAddr pointer; ViChar text[4096]; ViByte bytes[4096];
  ViInt16 signs[64]; ViUInt16 smalls[64]; ViUInt32 numbers[64]; ViUInt64 wides[64];
} room;

static ViStatus _VI_FUNCH handler(ViSession vi, ViEventType type, ViEvent event, ViAddr user) {
  (void)vi; (void)type; (void)event; (void)user;
  return VI_SUCCESS;
}
"""


def arguments(function, null):
    """The call's arguments; None when the null form would be the same as the one with room."""
    result, differs = [], False
    for index, (kind, name) in enumerate(function.parameters):
        if index == 0 and kind in HANDLES:
            result.append("vi")
        elif kind == "...":
            continue
        elif kind == "ViVAList":
            result.append("list")
        elif kind == "ViHndlr":
            result.append("handler")
        elif kind == "ViAddr":
            result.append("VI_NULL")
        elif kind in VALUES:
            result.append("1")
        elif kind in ROOM:
            differs = True
            result.append("VI_NULL" if null else ROOM[kind])
        else:
            sys.exit("%s: no argument for %s %s" % (function.name, kind, name))
    return None if null and not differs else ", ".join(result)


def caller(function, null):
    passed = arguments(function, null)
    if passed is None:
        return None
    name = "call_%s%s" % (function.name, "_null" if null else "")
    takes_list = any(kind == "ViVAList" for kind, _ in function.parameters)
    does = "%s(%s)" % (function.name, passed)
    lines = []
    if takes_list:
        lines += ["static ViStatus %s_list(ViObject vi, ...) {" % name, "  ViStatus status;",
                  "  ViVAList list;", "  va_start(list, vi);", "  status = %s;" % does,
                  "  va_end(list);", "  return status;", "}"]
        does = name + "_list(vi)"
    lines.append("static ViStatus %s(ViObject vi) {" % name)
    if not any(kind in HANDLES for kind, _ in function.parameters[:1]):
        lines.append("  (void)vi;")
    if function.result == "void":
        lines += ["  %s;" % does, "  return NO_STATUS;"]
    else:
        lines.append("  return %s;" % does)
    return "\n".join(lines + ["}", ""])


def main():
    spec_dir, output = sys.argv[1:3]
    text, table = [PROLOGUE], []
    for function in spec_facts.functions(spec_dir):
        if not function.exported:
            continue
        text.append(caller(function, False))
        null = caller(function, True)
        if null:
            text.append(null)
        table.append('  {"%s", call_%s, %s},' % (function.name, function.name,
                                                "call_%s_null" % function.name if null else "0"))
    text.append("const struct Calls calls[] = {\n" + "\n".join(table) + "\n  {0, 0, 0}\n};\n")
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(text))


main()
