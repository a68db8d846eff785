// SPDX-License-Identifier: MIT
// An NI adapter at USB as controller of its bus. The process has it alone from `open` to `close`,
// so the bus is as this process left it.
//
// Threads as Controller says. Its messages go in pairs, one pair at a time: `begin` takes the gate
// for that and `end` gives it back, and the thread of the service requests takes it only to arm the
// monitor.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/common/gate.h"
#include "drivers/gpib/command_controller.h"
#include "drivers/gpib/dongle/dongle.h"
#include "drivers/gpib/kept_answers.h"
#include "drivers/gpib/ni_usb/ni_error.h"
#include "drivers/gpib/ni_usb/ni_monitor.h"
#include "drivers/gpib/ni_usb/ni_pipe.h"
#include "drivers/libusb/usb_interface.h"

namespace visa::drivers::gpib::ni_usb {

class NiController final : public CommandController {
 public:
  /// Starts the adapter as system controller, sends IFC and asserts REN. `usb` is its claimed
  /// interface. Statuses are those of viOpen.
  static Result<std::unique_ptr<Controller>> open(std::unique_ptr<usb::UsbInterface> usb,
                                                  const dongle::Dongle& dongle, Call& call);

  /// The adapter reports to the monitor until its interface is closed.
  ~NiController() override { usb_->close(); }
  void close(Call& call) noexcept override;
  const std::string& name() const noexcept override { return name_; }
  bool gone() const noexcept override { return usb_->gone(); }
  void wake() noexcept override;
  Status begin(Call& call) override;
  void end() noexcept override;

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;

  Status pass_control(const Address& device, Call& call) override;
  Status control_atn(AtnMode mode, Call& call) override;
  Result<BusState> state(Call& call) override;
  Address own_address() const noexcept override { return own_; }
  Status set_own_address(const Address& address, Call& call) override;
  Status set_system_controller(bool on, Call& call) override;
  std::uint8_t own_status() const noexcept override { return own_status_; }
  Status set_own_status(std::uint8_t status, Call& call) override;

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
  /// What this driver knows of ATN.
  enum class Atn : std::uint8_t { unknown, asserted, released };
  /// What is sent in one operation of the adapter: command bytes or data.
  struct Sending {
    Step step;
    std::span<const std::byte> bytes;
    std::size_t most;
    bool eoi;
  };

  NiController(std::unique_ptr<usb::UsbInterface> usb, const dongle::Dongle& dongle);

  Result<StatusBlock> ask(Shape shape, std::size_t wanted, Deadline until, Call& call);
  Result<StatusBlock> quick(Shape shape, Call& call);
  Status write_registers(std::span<const RegisterWrite> writes, Call& call);
  Result<std::uint8_t> lines(Call& call);
  bool in_charge(Call& call);
  Status assert_atn(bool synchronous, Call& call);
  Status take_control(Call& call);
  Status release_atn(Call& call);
  spi::WriteResult send_all(const Sending& what, Call& call);
  std::uint8_t code_for(Deadline until) const;
  void collect_late(Call& call);

  Status start(Call& call);
  Status await_ready(Call& call);
  void greet_plus(Call& call);
  Status wake_talker(Call& call);
  usb::UsbOutcome listen();
  void listen_again(Call& call);
  Status arm(Call& call);
  Result<bool> look_at_service(Call& call);
  bool watch_for(std::uint16_t mask, Call& call);

  const dongle::Dongle dongle_;
  const std::string name_;
  const std::unique_ptr<usb::UsbInterface> usb_;
  NiPipe pipe_;
  NiMonitor monitor_;
  Gate gate_;  // of the pairs
  std::optional<GatePass> pass_;

  std::uint16_t state_ = 0;  // of the last reply
  Atn atn_ = Atn::unknown;
  Address own_;
  bool system_controller_ = true;
  std::uint8_t own_status_ = 0;
  bool said_silent_ = false;  // that the interrupt endpoint is out; of the thread that waits
  KeptAnswers kept_;
  std::optional<Address> reading_;          // the device of a read that was given up, and
  std::optional<std::uint8_t> reading_to_;  // the character that ended it
};

}  // namespace visa::drivers::gpib::ni_usb
