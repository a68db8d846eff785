// SPDX-License-Identifier: MIT
// Invariant: state_ is what the adapter said last, and atn_ what this driver last made of ATN.
#include "drivers/gpib/ni_usb/ni_controller.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/gpib/ni_usb/ni_registers.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

using namespace std::chrono_literals;

/// What has no timer in the adapter is done at once.
constexpr auto kQuick = 1000ms;
/// For arming the monitor after an operation.
constexpr auto kArming = 100ms;

}  // namespace

NiController::NiController(std::unique_ptr<usb::UsbInterface> usb, const dongle::Dongle& dongle)
    : dongle_(dongle),
      name_(dongle_.name()),
      usb_(std::move(usb)),
      pipe_(*usb_, *dongle_.model, name_) {}

void NiController::wake() noexcept {
  gate_.wake();
  monitor_.wake();
  usb_->wake();
}

Status NiController::begin(Call& call) {
  pass_.emplace(gate_, call);
  const Status status = pass_->status();
  if (failed(status)) {
    pass_.reset();
    return status;
  }
  // The thread of the last operation may have been ended by force.
  if (!pipe_.in_step()) atn_ = Atn::unknown;
  return status;
}

/// A request that came meanwhile was reported and is not watched for any more.
void NiController::end() noexcept {
  if (monitor_.due() && pipe_.in_step()) {  // between a request and its reply it would mix them up
    const CancelShield shield;
    Call call(Deadline::after(kArming));
    run_guarded([&] { arm(call); }, [](Thrown) {});  // else wait_events tries
  }
  pass_.reset();
}

// --- One exchange ---

/// The reply's status block. A success may have an error in it.
Result<StatusBlock> NiController::ask(Shape shape, std::size_t wanted, Deadline until, Call& call) {
  if (until.expired()) return call.fail(Status::error_tmo, name_ + ": no time left");
  const auto exchanged = pipe_.exchange(shape, wanted, until, call);
  if (failed(exchanged.status)) {
    atn_ = Atn::unknown;
    return exchanged.status;
  }
  const auto status = read_status(exchanged.reply);
  if (!status || (wanted > 0 && status->rest > wanted)) {
    pipe_.lose_step();
    return call.fail(Status::error_io, name_ + ": an answer that fits no request");
  }
  state_ = status->state;
  return *status;
}

/// One without bytes.
Result<StatusBlock> NiController::quick(Shape shape, Call& call) {
  return ask(shape, 0, std::min(patience(call), Deadline::after(kQuick)), call);
}

Status NiController::write_registers(std::span<const RegisterWrite> writes, Call& call) {
  ni_usb::write_registers(pipe_.request(), writes);
  const Deadline until = std::min(patience(call), Deadline::after(kQuick));
  const auto exchanged = pipe_.exchange(Shape::registers_written, writes.size(), until, call);
  if (failed(exchanged.status)) return exchanged.status;
  const auto status = read_status(exchanged.reply);
  if (status && status->error != Error::none) return failure(Step::other, *status, name_, call);
  if (status && written_registers(exchanged.reply) == writes.size()) return Status::success;
  pipe_.lose_step();
  return call.fail(Status::error_io, name_ + ": it did not write all of its registers");
}

Result<std::uint8_t> NiController::lines(Call& call) {
  constexpr std::array<Register, 1> kLines = {{{kChip, kBusStatus}}};
  read_registers(pipe_.request(), kLines);
  const Deadline until = std::min(patience(call), Deadline::after(kQuick));
  const auto exchanged = pipe_.exchange(Shape::registers_read, kLines.size(), until, call);
  if (failed(exchanged.status)) return exchanged.status;
  std::array<std::uint8_t, 1> value{};
  take_registers(exchanged.reply, value);
  return value[0];
}

// --- Transfers ---

/// The adapter's timer comes after `until`, for the case that the stop does not reach it.
std::uint8_t NiController::code_for(Deadline until) const {
  if (until.is_infinite()) return kNoTimeout;
  const auto left = std::chrono::ceil<std::chrono::microseconds>(until.remaining());
  return timeout_code(static_cast<std::uint64_t>(left.count()));
}

spi::WriteResult NiController::send_all(const Sending& what, Call& call) {
  const Deadline until = patience(call);
  spi::WriteResult result;
  while (result.count < what.bytes.size()) {
    const auto rest = what.bytes.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), what.most));
    const std::uint8_t code = code_for(until);
    if (what.step == Step::commands) {
      ni_usb::send_commands(pipe_.request(), piece, code);
    } else {
      ni_usb::send_data(pipe_.request(), piece, what.eoi && piece.size() == rest.size(), code);
    }
    const auto status = ask(Shape::status, piece.size(), until, call);
    if (!status) {
      result.status = status.status();
      return result;
    }
    result.count += piece.size() - status->rest;
    // The adapter's timer may be early: the rest is sent on.
    const bool early = status->error == Error::timeout && !until.is_infinite() && !until.expired();
    if (early || (status->error == Error::none && status->rest == 0)) continue;
    StatusBlock why = *status;
    if (why.error == Error::none) why.error = Error::timeout;  // it stopped early
    result.status = failure(what.step, why, name_, call);
    return result;
  }
  return result;
}

