// SPDX-License-Identifier: MIT
// An Agilent or Keysight 82357A or B as a GPIB controller. It is always system controller; own
// secondary addresses and the role of a device it does not have.
//
// What it cannot tell by itself is looked up: whether anything is on the bus before the first
// commands, and whether a device listens before the first write to it, because the adapter would
// wait for a listener until the deadline. A device that was heard of is not looked for again until
// something fails.
//
// Threads as Controller says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drivers/gpib/agilent_usb/agilent_pipe.h"
#include "drivers/gpib/agilent_usb/agilent_registers.h"
#include "drivers/gpib/command_controller.h"
#include "drivers/gpib/kept_answers.h"

namespace visa::drivers::gpib::agilent {

class AgilentController final : public CommandController {
 public:
  /// Starts the adapter, which has its firmware, asserts IFC and REN. Statuses of viOpen; on
  /// failure `usb` is closed.
  static Result<std::unique_ptr<Controller>> open(std::unique_ptr<usb::UsbInterface> usb,
                                                  const Endpoints& endpoints, std::string name,
                                                  Call& call);

  void close(Call& call) noexcept override;
  const std::string& name() const noexcept override { return pipe_.name(); }
  bool gone() const noexcept override { return pipe_.gone(); }
  void wake() noexcept override { pipe_.wake(); }
  Status begin(Call& call) override;

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;
  Result<std::vector<Address>> find_listeners(Call& call) override;

  /// Synchronous and immediate are the same: the TMS9914A does not take control synchronously.
  Status control_atn(AtnMode mode, Call& call) override;
  Status pass_control(const Address& device, Call& call) override;
  Result<BusState> state(Call& call) override;
  Address own_address() const noexcept override { return own_; }
  Status set_own_address(const Address& address, Call& call) override;
  Status set_system_controller(bool on, Call& call) override;

  BusEvents awaitable() const noexcept override { return BusEvents::service; }
  Result<BusEvents> wait_events(BusEvents wanted, Call& call) override;

 protected:
  spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) override;
  spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) override;
  spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                            Call& call) override;
  Status pulse_ifc(Call& call) override;
  Status set_ren(bool on, Call& call) override;

 private:
  AgilentController(std::unique_ptr<usb::UsbInterface> usb, const Endpoints& endpoints,
                    std::string name)
      : pipe_(std::move(usb), endpoints, std::move(name)) {}

  Status start(Call& call);
  Status reset(Call& call);
  Status command_now(Auxiliary what, Call& call, bool on = false);
  Result<std::uint8_t> lines(Call& call);
  Status look_for_devices(Call& call);
  Status look_for_listener(Call& call);
  Result<bool> listens(const Address& device, Call& call);
  Status look_at_service(Call& call);
  Status explain_commands(Status status, Call& call);
  Status explain_write(Status status, Call& call);
  Status stand_by(Call& call);
  void follow(std::span<const std::byte> commands) noexcept;
  Status cut_off(std::uint8_t end, Call& call);
  Status reason_of(std::uint8_t end, Call& call);
  Status nobody(Call& call);

  AgilentPipe pipe_;
  Address own_;
  std::uint8_t hardware_ = 0;
  Addressed role_ = Addressed::no;  // of the board, by the commands that it has sent
  bool in_charge_ = true;
  bool needs_clear_ = false;           // IFC, after the pipe was put in step
  bool standing_by_ = false;           // ATN is released, and data may be read
  bool bus_known_ = false;             // something on it accepts commands
  bool refused_ = false;               // the last read, because the board was no listener
  std::optional<Address> reading_;     // whose answer the last read was for
  std::optional<Address> looked_for_;  // the device of the write in progress, not heard of yet
  std::set<Address> heard_of_;
  KeptAnswers kept_;
};

}  // namespace visa::drivers::gpib::agilent
