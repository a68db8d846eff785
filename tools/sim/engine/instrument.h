// SPDX-License-Identifier: MIT
// One simulated instrument, independent of any wire: program messages in, answers out.
//
// Owned by a Bench. All clients of all wires share it (its settings, status and errors), as they
// share a real one; each client has a Link of its own with its own input and output queue, so one
// client never reads another's answer. Everything here runs on the bench's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/message_reader.h"

namespace visa::sim {

class Link;
class WireLog;

/// A wire that holds something back until a fault is off.
class FaultListener {
 public:
  virtual ~FaultListener() = default;
  virtual void on_faults_changed() = 0;
};

class Instrument : public TimerSource {
 public:
  Instrument() = default;
  Instrument(const Instrument&) = delete;
  Instrument& operator=(const Instrument&) = delete;

  /// How messages are cut; asked once per link.
  virtual Framing framing() const { return {}; }

  /// Executes one program message and puts its answer into `link`. `message` still has its LF, if
  /// that ended it; it is never longer than the framing's limit.
  virtual void execute(Link& link, std::string_view message) = 0;
  /// A message was longer than the limit and has been thrown away.
  virtual void refuse_long_message(Link& link) = 0;

  /// The three query errors of 488.2 6.3.2; the link has cleared what must be cleared.
  virtual void interrupted(Link& link) = 0;
  virtual void unterminated(Link& link) = 0;
  virtual void deadlocked(Link& link) = 0;

  /// Device clear from the wire (viClear where the wire has it); the link's queues are empty
  /// already.
  virtual void device_clear(Link& link) = 0;
  /// Group execute trigger (viAssertTrigger).
  virtual void trigger(Link& link) = 0;
  /// The status byte without bit 6, as `link` sees it.
  virtual std::uint8_t status_byte(const Link& link) const = 0;
  /// The same when `link` polls.
  virtual std::uint8_t poll_status(Link& link) { return status_byte(link); }
  /// Between messages: what `link` has for its client has become more or less.
  virtual void output_changed(Link& link) { static_cast<void>(link); }

  /// Most instruments have no delayed actions.
  std::optional<Clock::time_point> due() const override { return std::nullopt; }
  void on_due(Clock::time_point now) override { static_cast<void>(now); }

  InputBudget& input_budget() noexcept { return input_budget_; }

  /// Faults that the answers of its clients meet. After one has been removed, faults_changed() lets
  /// go what it held back.
  FaultBoard& faults() noexcept { return faults_; }
  void faults_changed();
  void add_fault_listener(FaultListener& listener) { fault_listeners_.push_back(&listener); }
  void remove_fault_listener(FaultListener& listener) noexcept {
    std::erase(fault_listeners_, &listener);
  }

  /// Every byte that crosses a wire is logged there, under `name`; null: nothing is. The log
  /// outlives the instrument.
  void set_log(WireLog* log, const std::string& name) {
    log_ = log;
    log_name_ = name;
  }
  /// What the user has to hear of while the bench runs goes there; without it nowhere.
  using Remark = std::function<void(std::string_view)>;
  void set_remark(Remark remark) { remark_ = std::move(remark); }
  void remark(std::string_view text) const {
    if (remark_) remark_(text);
  }
  WireLog* log() const noexcept { return log_; }
  const std::string& log_name() const noexcept { return log_name_; }

  /// Called by Link's constructor and destructor; the number a client goes by, from 1 on.
  std::uint64_t attach(Link& link);
  virtual void detach(Link& link) noexcept;
  const std::vector<Link*>& links() const noexcept { return links_; }

 private:
  FaultBoard faults_;
  std::vector<FaultListener*> fault_listeners_;
  WireLog* log_ = nullptr;
  Remark remark_;
  std::string log_name_;
  std::uint64_t last_client_ = 0;
  InputBudget input_budget_;
  std::vector<Link*> links_;
};

}  // namespace visa::sim