spi::WriteResult NiController::put_commands(std::span<const std::byte> bytes, Call& call) {
  if (const Status status = take_control(call); failed(status)) return {status, 0};
  const auto result = send_all({Step::commands, bytes, kMostCommands, false}, call);
  if (failed(result.status)) atn_ = Atn::unknown;
  return result;
}

spi::WriteResult NiController::put_data(std::span<const std::byte> data, bool eoi, Call& call) {
  // One that is not in charge talks when it is addressed.
  if ((state_ & kInCharge) != 0) {
    if (const Status status = release_atn(call); failed(status)) return {status, 0};
  }
  return send_all({Step::write, data, kMostData, eoi}, call);
}

// The adapter does not tell EOI from the termination character. Where the last byte is that one, it
// is what ended the read.
spi::ReadResult NiController::take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                        Call& call) {
  const Deadline until = patience(call);
  spi::ReadResult result;
  if ((state_ & kInCharge) != 0) {
    result.status = release_atn(call);
    if (failed(result.status)) return result;
  }
  const auto mark =
      rule.termchar_enabled ? std::optional<std::uint8_t>(rule.termchar) : std::nullopt;
  reading_to_ = mark;
  while (result.count < into.size()) {
    if (until.expired()) {
      result.status = call.fail(Status::error_tmo, name_ + ": no answer in time");
      return result;
    }
    const auto rest = into.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), kMostData));
    receive_data(pipe_.request(), piece.size(), mark, code_for(until));
    const auto exchanged = pipe_.exchange(Shape::data, piece.size(), until, call);
    result.status = exchanged.status;
    if (failed(result.status)) {
      atn_ = Atn::unknown;
      return result;
    }
    const auto taken = ni_usb::take_data(exchanged.reply, piece);
    if (!taken) {
      pipe_.lose_step();
      result.status = call.fail(Status::error_io, name_ + ": an answer that fits no request");
      return result;
    }
    state_ = taken->status.state;
    result.count += taken->count;
    const Error error = taken->status.error;
    if (error == Error::none && (state_ & kEnd) != 0) {
      const bool marked = mark && taken->count > 0 && piece[taken->count - 1] == std::byte{*mark};
      result.reason = marked ? spi::StopReason::termchar : spi::StopReason::end;
      return result;
    }
    const bool early = error == Error::timeout && !until.is_infinite() && !until.expired();
    if (early || (error == Error::none && taken->count == piece.size())) continue;
    StatusBlock why = taken->status;
    if (why.error == Error::none) why.error = Error::timeout;  // it stopped early
    result.status = failure(Step::read, why, name_, call);
    return result;
  }
  return result;
}

/// A read that was given up may have ended since.
void NiController::collect_late(Call& call) {
  if (!pipe_.in_step()) {
    Call part(call, patience(call));
    pipe_.settle(part);  // a failure shows in the exchange that follows
  }
  const auto late = pipe_.take_late();
  if (!late || !reading_) return;
  kept_.add(*reading_, *late);
  const bool marked = reading_to_ && late->back() == std::byte{*reading_to_};
  if (pipe_.late_ended() && !marked) kept_.end(*reading_);
}

spi::WriteResult NiController::write(const Address& to, std::span<const std::byte> data,
                                     const spi::WriteRule& rule, const AddressRule& addressing,
                                     Call& call) {
  collect_late(call);
  kept_.drop(to);
  return CommandController::write(to, data, rule, addressing, call);
}

spi::ReadResult NiController::read(const Address& from, std::span<std::byte> into,
                                   const spi::EndRule& rule, const AddressRule& addressing,
                                   Call& call) {
  spi::ReadResult result;
  collect_late(call);
  if (into.empty() || kept_.deliver(from, into, rule, result, call)) return result;
  reading_ = from;
  const auto rest =
      CommandController::read(from, into.subspan(result.count), rule, addressing, call);
  if (ok(rest.status)) reading_.reset();
  return {rest.status, result.count + rest.count, rest.reason};
}

/// What comes late of a poll belongs to no read.
Result<std::uint8_t> NiController::serial_poll(const Address& device, Call& call) {
  collect_late(call);
  reading_.reset();
  return CommandController::serial_poll(device, call);
}

Status NiController::clear(const Address& device, Call& call) {
  collect_late(call);
  kept_.drop(device);
  return CommandController::clear(device, call);
}

}  // namespace visa::drivers::gpib::ni_usb
