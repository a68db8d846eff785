// SPDX-License-Identifier: MIT
// A vendor specific interface that sends back what it gets, transfer by transfer; its second
// setting has another bulk-IN pipe. Otherwise as TmcModel.
#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>

#include "conformance/unit/drivers/support/tmc_model.h"

namespace visa::test {

class LoopModel final : public TmcModel {
 public:
  Bytes configuration() const override {
    const auto size = static_cast<std::uint8_t>(packet);
    const auto high = static_cast<std::uint8_t>(packet >> 8U);
    Bytes all{9, 2, 0, 0, 1, 1, 0, 0x80, 50};
    const Bytes settings[] = {{9, 4, 0, 0, 3, 0xFF, 7, 8, 0}, {7, 5, kOut, 2, size, high, 1},
                              {7, 5, kIn, 2, size, high, 1},  {7, 5, kInterrupt, 3, 8, 0, 1},
                              {9, 4, 0, 1, 1, 0xFF, 7, 9, 0}, {7, 5, 0x84, 2, size, high, 1}};
    for (const auto& one : settings) all.insert(all.end(), one.begin(), one.end());
    all[2] = static_cast<std::uint8_t>(all.size());
    return all;
  }

  Urb out(const Bytes& data) override {
    if (stall_out > 0) {
      --stall_out;
      return {.error = EPIPE};
    }
    if (deaf) return {.ended = false};
    transfers.push_back(data);
    return {};
  }

  Urb in(std::size_t room, std::size_t) override {
    if (stall_in > 0) {
      --stall_in;
      return {.error = EPIPE};
    }
    if (transfers.empty()) return {.ended = false};
    Bytes& front = transfers.front();
    const auto size = static_cast<std::ptrdiff_t>(std::min(room, front.size()));
    Urb urb{.data = Bytes(front.begin(), front.begin() + size)};
    front.erase(front.begin(), front.begin() + size);
    const bool over = front.empty();
    if (over) transfers.pop_front();
    const bool short_packet = over && urb.data.size() % packet != 0;
    urb.ended = urb.data.size() == room || short_packet;
    return urb;
  }

  std::deque<Bytes> transfers;
};

}  // namespace visa::test
