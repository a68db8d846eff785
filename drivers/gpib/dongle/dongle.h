// SPDX-License-Identifier: MIT
// What a GPIB adapter at USB is: a device of one of the known models, driven by libusb without a
// driver of the kernel. The models of one maker form a family, whose folder has its protocol;
// families.h lists them. Constant data, values and free functions: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "drivers/gpib/back_end.h"
#include "drivers/gpib/controller.h"
#include "drivers/libusb/usb_device_info.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::dongle {

/// What a device with this USB id is good for.
enum class Stage : std::uint8_t {
  ready,
  boot,     // Family::open loads its firmware first
  refused,  // nothing can be done with it here; Model::advice says what the user has to do
};

/// One USB id.
struct Model {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  /// Where set, the interface must be of this class: one id, several firmwares.
  std::optional<std::uint8_t> interface_class = std::nullopt;
  Stage stage = Stage::ready;
  std::uint8_t interface = 0;  // its number
  // Endpoint addresses with the direction in bit 7; 0 where the stage has none.
  std::uint8_t bulk_out = 0;
  std::uint8_t bulk_in = 0;
  std::uint8_t interrupt_in = 0;
  std::string_view name;
  std::string_view advice = {};
};

struct Family;

/// One that is plugged in.
struct Dongle {
  usb::UsbDeviceInfo device;
  const Family* family = nullptr;
  const Model* model = nullptr;

  /// For texts: "NI GPIB-USB-HS 01AB23CD at USB port 1-1.4".
  std::string name() const;
  /// The kernel driver that holds its interface; "" for none, and where a program holds it.
  std::string kernel_driver() const;
};

struct Family {
  /// As its folder: "ni_usb".
  std::string_view name;
  std::span<const Model> models;
  /// The drivers of the kernel that may hold an adapter of this family.
  std::span<const std::string_view> kernel_drivers;
  /// Claims the adapter (claim.h) and makes it a controller within the deadline. Called for
  /// Stage::ready and Stage::boot. Statuses are those of viOpen; on failure nothing stays open.
  Result<std::unique_ptr<Controller>> (*open)(const Dongle& dongle, const BoardRequest& request,
                                              Call& call);
};

/// The device as a dongle of that family; nothing where it is none.
std::optional<Dongle> dongle_of(const Family& family, const usb::UsbDeviceInfo& device);

/// The dongle of that family that is plugged in at a port ("1-1.4") now. Asks sysfs.
std::optional<Dongle> dongle_at(const Family& family, const std::string& port);

}  // namespace visa::drivers::gpib::dongle
