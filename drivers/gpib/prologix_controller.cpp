// SPDX-License-Identifier: MIT
// Transfers. Invariant: while the link owes an answer of an instrument, reading_ names it; before
// anything else is asked the rest of that answer is kept, or dropped where it is void.
#include "drivers/gpib/prologix_controller.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <utility>

namespace visa::drivers::gpib {
namespace {

using std::chrono::milliseconds;

/// The mark of EOI comes together with the last byte, or never.
constexpr milliseconds kEndFollows{30};
/// Likewise, with the question that has to be asked first.
constexpr milliseconds kAloneEndFollows{150};
constexpr std::string_view kRead = "++read eoi\n";

/// How long the adapter shall wait for a byte: as long as the program does.
int timer_for(const Call& call) {
  if (call.timeout.count() > 0 && call.deadline.remaining() <= call.timeout &&
      2 * call.deadline.remaining() > call.timeout) {
    return static_cast<int>(
        std::min<std::int64_t>(call.timeout.count(), std::numeric_limits<int>::max()));
  }
  const auto left = std::chrono::ceil<milliseconds>(call.deadline.remaining()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, std::numeric_limits<int>::max()));
}

}  // namespace

std::string PrologixController::address_line(const Address& device) {
  if (addressed_ == device) return {};
  addressed_ = device;
  return "++addr" + address_arguments(device) + "\n";
}

std::string PrologixController::eoi_line(bool eoi) {
  if (eoi_ == eoi) return {};
  eoi_ = eoi;
  return eoi ? "++eoi 1\n" : "++eoi 0\n";
}

/// Waits for the rest of an answer that is owed. It is kept, unless it is that of `dropped`, which
/// also loses what was kept of it.
Status PrologixController::settle(const Address* dropped, Call& call) {
  if (dropped != nullptr) kept_.drop(*dropped);
  const bool keeps = reading_ && (dropped == nullptr || *reading_ != *dropped);
  Status status = Status::success;
  PrologixAnswer& answer = link_->answer();
  while (true) {
    if (!answer.ready().empty()) after_mark_ = false;
    if (keeps) kept_.add(*reading_, answer.ready());
    answer.consume(answer.ready().size());
    if (!link_->owes()) break;
    status = link_->receive(call);
    if (status == Status::error_tmo && call.detail.empty()) {
      call.fail(status, name() + ": the adapter still waits for the answer of another operation");
    }
    if (failed(status) && status != Status::error_io) return status;
    if (keeps && failed(status) && link_->hole()) kept_.cut(*reading_);
    if (link_->owes() && !call.deadline.is_immediate() && call.deadline.expired()) {
      return call.fail(Status::error_tmo, name() + ": the adapter never stops sending");
    }
  }
  if (keeps && !after_mark_ && answer.over() && answer.end()) kept_.end(*reading_);
  reading_.reset();
  after_mark_ = false;
  answer.begin();
  return Status::success;
}

Result<std::string> PrologixController::ask(std::string_view lines, Call& call) {
  if (const Status ready = prepare(call); failed(ready)) return ready;
  auto reply = link_->ask(lines, call);
  if (!reply) addressed_.reset();
  return reply;
}

/// Lines without an answer.
Status PrologixController::tell(std::string_view lines, Call& call) {
  if (const Status ready = prepare(call); failed(ready)) return ready;
  const Status status = link_->send(lines, call).status;
  if (failed(status)) addressed_.reset();
  return status;
}

spi::WriteResult PrologixController::write(const Address& to, std::span<const std::byte> data,
                                           const spi::WriteRule& rule, const AddressRule&,
                                           Call& call) {
  if (const Status ready = settle(&to, call); failed(ready)) return {ready, 0};
  if (data.empty()) return {};
  std::string lines = address_line(to) + eoi_line(rule.end == spi::WriteEnd::end);
  // A device that takes no data must not occupy the adapter longer than the program waits.
  if (const int timer = timer_for(call); timer < link_->timer()) lines += link_->timer_line(timer);
  append_escaped(lines, data);
  lines += '\n';
  const StreamResult sent = link_->send(lines, call);
  if (ok(sent.status)) return {sent.status, data.size()};
  // How many bytes of the message the rest of the line would have been is not known.
  addressed_.reset();
  eoi_.reset();
  return {sent.status, 0};
}

