// SPDX-License-Identifier: MIT
// Loads the firmware into an 82357 that has none yet. The adapter then leaves the bus of USB and
// comes back at the same port with another address and, once its own firmware runs, another id: a
// 82357B needs that twice, as the vendor's driver does it. On the stack of one call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "drivers/gpib/agilent_usb/firmware_file.h"
#include "drivers/gpib/dongle/dongle.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::agilent {

/// What a start needs of the system; a test has another one.
class AdapterPort {
 public:
  virtual ~AdapterPort() = default;
  /// The adapter that is at the port now.
  virtual std::optional<dongle::Dongle> now() = 0;
  virtual Result<std::unique_ptr<usb::UsbInterface>> claim(const dongle::Dongle& dongle,
                                                           Call& call) = 0;
  /// Until the time or the end of the call.
  virtual void pause(std::chrono::milliseconds time, const Call& call) = 0;
};

/// Claims an adapter that may have come this moment: the system gives users their permission a
/// little later. Statuses of dongle::claim.
Result<std::unique_ptr<usb::UsbInterface>> claim_new(AdapterPort& port,
                                                     const dongle::Dongle& dongle, Call& call);

/// Loads `firmware` as often as the adapter asks for it, and returns it when it is ready.
/// error_tmo: not within the deadline; the next viOpen goes on. error_rsrc_nfound: it was
/// unplugged. error_io: it refuses the firmware.
Result<dongle::Dongle> load_firmware(AdapterPort& port, const dongle::Dongle& dongle,
                                     const FirmwareKind& kind, const HexFile& firmware, Call& call);

}  // namespace visa::drivers::gpib::agilent
