// SPDX-License-Identifier: MIT
// IEEE 488.1: a device that is addressed to listen holds NDAC from the moment ATN is released until
// data comes, and none does. So nothing is written to any device. One that holds NDAC unaddressed
// would be found at each address: then nothing is found.
#include <chrono>
#include <string>
#include <thread>

#include "drivers/gpib/command_controller.h"

namespace visa::drivers::gpib {
namespace {

/// A listener has at most this long to pull NDAC after ATN was released. There is nothing to wait
/// for: a device that is not there does nothing.
constexpr std::chrono::microseconds kSettle{1500};

}  // namespace

/// True if any of the devices listens; with none, whether NDAC is held by one that was not
/// addressed.
Result<bool> CommandController::listens(std::span<const Address> devices, Call& call) {
  std::vector<std::byte> bytes;
  append_talk(bytes, own_address());  // the board must be no listener itself
  bytes.push_back(static_cast<std::byte>(kUnl));
  for (const Address& one : devices) append_listen(bytes, one);
  Status status = commands(bytes, call);
  forget_addressing();
  if (ok(status)) status = control_atn(AtnMode::deassert, call);
  if (failed(status)) return status;
  std::this_thread::sleep_for(kSettle);
  const auto lines = state(call);
  if (!lines) return lines.status();
  if (lines->ndac == State::unknown) return Status::error_nsup_oper;
  return lines->ndac == State::asserted;
}

Status CommandController::find_on(std::uint8_t primary, std::vector<Address>& found, Call& call) {
  const Address alone{primary};
  const auto listening = listens({&alone, 1}, call);
  if (!listening) return listening.status();
  if (*listening) {
    found.push_back(alone);
    return Status::success;
  }
  std::vector<Address> all;
  for (std::uint8_t sad = 0; sad <= kMostAddress; ++sad) all.push_back({primary, sad});
  const auto some = listens(all, call);
  if (!some) return some.status();
  if (!*some) return Status::success;
  for (const Address& one : all) {
    const auto this_one = listens({&one, 1}, call);
    if (!this_one) return this_one.status();
    if (*this_one) found.push_back(one);
  }
  return Status::success;
}

Result<std::vector<Address>> CommandController::find_listeners(Call& call) {
  std::vector<Address> found;
  const auto stuck = listens({}, call);
  Status status = stuck.status();
  if (status == Status::error_nlisteners) return found;  // nothing is on the bus
  if (!stuck) return status;
  if (*stuck) {
    call.detail = name() +
                  ": a device holds NDAC although it is not addressed, so no listener can "
                  "be told from another; switch the instruments off and on";
    return found;
  }
  for (std::uint8_t primary = 0; primary <= kMostAddress && ok(status); ++primary) {
    if (primary == own_address().primary) continue;
    if (call.cancelled() || call.deadline.expired()) status = Status::error_tmo;
    if (ok(status)) status = find_on(primary, found, call);
  }
  Call tidy(std::max(call.deadline, Deadline::after(std::chrono::milliseconds(20))));
  commands({kUnl, kUnt}, tidy);
  if (failed(status) && status != Status::error_tmo) return status;
  return found;
}

}  // namespace visa::drivers::gpib
