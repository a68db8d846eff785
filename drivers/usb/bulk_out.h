// SPDX-License-Identifier: MIT
// Writing messages on the bulk-OUT pipe, in transfers of at most kPiece bytes. A new message makes
// void what is left of an answer. Used inside the gate of the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "drivers/usb/tmc_recovery.h"
#include "drivers/usb/tmc_wire.h"
#include "lib/base/call.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::usb {

class BulkOut {
 public:
  static constexpr std::size_t kPiece = std::size_t{1} << 20U;

  BulkOut(TmcWire& wire, Recovery& recovery);

  /// As spi::Channel::write. The count is that of the transfers that the instrument took whole; it
  /// drops the bytes of one that was given up.
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule, Call& call);

  /// The TRIGGER message of USB488.
  Status trigger(Call& call);

 private:
  /// Stops a message that a failure or the end of the thread leaves behind.
  struct Sending {
    BulkOut& out;
    std::uint8_t tag;
    bool over = false;
    ~Sending();
  };

  Status send(std::size_t size, std::uint8_t tag, Call& call);

  TmcWire& wire_;
  Recovery& recovery_;
  const std::unique_ptr<UsbTransfer> out_;
  std::vector<std::byte> buffer_;
};

}  // namespace visa::drivers::usb
