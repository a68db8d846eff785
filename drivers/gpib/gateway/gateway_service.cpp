// SPDX-License-Identifier: MIT
// The service request of a link is a mere notification: which device it was only the polls say.
#include "drivers/gpib/gateway/gateway_service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/gpib/gateway/gateway_commands.h"

namespace visa::drivers::gpib::gateway {
namespace {

using namespace std::chrono_literals;

/// A gateway that cannot connect to this computer tries for long; the link is busy meanwhile.
constexpr auto kMostEnabling = 1000ms;
/// Between two questions for the line, where a gateway has no interrupts.
constexpr auto kLook = 100ms;

}  // namespace

void GatewayService::post(spi::EventRecord) {
  found();
}

void GatewayService::found() noexcept {
  const MutexLock lock(mutex_);
  requested_ = true;
  changed_.notify_all();
}

void GatewayService::look_again() noexcept {
  const MutexLock lock(mutex_);
  again_ = true;
  changed_.notify_all();
}

/// True if there are devices and each can tell of its requests.
bool GatewayService::enable_all(Call& call) {
  const auto links = links_.devices();
  bool all = !links.empty();
  for (const auto& link : links) {
    Call part(call, std::min(call.deadline, Deadline::after(kMostEnabling)));
    all = ok(link->enable(*this, part)) && all;
  }
  return all;
}

Result<bool> GatewayService::line(Call& call) {
  const auto board = links_.board(call);
  if (!board) return board.status();
  const auto state = GatewayCommands((*board)->channel()).ask(BusQuestion::service_request, call);
  if (state.status() == Status::error_conn_lost) links_.drop(*board, call);
  if (!state) return state.status();
  return *state != 0;
}

Status GatewayService::find(Call& call) {
  if (enable_all(call)) return Status::success;
  const Status status = line(call).status();
  if (status != Status::error_nsup_oper) return status;
  return call.fail(Status::error_nsup_mech,
                   "this gateway has no interrupts and does not tell of SRQ; poll the instrument "
                   "(viReadSTB)");
}

Result<BusEvents> GatewayService::wait(Call& call) {
  for (;;) {
    {
      const MutexLock lock(mutex_);
      again_ = false;
      if (std::exchange(requested_, false)) return BusEvents::service;
    }
    if (call.cancelled()) return Status::error_abort;
    const bool all = enable_all(call);
    if (!all) {
      const auto asserted = line(call);
      if (!asserted) return asserted.status();
      if (*asserted) return BusEvents::service;
    }
    if (call.deadline.expired()) return Status::error_tmo;
    const Deadline until = all ? call.deadline : std::min(call.deadline, Deadline::after(kLook));
    MutexLock lock(mutex_);
    while (!requested_ && !again_ && !call.cancelled() && !until.expired()) {
      lock.wait_until(changed_, until.time_point());
    }
  }
}

}  // namespace visa::drivers::gpib::gateway
