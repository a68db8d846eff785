// SPDX-License-Identifier: MIT
// What a client of a GPIB-ENET/100 says beside its main connection: the companion that it must
// have, the state of the bus, interface clear. Requests of twelve bytes, each answered at once by a
// status. On the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/paced_output.h"
#include "tools/sim/gpib/enet_box.h"
#include "tools/sim/gpib/gpib_conversation.h"

namespace visa::sim {

/// How far the port is from the main one.
enum class EnetPort : std::uint16_t { main = 0, wait = 3, control = 5, companion = 15 };

class EnetSide final : public GpibConversation {
 public:
  /// `box` outlives this.
  EnetSide(EnetBox& box, EnetPort port) : box_(box), port_(port) {}

  void receive(std::string_view bytes) override;
  bool accepting() const noexcept override { return paced_.ready().size() < kMostOutput; }
  OutputQueue& output() noexcept override { return paced_.ready(); }
  bool ending() const noexcept override { return paced_.ending() != PacedOutput::Ending::none; }
  bool ends_by_reset() const noexcept override {
    return paced_.ending() == PacedOutput::Ending::reset;
  }
  void go_on(Clock::time_point now) override { paced_.release(now); }
  std::optional<Clock::time_point> due() const override { return paced_.due(); }

 private:
  std::string execute(std::string_view frame);

  static constexpr std::size_t kMostOutput = std::size_t{16} << 10;

  EnetBox& box_;
  const EnetPort port_;
  std::string input_;
  PacedOutput paced_;
  std::uint16_t of_ = 0;  // whose state is asked for: the port of its main connection's client
};

}  // namespace visa::sim
