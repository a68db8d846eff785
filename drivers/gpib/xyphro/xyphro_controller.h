// SPDX-License-Identifier: MIT
// A Xyphro UsbGpib with the firmware for raw access, or a GPIBee, as a GPIB controller. It is
// always system controller and in charge, and has no other role on the bus.
//
// The adapter has no timer, and to abort a transfer makes it clear the bus (IFC) and forget what it
// was doing; so the devices are addressed anew after each timeout. What of an answer had come to
// the adapter by then is lost.
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

#include "drivers/gpib/command_controller.h"
#include "drivers/gpib/xyphro/xyphro_message.h"
#include "drivers/libusb/usb_interface.h"

namespace visa::drivers::gpib::xyphro {

struct Endpoints {
  std::uint8_t interface = 0;
  std::uint8_t out = 0;
  std::uint8_t in = 0;
  std::size_t packet = 64;  // of `in`
};

class XyphroController final : public CommandController {
 public:
  /// Puts the adapter in order, asserts IFC and REN. Statuses of viOpen; on failure `usb` is
  /// closed.
  static Result<std::unique_ptr<Controller>> open(std::unique_ptr<usb::UsbInterface> usb,
                                                  const Endpoints& endpoints, std::string name,
                                                  Call& call);
  ~XyphroController() override;

  void close(Call& call) noexcept override;
  const std::string& name() const noexcept override { return name_; }
  bool gone() const noexcept override { return usb_->gone(); }
  void wake() noexcept override { usb_->wake(); }
  Status begin(Call& call) override;

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  Result<std::vector<Address>> find_listeners(Call& call) override;

  /// Synchronous and immediate are the same.
  Status control_atn(AtnMode mode, Call& call) override;
  /// error_nsup_oper: the adapter stays in charge.
  Status pass_control(const Address& device, Call& call) override;
  Result<BusState> state(Call& call) override;
  Status set_system_controller(bool on, Call& call) override;

  bool tells_service() const noexcept override { return true; }
  Result<bool> service_requested(Call& call) override;

 protected:
  spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) override;
  spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) override;
  spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                            Call& call) override;
  Status pulse_ifc(Call& call) override;
  Status set_ren(bool on, Call& call) override;

 private:
  XyphroController(std::unique_ptr<usb::UsbInterface> usb, const Endpoints& endpoints,
                   std::string name);

  Status start(Call& call);
  Status ask(const spi::UsbSetup& setup, std::span<std::byte> answer, Call& call);
  Status tell(const spi::UsbSetup& setup, Call& call);
  Result<std::uint8_t> lines(Call& call);
  Status switch_atn(bool on, Call& call);
  Status look_for_devices(Call& call);
  Status look_for_listener(Call& call);
  spi::WriteResult transmit(std::span<const std::byte> data, bool end, Call& call);
  spi::ReadResult take_answer(std::span<std::byte> into, std::optional<std::uint8_t> termchar,
                              Call& call);
  usb::UsbEnd next_packet(Call& call);
  Status receive_rest(std::size_t size, std::size_t& have, Call& call);
  Status give_up(usb::UsbOutcome outcome, const spi::UsbSetup& abort, usb::UsbTransfer& transfer,
                 Call& call);
  Status still_mending(Call& call);
  Status mend(Call& call);
  Status fail(usb::UsbOutcome outcome, std::string_view doing, Call& call);

  const std::unique_ptr<usb::UsbInterface> usb_;
  const Endpoints endpoints_;
  const std::string name_;
  // The buffers outlive the transfers.
  std::vector<std::byte> out_bytes_;
  std::vector<std::byte> in_bytes_;
  std::unique_ptr<usb::UsbTransfer> out_;
  std::unique_ptr<usb::UsbTransfer> in_;
  Tag tag_;
  std::optional<bool> atn_;  // as it was switched last; nothing: not known
  // False while a transfer or IFC is under way, so also after one that failed or that a thread left
  // by force: `begin` mends then.
  bool in_order_ = false;
  std::optional<Deadline> quiet_;      // mending is over then, unless something comes
  bool bus_known_ = false;             // something on it accepts commands
  std::optional<Address> looked_for_;  // by the next data
  std::set<Address> heard_of_;         // they took data
};

}  // namespace visa::drivers::gpib::xyphro
