// SPDX-License-Identifier: MIT
// Whatever comes on the interrupt pipe and in the replies to READ_STATUS_BYTE: questions end, and
// an event carries no more bytes than its session wants. Input: pairs of a length and a packet,
// between which the status byte is asked for.
#include <string>
#include <vector>

#include "conformance/fuzz/usb_script.h"
#include "drivers/usb/status_reader.h"

namespace {

using namespace visa;
using namespace visa::drivers::usb;
using visa::fuzz::demand;

constexpr std::size_t kMost = 5;

class Sink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    if (record.type == VI_EVENT_SERVICE_REQ) return;
    demand(record.type == VI_EVENT_USB_INTR);
    for (const auto& [id, value] : record.attributes) {
      if (id == VI_ATTR_USB_RECV_INTR_DATA) demand(std::get<std::string>(value).size() <= kMost);
      if (id == VI_ATTR_USB_RECV_INTR_SIZE) demand(model::number(value) <= kMost);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  visa::fuzz::ScriptedUsb usb(input.subspan(size / 2));
  TmcWire wire{.usb = usb,
               .label = "USB",
               .interface = 0,
               .out = {},
               .in = {},
               .capabilities = {},
               .quirks = {}};
  StatusReader reader(wire, {0x83, 8});
  reader.start(Call(Deadline::immediate()));
  Sink sink;
  reader.subscribe(VI_EVENT_SERVICE_REQ, sink, kMost);
  reader.subscribe(VI_EVENT_USB_INTR, sink, kMost);
  auto packets = std::as_bytes(input.first(size / 2));
  while (!packets.empty()) {
    const auto length =
        std::min<std::size_t>(std::to_integer<std::size_t>(packets[0]) % 9, packets.size() - 1);
    usb.listener()->interrupt(UsbOutcome::done, packets.subspan(1, length));
    packets = packets.subspan(1 + length);
    Call call(Deadline::immediate());
    call.cancel();  // waits for nothing
    const auto status = reader.read(call);
    demand(status.has_value() || failed(status.status()));
  }
  reader.unsubscribe(VI_EVENT_SERVICE_REQ, sink);
  reader.unsubscribe(VI_EVENT_USB_INTR, sink);
  return 0;
}
