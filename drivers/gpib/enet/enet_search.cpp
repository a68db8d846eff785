// SPDX-License-Identifier: MIT
// No request of the box is known that tests for a listener or tells of NDAC, so each address is
// polled, by one link that names one after the other: a device that is there answers within some
// milliseconds, and nothing is written to it. Address 0 is the box's.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "drivers/gpib/enet/enet_controller.h"

namespace visa::drivers::gpib::enet {
namespace {

/// To leave the box in order where the time is over.
constexpr std::chrono::milliseconds kGoodbye{100};

}  // namespace

Result<std::vector<Address>> EnetController::find_listeners(Call& call) {
  std::vector<Address> found;
  const auto requested = service_requested(call);
  if (!requested) return requested.status();
  if (*requested) {
    call.detail = name_ +
                  ": not searched: an instrument requests service, and a search would take the "
                  "request away";
    return found;
  }
  const auto search = board_link(call);
  if (!search) return search.status();
  Status status = Status::success;
  for (std::uint8_t primary = 1; primary <= kMostAddress && ok(status); ++primary) {
    const auto answers = (*search)->answers_at({primary}, call);
    if (answers && *answers) found.push_back({primary});
    status = answers.status();
  }
  if (status == Status::error_tmo) {
    call.fail(status, name_ + ": the search was not finished in time");
  }
  Call goodbye(std::max(call.deadline, Deadline::after(kGoodbye)));
  drop(*search, goodbye);
  if (failed(status) && found.empty()) return status;
  return found;
}

}  // namespace visa::drivers::gpib::enet
