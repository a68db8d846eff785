// SPDX-License-Identifier: MIT
// The USB ids, before and after the firmware. Some clones have theirs built in.
#include "drivers/gpib/agilent_usb/agilent_board.h"

#include <string>
#include <utility>

#include "drivers/common/setting_reader.h"
#include "drivers/gpib/agilent_usb/agilent_controller.h"
#include "drivers/gpib/agilent_usb/agilent_family.h"
#include "drivers/gpib/dongle/claim.h"
#include "drivers/gpib/dongle/dongle_back_end.h"
#include "lib/base/condition.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::agilent {
namespace {

using dongle::Dongle;
using dongle::Model;
using dongle::Stage;

constexpr std::uint16_t kAgilent = 0x0957;
constexpr std::uint16_t kBootA = 0x0007;
constexpr Model kModels[] = {
    {kAgilent, 0x0107, {}, Stage::ready, 0, 0x04, 0x82, 0x86, "Agilent 82357A"},
    {kAgilent, 0x0718, {}, Stage::ready, 0, 0x06, 0x82, 0x88, "Keysight 82357B"},
    {kAgilent, kBootA, {}, Stage::boot, 0, 0, 0, 0, "Agilent 82357A"},
    {kAgilent, 0x0518, {}, Stage::boot, 0, 0, 0, 0, "Keysight 82357B"},
};
constexpr std::string_view kKernelDrivers[] = {"agilent_82357a"};

constexpr FirmwareKind kFirmwareA{"82357a_fw.hex", 0x1B40, 0x7F92};
constexpr FirmwareKind kFirmwareB{"measat_releaseX1.8.hex", 0x4000, 0xE600};

class SystemPort final : public AdapterPort {
 public:
  explicit SystemPort(std::string port) : port_(std::move(port)) {}

  std::optional<Dongle> now() override { return dongle::dongle_at(kFamily, port_); }
  Result<std::unique_ptr<usb::UsbInterface>> claim(const Dongle& dongle, Call& call) override {
    return dongle::claim(dongle, call);
  }
  void pause(std::chrono::milliseconds time, const Call& call) override {
    const Deadline until = std::min(call.deadline, Deadline::after(time));
    MutexLock lock(mutex_);
    while (!until.expired() && !call.cancelled()) {
      changed_.wait_until(lock, until.time_point(), call);
    }
  }

 private:
  const std::string port_;
  Mutex mutex_;
  Condition changed_;  // nobody notifies: only time and signals end the wait
};

std::size_t packet_of(const Dongle& dongle) {
  constexpr std::size_t kUsual = 8;
  const auto* const interface = dongle.device.interface(dongle.model->interface);
  if (interface == nullptr) return kUsual;
  for (const auto& one : interface->endpoints) {
    if (one.address == dongle.model->interrupt_in) return one.packet;
  }
  return kUsual;
}

Result<Dongle> start_firmware(AdapterPort& port, const Dongle& dongle, const BoardRequest& request,
                              Call& call) {
  std::string path;
  SettingReader reader(request.settings, call);
  reader.text(dongle::kFirmware, path);
  if (failed(reader.status())) return reader.status();
  const FirmwareKind& kind = dongle.model->product == kBootA ? kFirmwareA : kFirmwareB;
  const auto firmware = read_firmware(kind, path, dongle.name(), call);
  if (!firmware) return firmware.status();
  return load_firmware(port, dongle, kind, *firmware, call);
}

Result<std::unique_ptr<Controller>> open(const Dongle& dongle, const BoardRequest& request,
                                         Call& call) {
  SystemPort port(dongle.device.port);
  return open_adapter(port, dongle, request, call);
}

}  // namespace

Result<std::unique_ptr<Controller>> open_adapter(AdapterPort& port, const Dongle& dongle,
                                                 const BoardRequest& request, Call& call) {
  Dongle ready = dongle;
  const bool boots = dongle.model->stage == Stage::boot;
  if (boots) {
    auto started = start_firmware(port, dongle, request, call);
    if (started.status() == Status::error_io) return Status::error_rsrc_nfound;
    if (!started) return started.status();
    ready = *std::move(started);
  }
  auto usb = boots ? claim_new(port, ready, call) : port.claim(ready, call);
  if (!usb) return usb.status();
  const Endpoints endpoints{ready.model->bulk_out, ready.model->bulk_in, ready.model->interrupt_in,
                            packet_of(ready)};
  return AgilentController::open(*std::move(usb), endpoints, ready.name(), call);
}

constinit const dongle::Family kFamily{"agilent_usb", kModels, kKernelDrivers, &open};

}  // namespace visa::drivers::gpib::agilent