Status PrologixController::start_read(const Address& from, Call& call) {
  std::string lines = address_line(from) + link_->timer_line(timer_for(call));
  lines += kRead;
  const Status started = link_->start_read(lines, call);
  if (link_->owes()) reading_ = from;
  if (failed(started)) addressed_.reset();
  return started;
}

/// The adapter's timer has run out, the program's not.
Status PrologixController::read_again(const Address& from, Call& call) {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.expired()) return Status::error_tmo;
  return start_read(from, call);
}

/// Moves what is ready to the caller. True when the count or the termination character is reached.
bool PrologixController::take_ready(std::span<std::byte> into, const spi::EndRule& rule,
                                    spi::ReadResult& result) {
  PrologixAnswer& answer = link_->answer();
  const auto ready = answer.ready();
  std::size_t size = std::min(ready.size(), into.size() - result.count);
  bool mark = false;
  if (rule.termchar_enabled && size > 0) {
    if (const void* found = std::memchr(ready.data(), rule.termchar, size)) {
      size = static_cast<std::size_t>(static_cast<const std::byte*>(found) - ready.data()) + 1;
      mark = true;
    }
  }
  if (size > 0) std::memcpy(into.data() + result.count, ready.data(), size);
  answer.consume(size);
  result.count += size;
  if (mark) result.reason = spi::StopReason::termchar;
  return mark || result.count == into.size();
}

/// The caller's read is over, but END outranks (6.1.1): is this byte the last one?
void PrologixController::look_for_end(spi::ReadResult& result, Call& call) {
  PrologixAnswer& answer = link_->answer();
  const auto patience = link_->dialect().reads_alone ? kAloneEndFollows : kEndFollows;
  Call part(call, std::min(call.deadline, Deadline::after(patience)));
  while (link_->owes() && answer.ready().empty()) {
    const Status status = link_->receive(part);
    if (status == Status::error_io && link_->hole()) kept_.cut(*reading_);
    if (failed(status)) return;
  }
  if (!answer.ready().empty()) return;
  reading_.reset();
  after_mark_ = false;
  if (answer.end()) result.reason = spi::StopReason::end;
}

/// The answer that is owed, or a further one where the adapter has stopped to wait.
spi::ReadResult PrologixController::take(std::span<std::byte> into, const spi::EndRule& rule,
                                         Call& call) {
  PrologixAnswer& answer = link_->answer();
  const Address from = *reading_;
  spi::ReadResult result;
  for (bool received = false;; received = true) {
    const std::size_t before = result.count;
    const bool done = take_ready(into, rule, result);
    if (result.count > before) after_mark_ = false;
    if (done) {
      after_mark_ = result.reason == spi::StopReason::termchar;
      look_for_end(result, call);
      return result;
    }
    if (!link_->owes()) {
      reading_.reset();
      // An END that comes alone after the termination character is that of the answer before.
      const bool stale = std::exchange(after_mark_, false);
      if (!stale && answer.over() && answer.end()) {
        result.reason = spi::StopReason::end;
        return result;
      }
      result.status = read_again(from, call);
      if (failed(result.status)) return result;
      continue;
    }
    // An adapter that never pauses must not hold the caller until a large buffer is full.
    if (received && !call.deadline.is_immediate() && call.deadline.expired()) {
      result.status = Status::error_tmo;
      return result;
    }
    const Status status = link_->receive(call);
    if (failed(status) && status != Status::error_io) {
      result.status = status;
      return result;
    }
    if (failed(status) && link_->hole()) {
      reading_.reset();
      after_mark_ = false;
      result.status = call.fail(
          status, name() + ": a part of the answer was lost; clear the device and ask again");
      return result;
    }
  }
}

spi::ReadResult PrologixController::read(const Address& from, std::span<std::byte> into,
                                         const spi::EndRule& rule, const AddressRule&, Call& call) {
  spi::ReadResult result;
  if (kept_.deliver(from, into, rule, result, call)) return result;
  if (reading_ != from) {
    result.status = prepare(call);
    if (ok(result.status)) result.status = start_read(from, call);
    if (failed(result.status)) return result;
  }
  auto rest = take(into.subspan(result.count), rule, call);
  rest.count += result.count;
  return rest;
}

}  // namespace visa::drivers::gpib
