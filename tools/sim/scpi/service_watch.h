// SPDX-License-Identifier: MIT
// Watches the master summary status (MSS, IEEE 488.2 chapter 11) that each link of an instrument
// has. Where it rises the link requests service; where it falls again before anybody polled, the
// request is withdrawn. It may do so several times in one message: every command is looked at.
//
// Owned by a ScpiInstrument; on the bench's thread only.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "tools/sim/scpi/status_model.h"

namespace visa::sim {

class Link;

class ServiceWatch {
 public:
  /// Before `own`'s message, or whatever else may change the status: notes on all `links` what has
  /// changed since, a fetched answer for instance.
  void begin(const StatusModel& status, const std::vector<Link*>& links, const Link& own);
  /// After each command. Costs the same however many links there are.
  void look(const StatusModel& status, const Link& own) noexcept;
  /// At the end, with the answer on its way: service is requested and requests are withdrawn.
  void finish(const StatusModel& status, const std::vector<Link*>& links, const Link& own);
  /// Between messages: the output of `link` has become another.
  void look_between(const StatusModel& status, Link& link);
  /// All links request service at finish(), whatever their status.
  void request_on_all() noexcept { forced_ = true; }

 private:
  /// MSS as a link without a message available has it, and as one with it has it.
  using Summaries = std::array<bool, 2>;
  static Summaries summaries(const StatusModel& status) noexcept {
    return {status.wants_service(false), status.wants_service(true)};
  }

  Summaries last_{};
  Summaries rose_{};  ///< in this message
  bool own_last_ = false;
  bool own_rose_ = false;
  bool forced_ = false;
  bool enabled_ = false;  ///< a link may have a summary; else thousands of them need no look
};

}  // namespace visa::sim
