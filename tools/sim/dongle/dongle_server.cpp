// SPDX-License-Identifier: MIT
// The adapter is plugged in before the first instrument is on its bus, as cables are.
#include "tools/sim/dongle/dongle_server.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include "tools/sim/dongle/agilent_function.h"
#include "tools/sim/dongle/boot_function.h"
#include "tools/sim/dongle/dongle_description.h"
#include "tools/sim/dongle/ni_function.h"
#include "tools/sim/dongle/xyphro_function.h"

namespace visa::sim {

void furnish_dongle(UsbDevice& device, Dongle& dongle) {
  const DongleModel& model = dongle.model;
  if (device.identity().product == model.boot && model.boot != 0) {
    device.add(std::make_unique<BootFunction>(device.port(), dongle));
  } else if (model.family == DongleFamily::ni) {
    device.add(std::make_unique<NiFunction>(device.port(), dongle));
    if (model.second_interface) device.add(std::make_unique<SilentFunction>());
  } else if (model.family == DongleFamily::agilent) {
    device.add(std::make_unique<AgilentFunction>(device.port(), dongle));
  } else {
    device.add(std::make_unique<XyphroFunction>(device.port(), dongle));
  }
}

std::string dongle_firmware() {
  std::string text;
  for (unsigned record = 0; record < 40; ++record) {
    const unsigned address = record * 16;
    unsigned sum = 16U + (address >> 8U) + (address & 0xFFU);
    char piece[16];
    std::snprintf(piece, sizeof piece, ":10%04X00", address);
    text += piece;
    for (unsigned i = 0; i < 16; ++i) {
      const unsigned value = (record * 7 + i * 13) & 0xFFU;
      sum += value;
      std::snprintf(piece, sizeof piece, "%02X", value);
      text += piece;
    }
    std::snprintf(piece, sizeof piece, "%02X\n", (0x100U - (sum & 0xFFU)) & 0xFFU);
    text += piece;
  }
  return text + ":00000001FF\n";
}

class DongleServer::PlaceWire final : public Wire {
 public:
  PlaceWire(DongleServer& server, const GpibPlace& place) : server_(server), place_(place) {}

  std::string resource_name() const override {
    std::string name =
        "GPIB" + std::to_string(server_.board_) + "::" + std::to_string(place_.primary);
    if (place_.secondary) name += "::" + std::to_string(*place_.secondary);
    return name + "::INSTR";
  }
  std::size_t clients() const noexcept override {
    return server_.machine_->holders(server_.number_);
  }
  bool plug(bool in) override {
    server_.machine_->plug(server_.number_, in);
    return true;
  }
  State state() const override {
    const DongleState& state = server_.dongle_.state;
    return {{"plugged", server_.machine_->plugged(server_.number_) ? 1 : 0},
            {"bulk_out_transfers", state.bulk_out_transfers},
            {"bulk_in_transfers", state.bulk_in_transfers},
            {"control_requests", state.control_requests},
            {"reports", state.reports},
            {"stops", state.stops},
            {"uploads", state.uploads},
            {"violations", state.violations}};
  }

 private:
  DongleServer& server_;
  const GpibPlace place_;
};

DongleServer::DongleServer(EventLoop& loop, const DongleModel& model, unsigned board,
                           bool kernel_driver)
    : dongle_(loop, model, kSerial), board_(board), machine_(usb_machine_of(loop, {})) {
  number_ = machine_->add(
      [this] { return dongle_.identity(); },
      kernel_driver ? std::string(model.driver) : std::string(),
      [this](UsbDevice& device, const UsbMachine::Holder&) { furnish_dongle(device, dongle_); });
  if (model.cpu != 0) std::ofstream(machine_->folder() + "/firmware.hex") << dongle_firmware();
}

DongleServer::~DongleServer() {
  machine_->remove(number_);
}

std::unique_ptr<Wire> DongleServer::serve(Instrument& instrument, const WireSection* section,
                                          std::uint16_t) {
  const auto* const said = static_cast<const DongleDescription*>(section);
  const auto place = said == nullptr ? std::nullopt : said->place;
  return std::make_unique<PlaceWire>(*this, dongle_.bus.add(instrument, place));
}

// A board of a number of its own where another has the first, and firmware where it needs that.
std::string DongleServer::configuration() const {
  if (board_ == 0 && dongle_.model.cpu == 0) return {};
  std::string text = "[[interface]]\nname = \"GPIB" + std::to_string(board_) +
                     "\"\nadapter = \"usb://" + machine_->port(number_) + "\"\n";
  if (dongle_.model.cpu != 0) {
    text += "firmware = \"" + machine_->folder() + "/firmware.hex\"\nconnect_timeout_ms = 20000\n";
  }
  return text;
}

std::vector<std::string> DongleServer::remarks() const {
  std::string line = "dongle";
  for (const std::string& one : machine_->environment()) line += " " + one;
  return {line};
}

}  // namespace visa::sim
