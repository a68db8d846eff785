// SPDX-License-Identifier: MIT
// For the engine's tests: a client on a link, without any wire.
#pragma once

#include <string>
#include <string_view>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {

class Asking {
 public:
  explicit Asking(Instrument& instrument, Exchange exchange = Exchange::stream)
      : link_(instrument, exchange, nullptr) {}

  // Sends a line and returns what is in the output queue then, without its LF.
  std::string operator()(std::string_view line) {
    send(std::string(line) + "\n");
    return answer();
  }
  void send(std::string_view bytes, bool end = false) {
    while (!bytes.empty()) {
      const std::size_t taken = link_.receive(bytes, end);
      if (taken == 0) {
        return;
      }
      bytes.remove_prefix(taken);
    }
  }
  std::string answer() {
    std::string text;
    while (!link_.output().empty()) {
      text += link_.output().take(1 << 20).bytes;
    }
    if (text.ends_with('\n')) {
      text.pop_back();
    }
    return text;
  }
  Link& link() { return link_; }

 private:
  Link link_;
};

}  // namespace visa::sim
