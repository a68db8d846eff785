// SPDX-License-Identifier: MIT
// The operations on one device out of command bytes, for adapters that leave the addressing to the
// host: kernel boards, USB dongles. A back end implements the protected methods and `control_atn`,
// `state` and the events, and inherits the rest; it overrides what its adapter does better (a
// serial poll of its own).
//
// Invariant: addressed_ is what this process has last made of the bus, and nothing once the bus may
// have changed otherwise. A device that is addressed is addressed again unless the transfer
// continues a message or AddressRule lets it be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "drivers/gpib/controller.h"

namespace visa::drivers::gpib {

class CommandController : public Controller {
 public:
  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  /// UNL, own listen address, SPE, talk address of the device; one byte; SPD, UNT, also after a
  /// failure. The byte is awaited for a second at most. An end that could not be sent goes before
  /// the next commands.
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;
  Status trigger(const Address& device, Call& call) override;
  Status control_ren(const Address* device, spi::RenMode mode, Call& call) override;
  /// Asks each primary address, and all secondary ones of those that do not listen: a device that
  /// is addressed to listen holds NDAC once ATN is released. Empty where nothing accepts commands.
  /// error_nsup_oper: the adapter cannot read NDAC.
  Result<std::vector<Address>> find_listeners(Call& call) override;

  spi::WriteResult command(std::span<const std::byte> bytes, Call& call) final;
  spi::WriteResult send(std::span<const std::byte> data, bool eoi, Call& call) final;
  spi::ReadResult receive(std::span<std::byte> into, const spi::EndRule& rule, Call& call) final;
  Status send_ifc(Call& call) final;
  Status pass_control(const Address& device, Call& call) override;
  Status trigger_listeners(Call& call) override;

 protected:
  /// Asserts ATN and sends command bytes. error_ncic; error_nlisteners: nothing on the bus accepts
  /// them.
  virtual spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) = 0;
  /// Releases ATN and sends data to the listeners, EOI with the last byte if `eoi`.
  /// error_nlisteners.
  virtual spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) = 0;
  /// Releases ATN and takes data from the talker until the first of count, EOI, termination
  /// character (if enabled in `rule`; no other field of it counts). The handshake must lose no byte
  /// between two calls.
  virtual spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                    Call& call) = 0;
  /// IFC for at least 100 us. error_nsys_cntlr.
  virtual Status pulse_ifc(Call& call) = 0;
  /// error_nsys_cntlr.
  virtual Status set_ren(bool on, Call& call) = 0;

  /// For `begin`, where others may have used the bus since the last `end`.
  void forget_addressing() noexcept { addressed_ = {}; }

 private:
  enum class Role : std::uint8_t { none, talker, listener };
  struct Addressing {
    Role role = Role::none;
    Address device = {};
    bool inside = false;  // the last transfer stopped inside a message
  };

  Status address(Role role, const Address& device, Call& call);
  Status listener_command(const Address& device, std::uint8_t command, Call& call);
  spi::WriteResult put(std::span<const std::byte> bytes, Call& call);
  Status end_poll(Call& call);
  Status commands(std::span<const std::byte> bytes, Call& call);
  Status commands(std::initializer_list<std::uint8_t> bytes, Call& call);
  bool is_addressed(Role role, const Address& device, const AddressRule& addressing) const noexcept;
  void unaddress(const AddressRule& addressing, Call& call);
  Result<bool> listens(std::span<const Address> devices, Call& call);
  Status find_on(std::uint8_t primary, std::vector<Address>& found, Call& call);

  Addressing addressed_;
  bool polling_ = false;  // the devices answer with their status bytes until the end of the poll
};

}  // namespace visa::drivers::gpib
