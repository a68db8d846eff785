// SPDX-License-Identifier: MIT
// Instrument files of any bytes: either every mistake has its line, or the instrument works:
// whatever its headers, formulas and records are, each can be asked for and *IDN? is answered
// afterwards.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/engine/link.h"

namespace {

using visa::sim::Link;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string plain(std::string_view pattern) {
  std::string header;
  for (const char c : pattern) {
    if (c == '#') {
      header += '1';
    } else if (c != '[' && c != ']') {
      header += c;
    }
  }
  return header;
}

void send(Link& link, const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty() && link.ending() == Link::Ending::none) {
    rest.remove_prefix(link.receive(rest, false));
    link.release(visa::sim::Clock::time_point::max());
    link.output().clear();
  }
}

/// A recording answers what it has, and errors for the rest.
void play(const std::shared_ptr<const visa::sim::Description>& description) {
  const auto instrument = visa::sim::make_instrument(description);
  Link link(*instrument, visa::sim::Exchange::stream);
  for (const auto& exchange : description->recording->exchanges) {
    send(link, exchange.message + description->recording->terminator);
    link.serial_poll();
  }
  link.trigger();
  instrument->on_due(visa::sim::Clock::time_point::max());
  link.device_clear();
  send(link, "NO SUCH\nSYST:ERR?\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::shared_ptr<const visa::sim::Description> description;
  try {
    description = visa::sim::read_description(text, "file");
  } catch (const visa::sim::DescriptionError& error) {
    demand(std::string_view(error.what()).starts_with("file:"));
    return 0;
  }
  if (description->pyvisa_test) return 0;
  if (description->recording) {
    play(description);
    return 0;
  }
  visa::sim::DescribedInstrument instrument(description, std::size_t{1} << 18);
  Link link(instrument, visa::sim::Exchange::stream);
  link.exempt_from_faults();
  int asked = 0;
  for (const auto& property : description->properties) {
    for (const auto& headers : property.headers) {
      for (const std::string& header : headers) {
        if (++asked > 50) break;
        send(link, plain(header) + " MAX;:" + plain(header) + " 1;:" + plain(header) + "?\n");
      }
    }
  }
  for (const auto& dialogue : description->dialogues) {
    for (const std::string& query : dialogue.queries) {
      if (++asked < 100) send(link, plain(query) + "\n");
    }
  }
  for (const auto& command : description->commands) {
    for (const std::string& header : command.headers) {
      if (++asked < 150) send(link, plain(header) + " 1,2\n" + plain(header) + "\n");
    }
  }
  for (const auto& record : description->records) {
    for (const std::string& query : record.queries) {
      if (++asked < 160) send(link, plain(query) + "\n");
    }
  }
  send(link, "*RST;*TRG;*CLS\n");
  demand(link.receive("*OPC?\n", false) == 6);
  link.release(visa::sim::Clock::time_point::max());
  demand(!link.output().empty());
  return 0;
}
