// SPDX-License-Identifier: MIT
// Whatever a host sends to a USB adapter of the bench: messages, requests and what is neither, with
// a fault on or not. All transfers come back, and without a fault the adapter then works after what
// the sheets say for a host that finds it in any state.
//
// First byte: which adapter (bits 0 to 2), a fault of the kind the last byte says (bit 4). Then
// pieces: a byte whose bits 0 to 2 say what (raw bulk-OUT, a message, bulk-IN, interrupt-IN,
// request with an answer, clear halt, cancel, request without), the others how many bytes follow.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/description/described_instrument.h"
#include "tools/sim/dongle/dongle_server.h"
#include "tools/sim/dongle/ni_message.h"

namespace {

using namespace visa::sim;

void demand(bool holds) {
  if (!holds) std::abort();
}

class Host : public UsbHost {
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
  Player(UsbDevice& device, Host& host, const Dongle& dongle)
      : device_(device), host_(host), dongle_(dongle) {}

  /// True: it came back at once.
  bool put(UsbTransfer transfer) {
    const std::uint64_t before = host_.back;
    transfer.id = ++host_.sent;
    device_.submit(std::move(transfer));
    if (device_.due()) device_.on_due(Clock::now());
    return host_.back > before;
  }
  bool out(std::string bytes) {
    return put({.endpoint = dongle_.model.out, .data = std::move(bytes)});
  }
  std::string in(std::size_t room) {
    return put({.endpoint = dongle_.model.in, .room = room}) ? host_.last.data : std::string();
  }
  bool request(std::uint8_t type, std::uint8_t code, std::uint16_t value, std::uint16_t index,
               std::uint16_t length, std::string data = {}) {
    return put(
        {.setup = {type, code, value, index, length}, .room = length, .data = std::move(data)});
  }
  void step(unsigned what, std::string_view bytes) {
    const auto byte = [&bytes](std::size_t at) {
      return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : std::uint8_t{0};
    };
    const std::string_view rest = bytes.substr(std::min<std::size_t>(1, bytes.size()));
    const auto word = static_cast<std::uint16_t>(byte(2) << 8U | byte(1));
    switch (what) {
      case 0:
        out(std::string(bytes));
        return;
      case 1:
        out(dongle_.model.family == DongleFamily::ni ? ni_closed(std::string(bytes))
                                                     : std::string(bytes));
        return;
      case 2:
        in(std::size_t{byte(0)} * 16);
        return;
      case 3:
        put({.endpoint = dongle_.model.interrupt, .room = byte(0)});
        return;
      case 4:
        request(0xC0, byte(0), word, byte(3), 16);
        return;
      case 5:
        return device_.clear_halt(byte(0));
      case 6:
        device_.cancel(host_.sent - std::min<std::uint64_t>(byte(0), host_.sent));
        return;
      default:
        request(0x40, 0xA0, dongle_.model.cpu, 0, static_cast<std::uint16_t>(rest.size()),
                std::string(rest));
    }
  }
  void cancel_all() {
    for (std::uint64_t id = 1; id <= host_.sent; ++id) device_.cancel(id);
  }
  void drain() {
    for (int i = 0; i < 200 && put({.endpoint = dongle_.model.in, .room = 70000}); ++i) {
    }
    cancel_all();
  }

 private:
  UsbDevice& device_;
  Host& host_;
  const Dongle& dongle_;
};

void play(Player& player, std::string_view script) {
  for (int steps = 0; !script.empty() && steps < 200; ++steps) {
    const auto how = static_cast<unsigned char>(script[0]);
    script.remove_prefix(1);
    const std::string_view bytes = script.substr(0, how >> 3U);
    script.remove_prefix(bytes.size());
    player.step(how & 7U, bytes);
  }
}

void switch_on(Instrument& instrument, std::uint8_t choice) {
  const auto kinds = fault_kinds(builtin_wires());
  Fault fault;
  fault.kind = kinds[choice % kinds.size()];
  fault.error = choice;
  fault.count = 3;
  instrument.faults().add(fault);
}

/// What a program does that finds an adapter in any state: stop, drain, and a question.
void recover(Player& player, const Dongle& dongle) {
  const bool ni = dongle.model.family == DongleFamily::ni;
  ni ? player.request(0xC0, 0x20, 0, 0, 8) : player.request(0xC0, 4, 0xA0, 0, 2);
  player.drain();
  demand(player.out(ni ? ni_closed(std::string("\x08\x01\x01\x1F", 4))
                       : std::string("\x05\x01\x03", 3)));
  demand(player.in(64).size() == (ni ? 12U : 3U));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  static EventLoop loop;
  static const auto kDescription = read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n", "fuzz");
  constexpr std::string_view kModels[] = {"ni-hs",     "ni-hs-plus",  "ni-hs-plus-boot",
                                          "kusb-488a", "82357a",      "82357b-clone",
                                          "82357b",    "82357b-clone"};
  const auto instrument = make_instrument(kDescription);
  Dongle dongle(loop, *find_dongle_model(kModels[data[0] & 7U]), 1);
  dongle.bus.add(*instrument, GpibPlace{5});
  Host host;
  UsbDevice device(dongle.identity(), host, [](auto) {});
  furnish_dongle(device, dongle);
  const bool faulty = (data[0] & 16U) != 0;
  if (faulty) switch_on(*instrument, data[size - 1]);
  Player player(device, host, dongle);
  play(player, {reinterpret_cast<const char*>(data + 1), size - 1});
  player.cancel_all();
  demand(host.back == host.sent);
  const bool boots = device.identity().product == dongle.model.boot;
  if (faulty || boots) return 0;
  device.clear_halt(dongle.model.in);
  device.clear_halt(dongle.model.out);
  recover(player, dongle);
  return 0;
}
