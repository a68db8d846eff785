// SPDX-License-Identifier: MIT
// Invariant: what the inner channel returned is returned unchanged, whatever becomes of the record.
#include "lib/core/tracing_channel.h"

#include <array>
#include <cstdio>
#include <new>
#include <utility>

#include "lib/base/cancel_shield.h"

namespace visa::core {
namespace {

using Clock = std::chrono::steady_clock;
using Direction = WireRecord::Direction;

std::string_view mark_of(spi::WriteEnd end) {
  switch (end) {
    case spi::WriteEnd::end:
      return "END";
    case spi::WriteEnd::termchar:
      return "termchar";
    case spi::WriteEnd::last_bit:
      return "last bit";
    case spi::WriteEnd::break_:
      return "break";
    case spi::WriteEnd::none:
      break;
  }
  return "more follows";
}

std::string_view mark_of(const spi::ReadResult& result) {
  if (failed(result.status)) return {};
  switch (result.reason) {
    case spi::StopReason::end:
      return "END";
    case spi::StopReason::termchar:
      return "termchar";
    case spi::StopReason::closed:
      return "closed";
    case spi::StopReason::count:
      break;
  }
  return "count";
}

}  // namespace

/// Between the driver and the session while events are enabled. One per channel: it serves all
/// types.
class TracingChannel::Sink final : public spi::EventSink {
 public:
  Sink(TracingChannel& channel, spi::EventSink& target) : channel_(channel), target_(target) {}
  void post(spi::EventRecord record) override {
    std::array<char, 24> type{};
    std::snprintf(type.data(), type.size(), "0x%08lX", static_cast<unsigned long>(record.type));
    channel_.tell({.operation = "event", .direction = Direction::received, .mark = type.data()});
    target_.post(std::move(record));
  }
  bool serves(const spi::EventSink& target) const noexcept { return &target_ == &target; }

 private:
  TracingChannel& channel_;
  spi::EventSink& target_;
};

TracingChannel::TracingChannel(std::unique_ptr<spi::Channel> inner,
                               std::unique_ptr<WireObserver> observer)
    : inner_(std::move(inner)), observer_(std::move(observer)) {}

TracingChannel::~TracingChannel() = default;

// Without memory a record is lost, never the operation.
void TracingChannel::tell(const WireRecord& record) {
  try {
    observer_->seen(record);
  } catch (const std::bad_alloc&) {
  }
}

template <class Body>
Status TracingChannel::observe(WireRecord record, Body&& body) {
  const auto begin = Clock::now();
  record.status = body();
  record.time = Clock::now() - begin;
  record.begin = begin;
  tell(record);
  return record.status;
}

void TracingChannel::close(Call& call) noexcept {
  const CancelShield shield;  // the trace writes to a file
  const auto begin = Clock::now();
  inner_->close(call);
  tell({.operation = "close", .time = Clock::now() - begin, .begin = begin});
}

spi::ReadResult TracingChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                     Call& call) {
  const auto begin = Clock::now();
  const auto result = inner_->read(into, rule, call);
  tell({.operation = "read",
        .direction = Direction::received,
        .data = into.first(result.count),
        .mark = mark_of(result),
        .status = result.status,
        .time = Clock::now() - begin,
        .begin = begin});
  return result;
}

spi::WriteResult TracingChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                       Call& call) {
  const bool whole = rule.end != spi::WriteEnd::none;
  try {
    observer_->sending(data, whole);
  } catch (const std::bad_alloc&) {
  }
  const auto begin = Clock::now();
  const auto result = inner_->write(data, rule, call);
  tell({.operation = "write",
        .direction = Direction::sent,
        .data = data.first(result.count),
        .mark = mark_of(rule.end),
        .whole = whole,
        .status = result.status,
        .time = Clock::now() - begin,
        .begin = begin});
  return result;
}

Result<std::uint8_t> TracingChannel::read_status_byte(Call& call) {
  const auto begin = Clock::now();
  const auto value = inner_->read_status_byte(call);
  const std::byte held{value ? *value : std::uint8_t{0}};
  tell({.operation = "stb",
        .direction = Direction::received,
        .data = {&held, value ? std::size_t{1} : 0},
        .status = value.status(),
        .time = Clock::now() - begin,
        .begin = begin});
  return value;
}

Status TracingChannel::clear(Call& call) {
  // On a stream a clear throws away what has come; the instrument may answer later.
  return observe(
      {.operation = "clear", .direction = Direction::sent, .whole = !inner_->traits().stream},
      [&] { return inner_->clear(call); });
}

Status TracingChannel::trigger(const spi::TriggerRule& rule, Call& call) {
  return observe({.operation = "trigger", .direction = Direction::sent},
                 [&] { return inner_->trigger(rule, call); });
}

Status TracingChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (sink_ == nullptr || !sink_->serves(sink)) sink_ = std::make_unique<Sink>(*this, sink);
  return observe({.operation = "enable event", .direction = Direction::sent},
                 [&] { return inner_->enable_event(type, *sink_, call); });
}

Status TracingChannel::disable_event(ViEventType type, Call& call) {
  return observe({.operation = "disable event", .direction = Direction::sent},
                 [&] { return inner_->disable_event(type, call); });
}

spi::Facets TracingChannel::facets() noexcept {
  spi::Facets facets = inner_->facets();
  if (facets.buffers != nullptr) facets.buffers = this;
  if (facets.remote_local != nullptr) facets.remote_local = this;
  if (facets.remote_lock != nullptr) facets.remote_lock = this;
  return facets;
}

Status TracingChannel::discard_input(Call& call) {
  return observe({.operation = "discard input"},
                 [&] { return inner_->facets().buffers->discard_input(call); });
}

Status TracingChannel::flush_output(bool discard, Call& call) {
  return observe({.operation = discard ? "discard output" : "flush output"},
                 [&] { return inner_->facets().buffers->flush_output(discard, call); });
}

Status TracingChannel::resize(bool input, std::uint32_t size, Call& call) {
  return inner_->facets().buffers->resize(input, size, call);
}

Status TracingChannel::control_ren(spi::RenMode mode, Call& call) {
  return observe({.operation = "ren", .direction = Direction::sent},
                 [&] { return inner_->facets().remote_local->control_ren(mode, call); });
}

bool TracingChannel::carries(spi::RemoteLockKind kind) const noexcept {
  return inner_->facets().remote_lock->carries(kind);
}

Status TracingChannel::lock(spi::RemoteLockKind kind, std::string_view key, Call& call) {
  return observe({.operation = "lock",
                  .direction = Direction::sent,
                  .mark = kind == spi::RemoteLockKind::exclusive ? "exclusive" : "shared"},
                 [&] { return inner_->facets().remote_lock->lock(kind, key, call); });
}

Status TracingChannel::unlock(spi::RemoteLockKind kind, Call& call) {
  return observe({.operation = "unlock",
                  .direction = Direction::sent,
                  .mark = kind == spi::RemoteLockKind::exclusive ? "exclusive" : "shared"},
                 [&] { return inner_->facets().remote_lock->unlock(kind, call); });
}

}  // namespace visa::core
