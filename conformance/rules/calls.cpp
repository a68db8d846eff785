// SPDX-License-Identifier: MIT
// The arguments do no harm if the call succeeds: one byte, one empty line, and a session timeout
// that the rule has made short.
#include "conformance/rules/calls.h"

#include <cstdarg>
#include <vector>

namespace visa::rules {
namespace {

// Buffers for the output of a call. They may be shared, because each rule runs in its own process.
struct Room {
  ViByte bytes[256];
  ViUInt8 byte;
  ViUInt16 small, smalls[4];
  ViInt16 sign, signs[4];
  ViUInt32 number, numbers[4];
  ViUInt64 wide, wides[4];
  ViBusAddress address;
  ViAddr pointer;
  ViChar text[256];
} room;

// A separate buffer, because a job of viReadAsync may still write while the next call runs.
ViByte job_room[256];

ViStatus _VI_FUNCH handler(ViSession, ViEventType, ViEvent, ViAddr) {
  return VI_SUCCESS;
}

ViConstBuf line() {
  return reinterpret_cast<ViConstBuf>("\n");
}

// viVPrintf and its relatives need a list; the formats used here never read from it.
using ListCall = ViStatus (*)(Check&, ViSession, va_list);
ViStatus with_list(ListCall call, Check* check, ViSession vi, ...) {
  va_list list;
  va_start(list, vi);
  const ViStatus status = call(*check, vi, list);
  va_end(list);
  return status;
}

#define CALL(function, locked, needs, ...)                                                     \
  Call {                                                                                       \
#function, Locked::locked, needs,                                                          \
        [](Check & c, ViSession s) { return c.visa().function(s __VA_OPT__(, ) __VA_ARGS__); } \
  }
#define LIST_CALL(function, locked, ...)                                               \
  Call {                                                                               \
#function, Locked::locked, "", [](Check& c, ViSession s) {                           \
      return with_list(                                                                  \
          [](Check& inner, ViSession vi, va_list list) {                                 \
            return inner.visa().function(vi, __VA_ARGS__, list);                         \
          },                                                                             \
          &c, s);                                                                        \
    } \
  }

const std::vector<Call>& table() {
  static const std::vector<Call> all = {
      // Basic I/O
      CALL(viRead, refused, "", room.bytes, 1, &room.number),
      CALL(viReadAsync, refused, "", job_room, 1, &room.number),
      CALL(viReadToFile, refused, "", "/dev/null", 1, &room.number),
      CALL(viWrite, refused, "", line(), 1, &room.number),
      CALL(viWriteAsync, refused, "", line(), 1, &room.number),
      CALL(viWriteFromFile, refused, "", "/dev/null", 1, &room.number),
      CALL(viAssertTrigger, refused, "", VI_TRIG_PROT_DEFAULT),
      CALL(viReadSTB, refused, "", &room.small),
      CALL(viClear, refused, ""),
      CALL(viSetBuf, refused, "", VI_IO_IN_BUF, 4096),
      CALL(viFlush, refused, "", VI_READ_BUF_DISCARD),
      // Formatted I/O
      CALL(viBufWrite, refused, "", line(), 1, &room.number),
      CALL(viBufRead, refused, "", room.bytes, 1, &room.number),
      CALL(viPrintf, refused, "", "\n"),
      LIST_CALL(viVPrintf, refused, "\n"),
      CALL(viScanf, refused, "", "%c", room.text),
      LIST_CALL(viVScanf, refused, "%*c"),
      CALL(viQueryf, refused, "", "\n", "%c", room.text),
      LIST_CALL(viVQueryf, refused, "\n", "%*c"),
      CALL(viSPrintf, allowed, "", room.bytes, "x"),
      LIST_CALL(viVSPrintf, allowed, room.bytes, "x"),
      CALL(viSScanf, allowed, "", line(), "%c", room.text),
      LIST_CALL(viVSScanf, allowed, line(), "%*c"),
      // Template and events
      CALL(viGetAttribute, allowed, "", VI_ATTR_TMO_VALUE, &room.number),
      CALL(viSetAttribute, allowed, "", VI_ATTR_TMO_VALUE, 50),
      CALL(viStatusDesc, allowed, "", VI_ERROR_TMO, room.text),
      CALL(viTerminate, allowed, "", VI_NULL, VI_NULL),
      CALL(viUnlock, allowed, ""),
      CALL(viInstallHandler, allowed, "", VI_EVENT_EXCEPTION, handler, nullptr),
      CALL(viUninstallHandler, allowed, "", VI_EVENT_EXCEPTION, handler, nullptr),
      CALL(viEnableEvent, allowed, "", VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL),
      CALL(viWaitOnEvent, allowed, "", VI_EVENT_IO_COMPLETION, VI_TMO_IMMEDIATE, nullptr, nullptr),
      CALL(viDiscardEvents, allowed, "", VI_ALL_ENABLED_EVENTS, VI_ALL_MECH),
      CALL(viDisableEvent, allowed, "", VI_ALL_ENABLED_EVENTS, VI_ALL_MECH),
      // Registers
      CALL(viIn8, refused, "registers", VI_A16_SPACE, 0, &room.byte),
      CALL(viOut8, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn16, refused, "registers", VI_A16_SPACE, 0, &room.small),
      CALL(viOut16, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn32, refused, "registers", VI_A16_SPACE, 0, &room.number),
      CALL(viOut32, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn64, refused, "registers", VI_A16_SPACE, 0, &room.wide),
      CALL(viOut64, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn8Ex, refused, "registers", VI_A16_SPACE, 0, &room.byte),
      CALL(viOut8Ex, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn16Ex, refused, "registers", VI_A16_SPACE, 0, &room.small),
      CALL(viOut16Ex, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn32Ex, refused, "registers", VI_A16_SPACE, 0, &room.number),
      CALL(viOut32Ex, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viIn64Ex, refused, "registers", VI_A16_SPACE, 0, &room.wide),
      CALL(viOut64Ex, refused, "registers", VI_A16_SPACE, 0, 0),
      CALL(viMoveIn8, refused, "registers", VI_A16_SPACE, 0, 1, room.bytes),
      CALL(viMoveOut8, refused, "registers", VI_A16_SPACE, 0, 1, room.bytes),
      CALL(viMoveIn16, refused, "registers", VI_A16_SPACE, 0, 1, room.smalls),
      CALL(viMoveOut16, refused, "registers", VI_A16_SPACE, 0, 1, room.smalls),
      CALL(viMoveIn32, refused, "registers", VI_A16_SPACE, 0, 1, room.numbers),
      CALL(viMoveOut32, refused, "registers", VI_A16_SPACE, 0, 1, room.numbers),
      CALL(viMoveIn64, refused, "registers", VI_A16_SPACE, 0, 1, room.wides),
      CALL(viMoveOut64, refused, "registers", VI_A16_SPACE, 0, 1, room.wides),
      CALL(viMoveIn8Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.bytes),
      CALL(viMoveOut8Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.bytes),
      CALL(viMoveIn16Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.smalls),
      CALL(viMoveOut16Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.smalls),
      CALL(viMoveIn32Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.numbers),
      CALL(viMoveOut32Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.numbers),
      CALL(viMoveIn64Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.wides),
      CALL(viMoveOut64Ex, refused, "registers", VI_A16_SPACE, 0, 1, room.wides),
      CALL(viMove, refused, "registers", VI_A16_SPACE, 0, VI_WIDTH_8, VI_A16_SPACE, 0, VI_WIDTH_8,
           1),
      CALL(viMoveAsync, refused, "registers", VI_A16_SPACE, 0, VI_WIDTH_8, VI_A16_SPACE, 0,
           VI_WIDTH_8, 1, &room.number),
      CALL(viMoveEx, refused, "registers", VI_A16_SPACE, 0, VI_WIDTH_8, VI_A16_SPACE, 0, VI_WIDTH_8,
           1),
      CALL(viMoveAsyncEx, refused, "registers", VI_A16_SPACE, 0, VI_WIDTH_8, VI_A16_SPACE, 0,
           VI_WIDTH_8, 1, &room.number),
      CALL(viMapAddress, refused, "registers", VI_A16_SPACE, 0, 1, VI_FALSE, nullptr,
           &room.pointer),
      CALL(viMapAddressEx, refused, "registers", VI_A16_SPACE, 0, 1, VI_FALSE, nullptr,
           &room.pointer),
      CALL(viUnmapAddress, refused, "registers"),
      CALL(viMemAlloc, refused, "registers", 1, &room.address),
      CALL(viMemFree, refused, "registers", 0),
      CALL(viMemAllocEx, refused, "registers", 1, &room.wide),
      CALL(viMemFreeEx, refused, "registers", 0),
      // Buses
      CALL(viGpibControlREN, refused, "remote", VI_GPIB_REN_ASSERT_ADDRESS),
      CALL(viGpibControlATN, refused, "bus", VI_GPIB_ATN_DEASSERT),
      CALL(viGpibSendIFC, refused, "bus"),
      CALL(viGpibCommand, refused, "bus", line(), 1, &room.number),
      CALL(viGpibPassControl, refused, "bus", 1, VI_NO_SEC_ADDR),
      CALL(viVxiCommandQuery, refused, "vxi", VI_VXI_CMD16, 0, &room.number),
      CALL(viAssertUtilSignal, refused, "vxi", VI_UTIL_ASSERT_SYSRESET),
      CALL(viAssertIntrSignal, refused, "vxi", VI_ASSERT_SIGNAL, 0),
      CALL(viMapTrigger, refused, "vxi", VI_TRIG_TTL0, VI_TRIG_TTL1, VI_NULL),
      CALL(viUnmapTrigger, refused, "vxi", VI_TRIG_TTL0, VI_TRIG_TTL1),
      CALL(viUsbControlOut, refused, "usb", 0x21, 0, 0, 0, 0, line()),
      CALL(viUsbControlIn, refused, "usb", 0xA1, 0, 0, 0, 1, room.bytes, &room.small),
      CALL(viPxiReserveTriggers, refused, "pxi", 1, room.signs, room.signs, &room.sign),
  };
  return all;
}

#undef CALL
#undef LIST_CALL

constexpr Uncalled kUncalled[] = {
    {"viOpenDefaultRM", "takes no session"},
    {"viGetDefaultRM", "takes no session"},
    {"viFindRsrc", "of the resource manager: rule_table_a5_what_is_always_allowed"},
    {"viFindNext", "of a find list"},
    {"viParseRsrc", "of the resource manager: rule_table_a5_what_is_always_allowed"},
    {"viParseRsrcEx", "of the resource manager: rule_table_a5_what_is_always_allowed"},
    {"viOpen", "of the resource manager: rule_table_a5_what_is_always_allowed"},
    {"viClose", "ends the session: rule_table_a5_what_is_always_allowed"},
    {"viLock", "waits for the lock: the rules of table A2"},
    {"viPeek8", "no status, reads any address"},
    {"viPoke8", "no status, writes to any address"},
    {"viPeek16", "no status, reads any address"},
    {"viPoke16", "no status, writes to any address"},
    {"viPeek32", "no status, reads any address"},
    {"viPoke32", "no status, writes to any address"},
    {"viPeek64", "no status, reads any address"},
    {"viPoke64", "no status, writes to any address"},
};

}  // namespace

std::span<const Call> calls() {
  return table();
}

std::span<const Uncalled> uncalled() {
  return kUncalled;
}

bool kind_offers(const std::string& kind, std::string_view needs) {
  if (needs.empty()) return true;
  if (needs == "registers") return kind == "VXI_INSTR" || kind == "PXI_INSTR";
  if (needs == "bus") return kind == "GPIB_INTFC";
  if (needs == "remote") {
    return kind == "GPIB_INSTR" || kind == "GPIB_INTFC" || kind == "USB_INSTR" ||
           kind == "TCPIP_VXI11" || kind == "TCPIP_HISLIP";
  }
  if (needs == "usb") return kind == "USB_INSTR" || kind == "USB_RAW";
  if (needs == "pxi") return kind == "PXI_INSTR";
  return needs == "vxi" && kind == "VXI_INSTR";
}

}  // namespace visa::rules
