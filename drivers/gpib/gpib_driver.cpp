// SPDX-License-Identifier: MIT
// A device's identity is its adapter and its address, so that two board numbers of one adapter
// share locks.
#include "drivers/gpib/gpib_driver.h"

#include <algorithm>
#include <string>
#include <utility>

#include "drivers/gpib/back_ends.h"
#include "drivers/gpib/instr_channel.h"
#include "drivers/gpib/intfc_channel.h"
#include "drivers/gpib/open_buses.h"

namespace visa::drivers::gpib {
namespace {

Address address_of(const model::ResourceName& name) {
  return {name.gpib_primary, name.gpib_secondary};
}

bool is_board(const model::ResourceName& name) {
  return name.kind == model::Kind::gpib_intfc;
}

/// viOpen knows no VI_ERROR_CONN_LOST and no VI_ERROR_IO.
Status open_status(Status status) noexcept {
  const bool gone = status == Status::error_conn_lost || status == Status::error_io;
  return gone ? Status::error_rsrc_nfound : status;
}

Result<std::unique_ptr<spi::Channel>> make_channel(Buses::Lease bus,
                                                   const model::ResourceName& name, Call& call) {
  if (is_board(name)) {
    const Status attached =
        bus->access.inside(call, [&] { return bus->access.controller().attach_board(call); });
    if (failed(attached)) {
      bus.release(call);
      return open_status(attached);
    }
    return std::unique_ptr<spi::Channel>(std::make_unique<IntfcChannel>(std::move(bus)));
  }
  const Address device = address_of(name);
  if (const Status attached = bus->attach(device, call); failed(attached)) {
    bus.release(call);
    return open_status(attached);
  }
  return std::unique_ptr<spi::Channel>(std::make_unique<InstrChannel>(std::move(bus), device));
}

}  // namespace

std::vector<std::string_view> GpibDriver::setting_keys() const {
  std::vector<std::string_view> keys{kAdapter};
  for (const BackEnd* one : back_ends()) {
    for (const std::string_view key : one->keys) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

Result<spi::Identity> GpibDriver::identify(const spi::OpenRequest& request, Call& call) {
  const auto board =
      choose_board(request.name.board, request.settings, request.boards, back_ends(), call);
  if (!board) return board.status();
  const auto adapter = board->back_end->identify(board->request, call);
  if (!adapter) return adapter.status();
  const std::string part =
      is_board(request.name) ? "board" : "address " + address_of(request.name).text();
  return spi::Identity{"gpib " + *adapter + " " + part};
}

Result<std::unique_ptr<spi::Channel>> GpibDriver::open(const spi::OpenRequest& request,
                                                       Call& call) {
  auto board =
      choose_board(request.name.board, request.settings, request.boards, back_ends(), call);
  if (!board) return board.status();
  board->request.wires = request.wires;
  auto bus = open_bus(*board, call);
  if (!bus) return bus.status();
  auto channel = make_channel(*std::move(bus), request.name, call);
  if (!channel) return channel;
  for (const auto& [id, value] : request.initial_attributes) {
    const Status set = (*channel)->set_attribute(id, value, call);
    if (failed(set)) {
      (*channel)->close(call);
      return set;
    }
  }
  return channel;
}

}  // namespace visa::drivers::gpib

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_gpib_driver() {
  return std::make_unique<gpib::GpibDriver>();
}

}  // namespace visa::drivers
