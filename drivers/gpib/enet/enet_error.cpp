// SPDX-License-Identifier: MIT
// The codes are NI's of that time: from 10 on others than those of linux-gpib.
#include "drivers/gpib/enet/enet_error.h"

#include <cstdint>
#include <string_view>

namespace visa::drivers::gpib::enet {
namespace {

struct Row {
  std::uint16_t error;
  Status status;
  std::string_view text;
};

constexpr std::uint16_t kNoListener = 0x02;
constexpr std::uint16_t kArgument = 0x04;  // also the box's own address
constexpr std::uint16_t kAborted = 0x06;
constexpr std::uint16_t kBus = 0x0A;
constexpr std::uint16_t kStatusLost = 0x0E;

constexpr Row kRows[] = {
    {0x00, Status::error_system_error, "the box reports an error of its own (EDVR)"},
    {0x01, Status::error_ncic, "the box is not controller in charge (ECIC)"},
    {0x02, Status::error_nlisteners,
     "no device accepts the message (ENOL); is it on, and is the address right?"},
    {0x03, Status::error_io, "the box is not addressed correctly (EADR)"},
    {0x04, Status::error_system_error, "the box refuses a request of this driver (EARG)"},
    {0x05, Status::error_nsys_cntlr, "the box is not system controller (ESAC)"},
    {0x06, Status::error_io, "the operation was aborted (EABO)"},
    {0x07, Status::error_io, "the box has no GPIB interface any more (ENEB)"},
    {0x0A, Status::error_tmo, "nothing on the bus accepts commands (EBUS); is any instrument on?"},
    {0x0B, Status::error_nsup_oper, "the box cannot do that (ECAP)"},
    {0x0C, Status::error_io, "the box reports a file error (EFSO)"},
    {0x0D, Status::error_system_error, "the box refuses a request of this driver (EBNP)"},
    {0x0F, Status::error_io, "SRQ stays asserted (ESRQ); a device that no session polls holds it"},
};

}  // namespace

Status outcome(const EnetStatus& status, const std::string& name, Call& call) {
  if (!status.failed() || status.error == kStatusLost) return Status::success;
  if ((status.state & kTimedOut) != 0) {
    return call.fail(Status::error_tmo, name + ": no answer in time");
  }
  for (const Row& row : kRows) {
    if (row.error == status.error)
      return call.fail(row.status, name + ": " + std::string(row.text));
  }
  return call.fail(Status::error_io, name + ": error " + std::to_string(status.error));
}

bool is_absence(const EnetStatus& status) noexcept {
  if (!status.failed()) return false;
  return (status.state & kTimedOut) != 0 || status.error == kNoListener ||
         status.error == kArgument || status.error == kAborted || status.error == kBus;
}

}  // namespace visa::drivers::gpib::enet
