// SPDX-License-Identifier: MIT
// The transfers of a session: register the call and take the lane, then ask for the lock (no system
// call), then the channel, then one place that makes the VISA code.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "lib/core/session_transfer.h"
#include "lib/core/transfer_file.h"

namespace visa::core {
namespace {

// A channel that has the next piece ready does not look at the clock: between pieces this does.
bool out_of_time(const Call& call) {
  return !call.deadline.is_immediate() && call.deadline.expired();
}

}  // namespace

Transfer Session::read(std::span<std::byte> into) {
  Call call(store().deadline());
  return read(into, call);
}

Transfer Session::read(std::span<std::byte> into, Call& call) {
  Transfer done;
  done.status = transfer(call, Lane::read, [&](Call&) {
    const auto rule = end_rule();
    const auto secrets = secrets_read();
    const auto result = channel_->read(into, rule, call);
    done.count = result.count;
    done.secret = secrets_read() != secrets;
    return completion(result, rule);
  });
  return done;
}

Transfer Session::write(std::span<const std::byte> data) {
  Call call(store().deadline());
  return write(data, call);
}

Transfer Session::write(std::span<const std::byte> data, Call& call) {
  Transfer done;
  message_sent_.store(true, std::memory_order_relaxed);
  done.status = transfer(call, Lane::write, [&](Call&) {
    const auto result = channel_->write(data, write_rule(), call);
    done.count = result.count;
    return result.status;
  });
  return done;
}

Transfer Session::read_to_file(const char* path, std::size_t count) {
  Transfer done;
  done.status = transfer(Lane::read, [&](Call& call) -> Status {
    auto file = TransferFile::for_writing(path, store().append_files(), call);
    if (!file) return file.status();
    const auto rule = end_rule();
    const auto buffer = std::make_unique<std::byte[]>(TransferFile::kPiece);
    Status status = Status::success_max_cnt;  // asked for nothing: the count is reached
    while (done.count < count) {
      const auto piece = std::min(count - done.count, TransferFile::kPiece);
      const auto result = channel_->read({buffer.get(), piece}, rule, call);
      status = completion(result, rule);
      const auto kept = file->write({buffer.get(), result.count}, call);
      if (failed(kept)) return kept;
      done.count += result.count;
      if (failed(status) || result.reason != spi::StopReason::count) break;
      if (done.count < count && out_of_time(call)) {
        status = Status::error_tmo;
        break;
      }
    }
    const auto closed = file->finish(call);
    return failed(closed) && ok(status) ? closed : status;
  });
  return done;
}

Transfer Session::write_from_file(const char* path, std::size_t count) {
  Transfer done;
  message_sent_.store(true, std::memory_order_relaxed);
  done.status = transfer(Lane::write, [&](Call& call) -> Status {
    auto file = TransferFile::for_reading(path, call);
    if (!file) return file.status();
    const auto whole = write_rule();
    const spi::WriteRule part = whole.part();
    const auto storage = std::make_unique<std::byte[]>(2 * TransferFile::kPiece);
    // One piece ahead of the wire: END goes with the last byte, so the end of the file must be
    // known before that byte leaves.
    auto* piece = storage.get();
    auto* ahead = storage.get() + TransferFile::kPiece;
    auto filled = file->read({piece, std::min(count, TransferFile::kPiece)}, call);
    if (!filled) return filled.status();
    std::size_t left = count - *filled;
    while (*filled > 0) {
      auto next = file->read({ahead, std::min(left, TransferFile::kPiece)}, call);
      if (!next) return next.status();
      const bool last = *next == 0;
      const auto result = channel_->write({piece, *filled}, last ? whole : part, call);
      done.count += result.count;
      if (failed(result.status)) return result.status;
      if (!last && out_of_time(call)) return Status::error_tmo;
      left -= *next;
      std::swap(piece, ahead);
      filled = next;
    }
    return Status::success;
  });
  return done;
}

Status Session::clear() {
  return transfer(Lane::query, [&](Call& call) {
    write_buffer_.discard();  // 5.1.8: the formatted buffers hold nothing of before either
    read_buffer_.start_anew();
    const auto status = channel_->clear(call);
    if (failed(status) || !asks_by_message()) return status;
    return protocol_4882::clear(*channel_, call);
  });
}

Status Session::trigger(ViUInt16 protocol) {
  return transfer(Lane::both, [&](Call& call) {
    const auto status = channel_->trigger(trigger_rule(protocol), call);
    if (status != Status::error_nsup_oper || !channel_->traits().stream) return status;
    // 6.1.7: a byte stream knows the default protocol only, and that as a message.
    if (protocol != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
    if (!asks_by_message()) {
      return call.fail(Status::error_inv_setup,
                       "a trigger on this resource is the message *TRG: set VI_ATTR_IO_PROT to "
                       "VI_PROT_4882_STRS first");
    }
    return protocol_4882::trigger(*channel_, call);
  });
}

Result<std::uint8_t> Session::read_status_byte() {
  std::uint8_t value = 0;
  const auto status = transfer(
      channel_->traits().status_beside_transfer ? Lane::none : Lane::both,
      [&](Call& call) -> Status {
        auto answer = channel_->read_status_byte(call);
        if (answer.status() == Status::error_nsup_oper && channel_->traits().stream) {
          if (!asks_by_message()) {
            return call.fail(Status::error_inv_setup,
                             "the status byte of this resource is read by the message *STB?: set "
                             "VI_ATTR_IO_PROT to VI_PROT_4882_STRS first");
          }
          answer = protocol_4882::read_status_byte(*channel_, call);
        }
        if (!answer) return answer.status();
        value = *answer;
        return Status::success;
      });
  if (failed(status)) return status;
  return value;
}

Status Session::control_ren(ViUInt16 mode) {
  if (mode > VI_GPIB_REN_ADDRESS_GTL) return Status::error_inv_mode;
  return transfer(Lane::both, [&](Call& call) {
    auto* facet = channel_->facets().remote_local;
    if (facet == nullptr) return Status::error_nsup_oper;
    return facet->control_ren(spi::RenMode{mode}, call);
  });
}

}  // namespace visa::core
