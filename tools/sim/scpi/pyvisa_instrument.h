// SPDX-License-Identifier: MIT
// The instrument that PyVISA's own instrument tests (keysight_assisted_tests) are written against:
// it stores a line and sends it back. Not SCPI; the numbered rules are in the source.
//
// All links share mode and stored data, as they share one instrument (see instrument.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/instrument.h"

namespace visa::sim {

class PyvisaInstrument : public Instrument {
 public:
  static constexpr std::string_view kIdentity =
      "Keysight Technologies,FreeVISA test instrument,0,1.0\n";
  /// How long SENDSLOWSRQ takes; the tests wait 2 s at most.
  static constexpr std::chrono::milliseconds kSlowAnswer{300};

  Framing framing() const override;
  void execute(Link& link, std::string_view message) override;
  void refuse_long_message(Link& link) override;
  void interrupted(Link&) override {}
  void unterminated(Link&) override {}
  void deadlocked(Link&) override {}
  void device_clear(Link& link) override;
  void trigger(Link&) override {}
  std::uint8_t status_byte(const Link& link) const override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;
  void detach(Link& link) noexcept override;

 private:
  enum class Mode : std::uint8_t { command, receive, slow };
  struct SlowAnswer {
    Link* link = nullptr;
    Clock::time_point due;
  };

  void execute_command(Link& link, std::string_view command);
  void forget_slow_answer(const Link& link) noexcept;
  /// Puts `data` in the place of what the link's client has not read.
  static void send(Link& link, const SharedBytes& data);

  Mode mode_ = Mode::command;
  const Link* mode_owner_ = nullptr;  ///< whose RECEIVE or RCVSLOWSRQ is waiting for its line
  SharedBytes stored_;
  SharedBytes slow_;
  std::vector<SlowAnswer> slow_answers_;  ///< by time; one a link
};

}  // namespace visa::sim
