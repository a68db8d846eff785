// SPDX-License-Identifier: MIT
// Resource names as programs open them: of a device with one USBTMC interface its number is left
// out.
#include "tools/sim/usb/usb_server.h"

#include <cstdio>
#include <utility>

#include "tools/sim/usb/usb_raw_function.h"

namespace visa::sim {
namespace {

std::string name_start(const UsbIdentity& identity) {
  char text[32];
  std::snprintf(text, sizeof text, "USB0::0x%04X::0x%04X::", unsigned{identity.vendor},
                unsigned{identity.product});
  return text + identity.serial;
}

std::string raw_name(const UsbInstrument& one) {
  return name_start(one.identity) + "::" + std::to_string(one.description.raw_interface) + "::RAW";
}

}  // namespace

UsbIdentity usb_identity(const UsbDescription& description, std::size_t count) {
  char serial[16];
  std::snprintf(serial, sizeof serial, "BENCH%04zu", count);
  return {.vendor = description.vendor,
          .product = description.product,
          .version = description.version,
          .manufacturer = description.manufacturer.value_or("FreeVISA"),
          .model = description.model.value_or("Virtual instrument"),
          .serial = description.serial.value_or(serial),
          .serial_unreadable = description.serial_unreadable,
          .speed = description.speed};
}

void furnish_usb_device(UsbDevice& device, UsbInstrument& one, const UsbMachine::Holder& holder) {
  const UsbDescription& description = one.description;
  if (description.usbtmc) {
    auto usbtmc = std::make_unique<UsbtmcFunction>(
        device.port(), one.instrument, description, one.state,
        [holder, number = description.interface] { return holder(number); });
    one.usbtmc = usbtmc.get();
    device.add(std::move(usbtmc));
  }
  if (description.raw) {
    auto raw = std::make_unique<UsbRawFunction>(
        device.port(), one.instrument, description,
        [holder, number = description.raw_interface] { return holder(number); });
    one.raw = raw.get();
    device.add(std::move(raw));
  }
}

class UsbServer::DeviceWire : public Wire {
 public:
  DeviceWire(UsbServer& server, UsbInstrument& one) : server_(server), one_(one) {}

  std::string resource_name() const override {
    return one_.description.usbtmc ? name_start(one_.identity) + "::INSTR" : raw_name(one_);
  }
  std::size_t clients() const noexcept override { return server_.machine_->holders(one_.number); }
  bool plug(bool in) override {
    server_.machine_->plug(one_.number, in);
    return true;
  }
  bool notify(std::string_view bytes) override {
    if (server_.machine_->device(one_.number) == nullptr) return false;
    if (one_.usbtmc != nullptr) return one_.usbtmc->interrupt(bytes);
    return one_.raw != nullptr && one_.raw->interrupt(bytes);
  }
  State state() const override {
    const UsbState& state = one_.state;
    return {{"plugged", server_.machine_->plugged(one_.number) ? 1 : 0},
            {"indicator_pulses", state.indicator_pulses},
            {"clears", state.clears},
            {"bulk_out_transfers", state.bulk_out_transfers},
            {"bulk_in_transfers", state.bulk_in_transfers},
            {"violations", state.violations},
            {"ren", state.ren ? 1 : 0},
            {"remote", state.remote ? 1 : 0},
            {"lockout", state.lockout ? 1 : 0}};
  }

 private:
  UsbServer& server_;
  UsbInstrument& one_;
};

UsbServer::UsbServer(EventLoop& loop, UsbfsOptions options)
    : machine_(usb_machine_of(loop, options)) {}

// The machine may stay, for other wires; its devices refer to the instruments here.
UsbServer::~UsbServer() {
  for (const UsbInstrument& one : instruments_) machine_->remove(one.number);
}

std::unique_ptr<Wire> UsbServer::serve(Instrument& instrument, const WireSection* section,
                                       std::uint16_t) {
  const auto* const given = dynamic_cast<const UsbDescription*>(section);
  UsbInstrument& one =
      instruments_.emplace_back(instrument, given != nullptr ? *given : UsbDescription());
  one.identity = usb_identity(one.description, instruments_.size());
  std::vector<std::uint8_t> kernel_driver;
  if (one.description.kernel_driver && one.description.usbtmc) {
    kernel_driver.push_back(one.description.interface);
  }
  one.number = machine_->add(one.identity, std::move(kernel_driver),
                             [&one](UsbDevice& device, const UsbMachine::Holder& holder) {
                               furnish_usb_device(device, one, holder);
                             });
  return std::make_unique<DeviceWire>(*this, one);
}

std::vector<std::string> UsbServer::remarks() const {
  std::string line = "usb";
  for (const std::string& one : machine_->environment()) line += " " + one;
  std::vector<std::string> result = {line};
  for (const UsbInstrument& one : instruments_) {
    if (one.description.raw && one.description.usbtmc) {
      result.push_back("usb raw " + raw_name(one));
    }
  }
  return result;
}

}  // namespace visa::sim
