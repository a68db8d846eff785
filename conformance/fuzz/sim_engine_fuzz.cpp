// SPDX-License-Identifier: MIT
// Whatever a client sends to an instrument of the bench: its queues stay bounded, and after a
// device clear it obeys again. First byte: which instrument, which kind of link, how the input is
// cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/link.h"
#include "tools/sim/multimeter.h"
#include "tools/sim/oscilloscope.h"
#include "tools/sim/pyvisa_instrument.h"

namespace {

using visa::sim::Exchange;
using visa::sim::Instrument;
using visa::sim::Link;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::unique_ptr<Instrument> make(unsigned kind) {
  switch (kind % 3) {
    case 0:
      return std::make_unique<visa::sim::Multimeter>();
    case 1:  // the small pool keeps a record of 64 million points from taking the fuzzer's time
      return std::make_unique<visa::sim::Oscilloscope>(std::size_t{1} << 20);
    default:
      return std::make_unique<visa::sim::PyvisaInstrument>();
  }
}

void drain(Link& link) {
  while (!link.output().empty()) {
    const std::size_t before = link.output().size();
    demand(!link.output().take(1 << 16).bytes.empty());
    demand(link.output().size() < before);
  }
}

// Hands over all of `bytes` as a wire does; false when nothing more was taken though nothing waits.
void feed(Link& link, std::string_view bytes, bool end) {
  while (!bytes.empty()) {
    const std::size_t taken = link.receive(bytes, end);
    demand(taken <= bytes.size());
    demand(link.output().cost() <= Link::kOutputLimit + Link::kHighWater);
    demand(taken > 0 || !link.output().empty());
    bytes.remove_prefix(taken);
    if (!bytes.empty()) drain(link);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto instrument = make(choice);
  const Exchange exchange = (choice & 0x40U) != 0 ? Exchange::strict : Exchange::stream;
  const std::size_t cut = (choice & 0x80U) != 0 ? 3 : 4096;
  {
    Link link(*instrument, exchange, nullptr);
    Link other(*instrument, Exchange::stream, nullptr);
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, std::min(cut, rest.size()));
      rest.remove_prefix(part.size());
      feed(link, part, rest.empty());
      static_cast<void>(link.serial_poll());
    }
    demand(other.output().empty());
    if (instrument->due()) instrument->on_due(*instrument->due());
    link.device_clear();
    demand(link.output().empty());
    feed(link, "*IDN?\n", true);
    demand(!link.output().empty());
    drain(link);
    feed(other, "\n*IDN?\n", true);
    demand(!other.output().empty());
  }
  demand(!instrument->due());
  demand(instrument->input_budget().used() == 0);
  return 0;
}
