// SPDX-License-Identifier: MIT
// Whatever a host sends to the USBTMC device of the bench: headers, requests and what is neither,
// with a fault on or not. The parser reads each header as it was written, nothing but the faults
// keeps a device from answering the next query after a clear, and all transfers come back.
//
// First byte: a fault (bit 4, of the kind the last byte says), a small-memory full-speed device
// (bit 5), no interrupt endpoint (bit 6). Then pieces: a byte whose bits 0 to 2 say what (raw
// bulk-OUT, a header with data, bulk-IN, interrupt-IN, request, clear halt, cancel, reset), the
// others how many bytes follow.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/usb/usb_server.h"

namespace {

using visa::sim::UsbDevice;
using visa::sim::UsbStatus;
using visa::sim::UsbtmcFunction;
using visa::sim::UsbTransfer;

void demand(bool holds) {
  if (!holds) std::abort();
}

class Host : public visa::sim::UsbHost {
 public:
  void on_transfer(UsbTransfer done) override {
    ++back;
    last = std::move(done);
  }
  std::uint64_t sent = 0;
  std::uint64_t back = 0;
  UsbTransfer last;
};

class Player {
 public:
  Player(UsbDevice& device, Host& host) : device_(device), host_(host) {}

  void put(UsbTransfer transfer) {
    transfer.id = ++host_.sent;
    device_.submit(std::move(transfer));
    if (device_.due()) device_.on_due(visa::sim::Clock::now());
  }
  void out(std::string bytes) { put({.endpoint = UsbtmcFunction::kOut, .data = std::move(bytes)}); }
  void in(std::size_t room, std::uint8_t endpoint = UsbtmcFunction::kIn) {
    put({.endpoint = endpoint, .room = room});
  }
  std::string request(std::uint8_t type, std::uint8_t code, std::uint16_t value,
                      std::uint16_t index) {
    const std::uint64_t before = host_.back;
    put({.setup = {type, code, value, index, 64}, .room = 64});
    return host_.back > before ? host_.last.data : std::string();
  }
  void message(std::uint8_t id, std::string_view data, std::uint8_t attributes) {
    tag_ = static_cast<std::uint8_t>(tag_ == 255 ? 1 : tag_ + 1);
    std::string bytes = visa::sim::usbtmc_header_bytes(
        id, tag_, static_cast<std::uint32_t>(data.size()), attributes);
    const auto parsed = visa::sim::parse_usbtmc_header(bytes);
    if (const auto* const header = std::get_if<visa::sim::UsbtmcHeader>(&parsed)) {
      demand(header->tag == tag_ && static_cast<std::uint8_t>(header->id) == id);
      if (header->has_data()) {
        bytes += data;
        bytes += std::string(visa::sim::usbtmc_padding(data.size()), '\0');
      }
    }
    out(std::move(bytes));
  }
  void step(unsigned what, std::string_view bytes) {
    const auto byte = [&bytes](std::size_t at) {
      return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : std::uint8_t{0};
    };
    switch (what) {
      case 0:
        return out(std::string(bytes));
      case 1:
        return message(byte(0), bytes.substr(std::min<std::size_t>(2, bytes.size())), byte(1));
      case 2:
        return in(std::size_t{byte(0)} * 64);
      case 3:
        return in(byte(0), UsbtmcFunction::kInterrupt);
      case 4:
        request(byte(0), byte(1), byte(2), byte(3));
        return;
      case 5:
        return device_.clear_halt(byte(0));
      case 6:
        device_.cancel(host_.sent - std::min<std::uint64_t>(byte(0), host_.sent));
        return;
      default:
        return device_.reset();
    }
  }
  void cancel_all() {
    for (std::uint64_t id = 1; id <= host_.sent; ++id) device_.cancel(id);
  }

 private:
  UsbDevice& device_;
  Host& host_;
  std::uint8_t tag_ = 0;
};

void play(Player& player, std::string_view script) {
  for (int steps = 0; !script.empty() && steps < 400; ++steps) {
    const auto how = static_cast<unsigned char>(script[0]);
    script.remove_prefix(1);
    const std::string_view bytes = script.substr(0, how >> 3U);
    script.remove_prefix(bytes.size());
    player.step(how & 7U, bytes);
  }
}

void switch_on(visa::sim::Instrument& instrument, std::uint8_t choice) {
  const auto kinds = visa::sim::fault_kinds(visa::sim::builtin_wires());
  visa::sim::Fault fault;
  fault.kind = kinds[choice % kinds.size()];
  fault.error = choice;
  fault.count = 3;
  instrument.faults().add(fault);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned choice = data[0];
  static const auto kDescription = visa::sim::read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n", "fuzz");
  const auto instrument = visa::sim::make_instrument(kDescription);
  visa::sim::UsbDescription what;
  what.interrupt = (choice & 0x40U) == 0;
  what.vendor_messages = true;
  if ((choice & 0x20U) != 0) {
    what.speed = visa::sim::UsbSpeed::full;
    what.largest_answer = 7;
  }
  visa::sim::UsbInstrument one(*instrument, what);
  Host host;
  UsbDevice device(visa::sim::usb_identity(what, 1), host, [](auto) {});
  visa::sim::furnish_usb_device(device, one, [](std::uint8_t) { return std::string(); });
  const bool faulty = (choice & 0x10U) != 0;
  if (faulty) switch_on(*instrument, data[size - 1]);
  Player player(device, host);
  play(player, {reinterpret_cast<const char*>(data + 1), size - 1});
  player.cancel_all();
  demand(host.back == host.sent);
  if (faulty) return 0;
  demand(player.request(0xA1, 5, 0, 0) == "\x01");
  device.clear_halt(UsbtmcFunction::kOut);
  device.clear_halt(UsbtmcFunction::kIn);
  player.message(1, "*OPC?", 1);
  demand(host.last.status == UsbStatus::success);
  player.message(2, std::string(100, ' '), 0);
  player.in(4096);
  demand(host.last.data.substr(std::min<std::size_t>(12, host.last.data.size())) == "1\n");
  return 0;
}
