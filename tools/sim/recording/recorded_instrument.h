// SPDX-License-Identifier: MIT
// An instrument that answers as one did that was recorded. A message gets the answers it got then:
// the first time it is sent those of its first time, and so on; more often than recorded the last
// again. What was not recorded is an error that the program sees (as answer, or by SYSTem:ERRor?),
// and a remark of the bench.
//
// Shared by all its links, on the bench's thread only (see instrument.h).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/recording/recording.h"

namespace visa::sim {

class RecordedInstrument : public Instrument {
 public:
  static constexpr std::size_t kMostErrors = 20;  ///< that wait for SYSTem:ERRor?

  explicit RecordedInstrument(std::shared_ptr<const Recording> recording);

  Framing framing() const override;
  void execute(Link& link, std::string_view message) override;
  void refuse_long_message(Link& link) override;
  void interrupted(Link&) override {}
  void unterminated(Link&) override {}
  void deadlocked(Link&) override {}
  void device_clear(Link& link) override;
  void trigger(Link& link) override;
  std::uint8_t status_byte(const Link& link) const override;
  std::uint8_t poll_status(Link& link) override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;
  void detach(Link& link) noexcept override;

 private:
  /// What a message, a trigger or a clear got, in order.
  struct Times {
    std::vector<const RecordedExchange*> exchanges;
    std::size_t next = 0;
  };
  /// What a client sees of the last exchange.
  struct Seen {
    const RecordedExchange* exchange = nullptr;
    std::size_t polls = 0;
  };
  struct Request {
    Clock::time_point due;
    Link* link = nullptr;
  };

  static std::string key_of(RecordedExchange::Kind kind, std::string_view message);
  Times* find(std::string_view message);
  void play(Link& link, Times& times);
  void miss(Link& link, std::string_view what);
  bool answer_error(Link& link, std::string_view message);

  std::shared_ptr<const Recording> recording_;
  std::map<std::string, Times, std::less<>> times_;
  std::vector<std::pair<std::string, std::string>> secrets_;  ///< beginning of a message, its key
  std::map<const Link*, Seen> seen_;
  std::vector<Request> requests_;
  std::deque<std::string> errors_;
};

}  // namespace visa::sim
