// SPDX-License-Identifier: MIT
// Whatever an instrument sends on its bulk and default pipes: every operation ends, leaves no
// transfer running, writes nothing beyond what it was given and says how much it delivered. Input:
// two bytes of quirks, one that says how many operations follow, the operations, then the transfers
// (usb_script.h).
#include <array>
#include <string>
#include <vector>

#include "conformance/fuzz/usb_script.h"
#include "drivers/usb/tmc_device.h"

namespace {

using namespace visa;
using namespace visa::drivers::usb;
using visa::fuzz::demand;

constexpr std::size_t kMostInput = 8192;
constexpr std::size_t kMostOperations = 16;
constexpr std::byte kUntouched{0xEE};

UsbDeviceInfo device() {
  UsbDeviceInfo info;
  info.port = "1-1";
  info.serial = "SN1";
  InterfaceInfo interface {
    .interface_class = 0xFE, .subclass = 3, .protocol = 1, .endpoints = {}
  };
  interface.endpoints = {{0x01, EndpointType::bulk, 64},
                         {0x82, EndpointType::bulk, 64},
                         {0x83, EndpointType::interrupt, 8}};
  info.interfaces = {interface};
  return info;
}

Quirks quirks_of(std::uint8_t bits, std::uint8_t most) {
  Quirks quirks;
  quirks.no_short_packet = (bits & 1) != 0;
  quirks.block_length = (bits & 2) != 0;
  quirks.any_message_id = (bits & 4) != 0;
  quirks.no_abort = (bits & 8) != 0;
  if ((bits & 16) != 0) quirks.most_requested = 1U + most;
  return quirks;
}

void read(TmcDevice& tmc, std::uint8_t operation) {
  constexpr std::size_t kSizes[] = {1, 7, 64, 500, 4096, 9000, 66000, 70000};
  const std::size_t room = kSizes[operation & 7];
  std::vector<std::byte> buffer(room + 64, kUntouched);
  spi::EndRule rule;
  rule.termchar_enabled = (operation & 8) != 0;
  rule.suppress_end = (operation & 16) != 0;
  Call call(Deadline::infinite());
  const auto result = tmc.read(std::span(buffer).first(room), rule, call);
  demand(result.count <= room);
  for (std::size_t i = room; i < buffer.size(); ++i) demand(buffer[i] == kUntouched);
  if (ok(result.status) && result.reason == spi::StopReason::count) demand(result.count == room);
  if (ok(result.status) && result.reason == spi::StopReason::termchar) {
    demand(rule.termchar_enabled && result.count > 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span input(data, std::min(size, kMostInput));
  if (input.size() < 3) return 0;
  const Quirks quirks = quirks_of(input[0], input[1]);
  const std::size_t count = std::min<std::size_t>(input[2] % kMostOperations, input.size() - 3);
  const auto operations = input.subspan(3, count);
  const UsbDeviceInfo info = device();
  const auto resources = resources_of(std::span(&info, 1));
  auto made = std::make_unique<visa::fuzz::ScriptedUsb>(input.subspan(3 + count));
  auto* const usb = made.get();
  Call call(Deadline::infinite());
  auto opened = TmcDevice::open(std::move(made), resources[0], quirks, call);
  if (!opened) return 0;
  TmcDevice& tmc = **opened;
  for (const std::uint8_t operation : operations) {
    Call one(Deadline::infinite());
    switch (operation >> 5U) {
      case 0: {
        const std::array<std::byte, 5> text{};
        tmc.write(text, spi::WriteRule(), one);
        break;
      }
      case 1:
        tmc.clear(one);
        break;
      case 2:
        tmc.trigger(one);
        break;
      default:
        read(tmc, operation);
        break;
    }
    demand(usb->running == 0);
  }
  tmc.close(call);
  return 0;
}
