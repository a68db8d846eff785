// SPDX-License-Identifier: MIT
// The buses belong to the process, not to a driver object, because all driver objects of a process
// use the same hardware. The key of a bus holds how many of that adapter were lost before it.
#include "drivers/gpib/open_buses.h"

#include <memory>
#include <utility>

namespace visa::drivers::gpib {
namespace {

constinit Buses buses;

/// So many lost connections of one adapter, all with open sessions, are passed over.
constexpr unsigned kMostLost = 64;

/// viOpen knows no VI_ERROR_CONN_LOST and no VI_ERROR_IO.
Status open_status(Status status) noexcept {
  const bool gone = status == Status::error_conn_lost || status == Status::error_io;
  return gone ? Status::error_rsrc_nfound : status;
}

}  // namespace

Result<Buses::Lease> open_bus(const Board& board, Call& call) {
  const auto identity = board.back_end->identify(board.request, call);
  if (!identity) return identity.status();
  const auto connect = [&](Call& opening) -> Result<std::unique_ptr<Bus>> {
    auto controller = board.back_end->open(board.request, opening);
    if (!controller) return controller.status();
    return std::make_unique<Bus>(*std::move(controller));
  };
  for (unsigned lost = 0;; ++lost) {
    auto lease = buses.open(*identity + " (" + std::to_string(lost) + ")", call, connect);
    if (!lease) return open_status(lease.status());
    if (!(*lease)->access.controller().gone() || lost == kMostLost) return lease;
    lease->release(call);
  }
}

}  // namespace visa::drivers::gpib
