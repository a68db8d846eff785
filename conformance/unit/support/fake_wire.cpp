// SPDX-License-Identifier: MIT
// Waiting inside an operation happens on `changed_` and is a cancellation point, as a system call
// would be; Visit counts the thread out again on every way, forced unwinding included.
#include "conformance/unit/support/fake_wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace visa::test {

// One operation inside the channel.
class FakeWire::Visit {
 public:
  Visit(FakeWire& wire, unsigned FakeWire::*kind) : wire_(wire), kind_(kind) {
    const std::lock_guard lock(wire_.mutex_);
    if (wire_.closed_) wire_.violation("an operation after close");
    ++(wire_.*kind_);
    const bool crowd =
        wire_.readers_ > 1 || wire_.writers_ > 1 ||
        (!wire_.traits_.value_or(spi::Traits{}).duplex && wire_.readers_ + wire_.writers_ > 1);
    if (crowd) wire_.violation("two transfers at once");
  }
  ~Visit() {
    const std::lock_guard lock(wire_.mutex_);
    --(wire_.*kind_);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  FakeWire& wire_;
  unsigned FakeWire::*const kind_;
};

FakeWire& FakeWire::then(Step step) {
  const std::lock_guard lock(mutex_);
  steps_.push_back(std::move(step));
  return *this;
}

FakeWire& FakeWire::has(ViAttr id, model::AttributeValue value) {
  const std::lock_guard lock(mutex_);
  attributes_[id] = std::move(value);
  return *this;
}

FakeWire& FakeWire::never_stops(std::string piece, spi::StopReason reason,
                                std::chrono::milliseconds pace) {
  const std::lock_guard lock(mutex_);
  endless_ = {std::move(piece), reason, pace};
  return *this;
}

std::optional<spi::ReadResult> FakeWire::read_endless(std::span<std::byte> into, Call& call) {
  std::unique_lock lock(mutex_);
  if (!endless_ || (!steps_.empty() && steps_.front().operation == "read")) return std::nullopt;
  if (endless_->pace.count() > 0) {
    const auto next = std::chrono::steady_clock::now() + endless_->pace;
    while (std::chrono::steady_clock::now() < next) changed_.wait_until(lock, next);
  }
  if (call.cancelled()) return spi::ReadResult{Status::error_abort};
  const std::size_t count = std::min(into.size(), endless_->piece.size());
  std::memcpy(into.data(), endless_->piece.data(), count);
  const bool full = count == into.size();
  return spi::ReadResult{Status::success, count, full ? spi::StopReason::count : endless_->reason};
}

void FakeWire::release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

bool FakeWire::wait_until_blocked(unsigned count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::steady_clock::now() + kPatience,
                             [&] { return blocked_ >= count; });
}

bool FakeWire::wait_until_seen(std::string_view operation, unsigned count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::steady_clock::now() + kPatience, [&] {
    return std::count_if(seen_.begin(), seen_.end(), [&](const Seen& one) {
             return one.operation == operation;
           }) >= static_cast<std::ptrdiff_t>(count);
  });
}

std::vector<Seen> FakeWire::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::vector<std::string> FakeWire::operations() const {
  std::vector<std::string> names;
  for (const auto& one : seen()) {
    if (one.operation != "wake") names.push_back(one.operation);
  }
  return names;
}

std::string FakeWire::written() const {
  std::string text;
  for (const auto& one : seen()) {
    if (one.operation == "write") text += one.data;
  }
  return text;
}

std::size_t FakeWire::count(std::string_view operation) const {
  const auto all = seen();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Seen& one) { return one.operation == operation; }));
}

Seen FakeWire::last(std::string_view operation) const {
  const auto all = seen();
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (one->operation == operation) return *one;
  }
  ADD_FAILURE() << "the channel saw no " << operation;
  return {};
}

std::size_t FakeWire::steps_left() const {
  const std::lock_guard lock(mutex_);
  return steps_.size();
}

bool FakeWire::channel_destroyed() const {
  const std::lock_guard lock(mutex_);
  return destroyed_;
}

void FakeWire::note(Seen seen) {
  seen.thread = std::this_thread::get_id();
  const std::lock_guard lock(mutex_);
  seen_.push_back(std::move(seen));
  changed_.notify_all();
}

void FakeWire::violation(const std::string& what) {
  ADD_FAILURE() << "the channel was used against its contract: " << what;
}

// The step for this operation: the next of the script if it is for it, else a default.
Step FakeWire::take(const Seen& seen, Call&) {
  const std::lock_guard lock(mutex_);
  if (!steps_.empty() && steps_.front().operation == seen.operation) {
    Step step = std::move(steps_.front());
    steps_.pop_front();
    return step;
  }
  Step step{.operation = seen.operation};
  if (seen.operation == "read") step.status = Status::error_tmo;  // nothing to be had
  if (seen.operation == "stb" || seen.operation == "trigger") step.status = Status::error_nsup_oper;
  return step;
}

Status FakeWire::play(Step& step, Call& call) {
  if (step.throws) step.throws();
  if (step.blocks) {
    std::unique_lock lock(mutex_);
    struct Blocked {
      FakeWire& wire;
      explicit Blocked(FakeWire& w) : wire(w) {
        ++wire.blocked_;
        wire.changed_.notify_all();
      }
      ~Blocked() { --wire.blocked_; }
    } blocked(*this);
    while (!released_) {
      if (!step.deaf && call.cancelled()) return Status::error_abort;
      if (!step.deaf && call.deadline.expired()) return Status::error_tmo;
      if (step.deaf || call.deadline.is_infinite()) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, call.deadline.time_point());
      }
    }
  }
  if (!step.detail.empty()) call.detail = step.detail;
  return step.status;
}

