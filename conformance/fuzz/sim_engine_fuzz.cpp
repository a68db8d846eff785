// SPDX-License-Identifier: MIT
// Whatever a client sends to an instrument of the bench, faults or not: its queues stay bounded,
// and after a device clear it obeys again. First byte: which instrument (bits 0 to 4), a fault (bit
// 5, of the kind the last byte says), which kind of link (bit 6), how the input is cut (bit 7).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/description/bundled.h"
#include "tools/sim/description/described_instrument.h"
#include "tools/sim/engine/link.h"
#include "tools/sim/scpi/pyvisa_instrument.h"

namespace {

using visa::sim::Clock;
using visa::sim::Exchange;
using visa::sim::Instrument;
using visa::sim::Link;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::unique_ptr<Instrument> make(unsigned kind) {
  static constexpr std::array<const char*, 5> kNames = {"dmm", "scope", "psu", "fgen",
                                                        "keysight_34461a"};
  static const std::array kDescriptions = [] {
    std::array<std::shared_ptr<const visa::sim::Description>, 5> list;
    std::transform(kNames.begin(), kNames.end(), list.begin(),
                   [](const char* name) { return visa::sim::bundled_description(name); });
    return list;
  }();
  if (kind % 6 == 5) return std::make_unique<visa::sim::PyvisaInstrument>();
  // The small pool keeps a record of 64 million points from taking the fuzzer's time.
  return std::make_unique<visa::sim::DescribedInstrument>(kDescriptions[kind % 6],
                                                          std::size_t{1} << 20);
}

// Reads all there is; what is held back comes too.
void drain(Link& link) {
  link.release(Clock::time_point::max());
  while (!link.output().empty()) {
    const std::size_t before = link.output().size();
    demand(!link.output().take(1 << 16).bytes.empty());
    demand(link.output().size() < before);
    link.release(Clock::time_point::max());
  }
}

// Hands over all of `bytes` as a wire does; false when the connection has ended, by a fault.
bool feed(Link& link, std::string_view bytes, bool end) {
  while (!bytes.empty()) {
    const std::size_t taken = link.receive(bytes, end);
    demand(taken <= bytes.size());
    demand(link.output().cost() <= Link::kOutputLimit + Link::kHighWater);
    if (link.ending() != Link::Ending::none) return false;
    if (taken == 0 && link.endless()) return true;  // a stream takes no more before its end
    demand(taken > 0 || !link.output().empty() || link.holding());
    bytes.remove_prefix(taken);
    if (!bytes.empty()) drain(link);
    if (link.ending() != Link::Ending::none) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto instrument = make(choice & 0x1FU);
  const Exchange exchange = (choice & 0x40U) != 0 ? Exchange::strict : Exchange::stream;
  const std::size_t cut = (choice & 0x80U) != 0 ? 3 : 4096;
  if ((choice & 0x20U) != 0) {
    visa::sim::Fault fault;
    fault.kind = visa::sim::answer_faults()[data[size - 1] % visa::sim::answer_faults().size()];
    fault.after = data[size - 1] / 64;
    fault.delay = std::chrono::milliseconds(data[size - 1] % 5);
    fault.pieces = 2 + data[size - 1] % 50;
    demand(instrument->faults().add(fault).has_value());
  }
  {
    Link link(*instrument, exchange, nullptr);
    Link other(*instrument, Exchange::stream, nullptr);
    bool alive = true;
    while (!rest.empty() && alive) {
      const std::string_view part = rest.substr(0, std::min(cut, rest.size()));
      rest.remove_prefix(part.size());
      alive = feed(link, part, rest.empty());
      static_cast<void>(link.serial_poll());
    }
    demand(other.output().empty());
    while (!instrument->faults().empty()) {
      instrument->faults().remove(instrument->faults().active().front().id);
    }
    instrument->faults_changed();
    if (instrument->due()) instrument->on_due(*instrument->due());
    drain(link);
    link.device_clear();
    demand(link.output().empty());
    if (alive && link.ending() == Link::Ending::none) {
      feed(link, "*IDN?\n", true);
      drain(link);
      feed(link, "*IDN?\n", true);
      link.release(Clock::time_point::max());
      demand(!link.output().empty());
      drain(link);
    }
    feed(other, "\n*IDN?\n", true);
    other.release(Clock::time_point::max());
    demand(!other.output().empty());
  }
  demand(!instrument->due());
  demand(instrument->input_budget().used() == 0);
  return 0;
}
