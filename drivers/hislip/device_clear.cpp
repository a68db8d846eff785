// SPDX-License-Identifier: MIT
// Device clear (6.12): AsyncDeviceClear, its acknowledge, DeviceClearComplete with the wanted mode,
// its acknowledge with the mode that holds; what else arrives until then is thrown away. A deadline
// may end it at every step, and the next operation goes on from there.
#include <algorithm>
#include <chrono>

#include "drivers/hislip/hislip_error.h"
#include "drivers/hislip/sync_channel.h"

namespace visa::drivers::hislip {
namespace {

using namespace std::chrono_literals;

/// The time for a device clear with VI_TMO_IMMEDIATE: it cannot be done without waiting.
constexpr auto kLeastClear = 2s;

/// While the instrument prepares, arrived answers are thrown away this often: it may be busy
/// sending one.
constexpr auto kLook = 20ms;

}  // namespace

Status SyncChannel::clear(bool overlap, Call& call) {
  const Entry entry(*this, Entry::Kind::clear, call);
  if (failed(entry.status())) return entry.status();
  return clear_inside(overlap, call);
}

Status SyncChannel::clear_inside(bool overlap, Call& call) {
  wanted_overlap_ = overlap;
  inside_ = false;
  if (clearing_ == Clearing::no) {
    Status status = Status::success;
    if (!async_->begin_clear(status, call)) return status;
    clearing_ = Clearing::announced;
  }
  Call bounded(call, call.deadline.is_immediate() ? Deadline::after(kLeastClear) : call.deadline);
  const Status status = continue_clear(bounded);
  call.detail = std::move(bounded.detail);
  return status;
}

Status SyncChannel::continue_clear(Call& call) {
  Status status = Status::success;
  if (clearing_ == Clearing::announced) status = await_acknowledge(call);
  if (ok(status) && clearing_ == Clearing::acknowledged) status = send_complete(call);
  if (ok(status) && clearing_ == Clearing::completing) status = await_end_of_clear(call);
  if (status != Status::error_tmo) return status;
  return call.fail(status, stream_->peer() +
                               ": the instrument has not finished the device clear; the next "
                               "operation waits for it again");
}

Status SyncChannel::await_acknowledge(Call& call) {
  for (;;) {
    Call piece(call, std::min(call.deadline, Deadline::after(kLook)));
    const auto answer = async_->await_clear(piece);
    if (answer) {
      const bool acknowledged = answer->header.type == MessageType::async_device_clear_acknowledge;
      clearing_ = acknowledged ? Clearing::acknowledged : Clearing::no;
      if (acknowledged) return Status::success;
      return call.fail(Status::error_io,
                       stream_->peer() + ": " + describe(answer->header, answer->payload));
    }
    if (answer.status() != Status::error_tmo) {
      call.detail = std::move(piece.detail);
      return answer.status();
    }
    if (call.deadline.expired()) return Status::error_tmo;
    Call moment(call, Deadline::immediate());
    const Status sent = out_.finish(moment);
    if (failed(sent) && sent != Status::error_tmo) return sent;
    if (const Status dropped = drop_arrived(call); failed(dropped)) return dropped;
  }
}

/// A message that was sent in part comes before it: nothing may be cut short.
Status SyncChannel::send_complete(Call& call) {
  const std::uint8_t features = wanted_overlap_ ? kOverlap : std::uint8_t{0};
  if (const Status status = finish_message(call); failed(status)) return status;
  const auto sent = out_.send({MessageType::device_clear_complete, features}, {}, call);
  if (sent.begun) clearing_ = Clearing::completing;
  return sent.status;
}

/// Throws away the rest of a message. An Error belongs to what is being cleared.
Status SyncChannel::drop(Call& call) {
  if (in_.header().type != MessageType::error) return pass_over({}, call);
  text_.clear();
  return in_.skip(call);
}

/// Throws everything away up to the acknowledge on this connection; then all counters begin anew.
Status SyncChannel::await_end_of_clear(Call& call) {
  if (const Status status = out_.finish(call); failed(status)) return status;
  for (int messages = 0;; ++messages) {
    if (over(call, messages)) return Status::error_tmo;
    if (!unhandled_) {
      if (in_.left() > 0) {
        if (const Status status = drop(call); failed(status)) return status;
      }
      std::size_t placed = 0;
      const Status status = in_.next({}, std::nullopt, placed, call);
      if (failed(status)) return status;
    }
    const Header header = in_.header();
    const Status dropped = drop(call);
    unhandled_ = failed(dropped);  // the acknowledge may have a payload, and a call end inside it
    if (unhandled_) return dropped;
    if (header.type != MessageType::device_clear_acknowledge) continue;
    state_.restart((header.control & kOverlap) != 0);
    in_.forget_last_data();
    interrupted_ = async_->interrupted();
    clearing_ = Clearing::no;
    return Status::success;
  }
}

}  // namespace visa::drivers::hislip