class FakeChannel final : public spi::Channel,
                          private spi::RemoteLocalFacet,
                          private spi::RemoteLockFacet {
 public:
  FakeChannel(std::shared_ptr<FakeWire> wire, spi::Traits usual)
      : wire_(std::move(wire)), usual_(usual) {}
  ~FakeChannel() override {
    const std::lock_guard lock(wire_->mutex_);
    wire_->destroyed_ = true;
    wire_->changed_.notify_all();
  }

  void close(Call& call) noexcept override {
    {
      const std::lock_guard lock(wire_->mutex_);
      if (wire_->closed_) wire_->violation("closed twice");
      if (wire_->readers_ + wire_->writers_ + wire_->others_ != 0) {
        wire_->violation("closed with an operation inside");
      }
      wire_->closed_ = true;
    }
    wire_->events.close();
    Seen seen{.operation = "close", .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    if (step.blocks) static_cast<void>(wire_->play(step, call));
    wire_->note(std::move(seen));
  }

  spi::Traits traits() const noexcept override {
    const std::lock_guard lock(wire_->mutex_);
    return wire_->traits_.value_or(usual_);
  }

  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::readers_);
    if (const auto result = wire_->read_endless(into, call)) return *result;
    Seen seen{.operation = "read", .room = into.size(), .rule = rule, .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    wire_->note(seen);
    const Status status = wire_->play(step, call);
    const std::size_t count = std::min(into.size(), step.data.size());
    if (count > 0) std::memcpy(into.data(), step.data.data(), count);
    if (count == step.data.size()) return {status, count, step.reason};
    const std::lock_guard lock(wire_->mutex_);
    step.data.erase(0, count);
    step.blocks = false;
    wire_->steps_.push_front(std::move(step));
    return {Status::success, count, spi::StopReason::count};
  }

  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::writers_);
    Seen seen{.operation = "write",
              .data = std::string(reinterpret_cast<const char*>(data.data()), data.size()),
              .end = rule.end,
              .write_rule = rule,
              .protocol = rule.protocol,
              .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    wire_->note(std::move(seen));
    const Status status = wire_->play(step, call);
    if (step.count) return {status, std::min(*step.count, data.size())};
    return {status, ok(status) ? data.size() : 0};
  }

  void wake() noexcept override { wire_->note({.operation = "wake"}); }

  Result<std::uint8_t> read_status_byte(Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    Seen seen{.operation = "stb", .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    if (step.status != Status::error_nsup_oper) wire_->note(std::move(seen));
    const Status status = wire_->play(step, call);
    if (failed(status)) return status;
    return step.status_byte;
  }

  Status clear(Call& call) override { return plain("clear", call); }

  Status trigger(const spi::TriggerRule& rule, Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    Seen seen{.operation = "trigger",
              .data = std::to_string(static_cast<unsigned>(rule.protocol)),
              .line = rule.line,
              .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    if (step.status != Status::error_nsup_oper) wire_->note(std::move(seen));
    return wire_->play(step, call);
  }

  spi::Facets facets() noexcept override {
    spi::Facets facets = wire_->offered_;
    if (wire_->facets_) {
      facets.remote_local = this;
      facets.remote_lock = this;
    }
    return facets;
  }

  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    return wire_->events.enable(type, sink, call);
  }
  Status disable_event(ViEventType type, Call&) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    return wire_->events.disable(type);
  }

  Status control_ren(spi::RenMode mode, Call& call) override {
    return plain(("ren " + std::to_string(static_cast<unsigned>(mode))).c_str(), call);
  }
  bool carries(spi::RemoteLockKind kind) const noexcept override {
    return kind == spi::RemoteLockKind::exclusive || wire_->shared_locks_;
  }
  Status lock(spi::RemoteLockKind kind, std::string_view key, Call& call) override {
    if (kind == spi::RemoteLockKind::exclusive) return plain("lock", call);
    return plain(("lock shared " + std::string(key)).c_str(), call);
  }
  Status unlock(spi::RemoteLockKind kind, Call& call) override {
    return plain(kind == spi::RemoteLockKind::exclusive ? "unlock" : "unlock shared", call);
  }

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    Seen seen{.operation = "get", .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    wire_->note(std::move(seen));
    if (const Status status = wire_->play(step, call); failed(status)) return status;
    const std::lock_guard lock(wire_->mutex_);
    const auto found = wire_->attributes_.find(id);
    if (found == wire_->attributes_.end()) return Status::error_nsup_attr;
    return found->second;
  }

  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    Seen seen{.operation = "set", .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    wire_->note(std::move(seen));
    if (const Status status = wire_->play(step, call); failed(status)) return status;
    wire_->has(id, value);
    return Status::success;
  }

 private:
  Status plain(const char* operation, Call& call) {
    const FakeWire::Visit visit(*wire_, &FakeWire::others_);
    Seen seen{.operation = operation, .deadline = call.deadline};
    Step step = wire_->take(seen, call);
    wire_->note(std::move(seen));
    return wire_->play(step, call);
  }

  const std::shared_ptr<FakeWire> wire_;
  const spi::Traits usual_;
};

std::unique_ptr<spi::Channel> make_fake_channel(std::shared_ptr<FakeWire> wire, spi::Traits usual) {
  return std::make_unique<FakeChannel>(std::move(wire), usual);
}

}  // namespace visa::test
