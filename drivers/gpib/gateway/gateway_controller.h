// SPDX-License-Identifier: MIT
// A GPIB board that is a VXI-11 gateway, over the driver of that wire (spi::Wires). Each device has
// a link of its own, because the gateway addresses it then, and a query costs two calls. What is
// sent without a device (INTFC, finding listeners) goes by commands on the link to the interface,
// which not every gateway understands.
//
// Threads as Controller says.
#pragma once

#include <memory>
#include <string>

#include "drivers/gpib/command_controller.h"
#include "drivers/gpib/gateway/gateway_commands.h"
#include "drivers/gpib/gateway/gateway_links.h"
#include "drivers/gpib/gateway/gateway_service.h"

namespace visa::drivers::gpib::gateway {

class GatewayController final : public CommandController {
 public:
  GatewayController(GatewayTarget target, spi::Settings settings, spi::Wires& wires);

  void close(Call& call) noexcept override { links_.close(call); }
  const std::string& name() const noexcept override { return name_; }
  /// A link that is lost is made anew.
  bool gone() const noexcept override { return false; }
  void wake() noexcept override;

  Status attach(const Address& address, Call& call) override;
  Status attach_board(Call& call) override { return links_.board(call).status(); }
  void detach(const Address& address, Call& call) noexcept override { links_.end(address, call); }

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;
  Status trigger(const Address& device, Call& call) override;
  Status control_ren(const Address* device, spi::RenMode mode, Call& call) override;
  Result<std::vector<Address>> find_listeners(Call& call) override;

  Status control_atn(AtnMode mode, Call& call) override;
  Status pass_control(const Address& device, Call& call) override;
  Status trigger_listeners(Call& call) override;
  Result<BusState> state(Call& call) override;
  Address own_address() const noexcept override { return own_; }
  Status set_own_address(const Address& address, Call& call) override;

  BusEvents awaitable() const noexcept override { return BusEvents::service; }
  Result<BusEvents> wait_events(BusEvents, Call& call) override { return service_.wait(call); }
  bool may_lack_service() const noexcept override { return true; }
  Status find_service(Call& call) override { return service_.find(call); }

 protected:
  spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) override;
  spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) override;
  spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                            Call& call) override;
  Status pulse_ifc(Call& call) override;
  Status set_ren(bool on, Call& call) override;

 private:
  using LinkPtr = GatewayLinks::LinkPtr;

  /// Runs `operation(channel)` on a link; drops the link if the connection was lost.
  template <class Operation>
  auto on(Result<LinkPtr> link, Call& call, Operation&& operation);
  template <class Operation>
  auto on_device(const Address& address, Call& call, Operation&& operation);
  template <class Operation>
  auto on_board(Call& call, Operation&& operation);
  Result<State> ask(BusQuestion question, Call& call);
  Status learn_address(Call& call);

  const std::string name_;
  GatewayLinks links_;
  GatewayService service_{links_};
  Address own_;
  bool probing_ = false;  // for listeners: only NDAC matters
};

}  // namespace visa::drivers::gpib::gateway
