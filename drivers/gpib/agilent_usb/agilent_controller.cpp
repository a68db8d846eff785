// SPDX-License-Identifier: MIT
// The operations of the bus. ATN stays released after a read: the next commands assert it, and the
// firmware holds the talker meanwhile. So a query needs ten transfers and three reports: commands,
// data, commands (each a message and the question for its count), standby and its reply, the read
// and its reply.
#include "drivers/gpib/agilent_usb/agilent_controller.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>

namespace visa::drivers::gpib::agilent {
namespace {

/// The least that IEEE 488.1 allows is 100 us.
constexpr std::chrono::microseconds kInterfaceClearTime{200};

bool nobody_on(unsigned lines) noexcept {
  return (lines & (kLineNdac | kLineNrfd)) == 0;
}

}  // namespace

Status AgilentController::begin(Call& call) {
  looked_for_.reset();  // a write may have been ended by force
  Status status = pipe_.settle(call);
  if (const auto late = pipe_.take_late(); late && reading_) {
    kept_.add(*reading_, late->bytes);
    if ((late->end & kEndEoi) != 0) kept_.end(*reading_);
  }
  if (pipe_.take_mended()) {
    needs_clear_ = in_charge_;
    forget_addressing();
    heard_of_.clear();
  }
  if (ok(status) && needs_clear_) status = send_ifc(call);
  return status;
}

Status AgilentController::command_now(Auxiliary what, Call& call, bool on) {
  const std::array<RegisterWrite, 1> writes{agilent::command(what, on)};
  return pipe_.write(writes, call);
}

Result<std::uint8_t> AgilentController::lines(Call& call) {
  static constexpr std::array<std::uint8_t, 1> kAddress{kBusStatus};
  std::array<std::uint8_t, 1> value{};
  const Status status = pipe_.read(kAddress, value, call);
  if (failed(status)) return status;
  return value[0];
}

Status AgilentController::stand_by(Call& call) {
  if (standing_by_) return Status::success;
  const Status status = command_now(Auxiliary::standby, call);
  standing_by_ = ok(status);
  return status;
}

Status AgilentController::nobody(Call& call) {
  bus_known_ = false;
  return call.fail(Status::error_nlisteners,
                   name() + ": nothing on the bus accepts commands; is any instrument on?");
}

/// With ATN asserted each device that is on holds NDAC or NRFD.
Status AgilentController::look_for_devices(Call& call) {
  auto seen = lines(call);
  if (seen && (*seen & kLineAtn) == 0) {
    if (const Status status = command_now(Auxiliary::take_control, call); failed(status)) {
      return status;
    }
    seen = lines(call);
  }
  if (!seen) return seen.status();
  if (nobody_on(*seen)) return nobody(call);
  bus_known_ = true;
  return Status::success;
}

/// What the commands make of the board itself.
void AgilentController::follow(std::span<const std::byte> commands) noexcept {
  for (const std::byte one : commands) {
    const auto byte = static_cast<std::uint8_t>(static_cast<std::uint8_t>(one) & 0x7FU);
    if (byte == kLad + own_.primary) {
      role_ = Addressed::listener;
    } else if (byte == kTad + own_.primary) {
      role_ = Addressed::talker;
    } else if (byte == kUnl) {
      if (role_ == Addressed::listener) role_ = Addressed::no;
    } else if (byte >= kTad && byte < kMsa && role_ == Addressed::talker) {
      role_ = Addressed::no;  // there is one talker
    }
  }
}

Status AgilentController::explain_commands(Status status, Call& call) {
  if (status != Status::error_tmo) return status;
  const auto seen = lines(call);
  if (seen && (*seen & kLineAtn) != 0 && nobody_on(*seen)) return nobody(call);
  return status;
}

spi::WriteResult AgilentController::put_commands(std::span<const std::byte> bytes, Call& call) {
  spi::WriteResult result;
  if (!in_charge_) {
    result.status = call.fail(Status::error_ncic,
                              name() +
                                  ": control was passed to another controller; take it back by "
                                  "viGpibSendIFC");
    return result;
  }
  if (!bus_known_) result.status = look_for_devices(call);
  standing_by_ = false;
  while (ok(result.status) && result.count < bytes.size()) {
    const auto rest = bytes.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), AgilentPipe::kPiece));
    const auto sent = pipe_.send(piece, kSendCommands, call);
    result.status = explain_commands(sent.status, call);
    result.count += sent.count;
    follow(piece);
  }
  return result;
}

/// A listener holds NDAC once ATN is released. What is seen too early is a device that is slow to
/// let NDAC go, and then the write finds out.
Status AgilentController::look_for_listener(Call& call) {
  if (const Status status = stand_by(call); failed(status)) return status;
  const auto seen = lines(call);
  if (!seen) return seen.status();
  if (!nobody_on(*seen)) return Status::success;
  return call.fail(Status::error_nlisteners,
                   name() + ", address " + looked_for_->text() +
                       ": nothing listens there; is the instrument on, and the address right?");
}

Status AgilentController::explain_write(Status status, Call& call) {
  if (status != Status::error_tmo) return status;
  if (role_ != Addressed::talker) {
    return call.fail(Status::error_inv_setup,
                     name() +
                         ": the board is not addressed to talk; send its talk address by "
                         "viGpibCommand first");
  }
  const auto seen = lines(call);
  if (!seen || !nobody_on(*seen)) return status;
  return call.fail(Status::error_nlisteners,
                   name() + ": no device listens; is it on, and is the address right?");
}

spi::WriteResult AgilentController::put_data(std::span<const std::byte> data, bool eoi,
                                             Call& call) {
  spi::WriteResult result;
  if (looked_for_) result.status = look_for_listener(call);
  standing_by_ = false;
  while (ok(result.status) && result.count < data.size()) {
    const auto rest = data.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), AgilentPipe::kPiece));
    const bool last = piece.size() == rest.size();
    const unsigned flags = kSendData | (eoi && last ? unsigned{kSendEoi} : 0U);
    const auto sent = pipe_.send(piece, static_cast<std::uint8_t>(flags), call);
    result.status = explain_write(sent.status, call);
    result.count += sent.count;
  }
  return result;
}

spi::WriteResult AgilentController::write(const Address& to, std::span<const std::byte> data,
                                          const spi::WriteRule& rule, const AddressRule& addressing,
                                          Call& call) {
  kept_.drop(to);
  if (!heard_of_.contains(to)) looked_for_ = to;
  const auto result = CommandController::write(to, data, rule, addressing, call);
  if (result.status == Status::error_tmo || result.status == Status::error_nlisteners) {
    heard_of_.erase(to);
  } else if (looked_for_ && ok(result.status)) {
    heard_of_.insert(to);
  }
  looked_for_.reset();
  return result;
}

/// A read that brought data ended neither with END nor by its count.
Status AgilentController::cut_off(std::uint8_t end, Call& call) {
  if ((end & (kEndAtn | kEndIfc)) == end) return reason_of(end, call);
  return call.fail(Status::error_io, name() + ": the adapter cut an answer off; ask for it again");
}

/// Why a read that was not given up brought nothing, other than END.
Status AgilentController::reason_of(std::uint8_t end, Call& call) {
  if ((end & kEndNotListener) != 0) {
    refused_ = true;
    return call.fail(Status::error_inv_setup,
                     name() +
                         ": the board is not addressed to listen; send its listen address by "
                         "viGpibCommand first");
  }
  if ((end & kEndDeadBus) != 0) return nobody(call);
  const char* cause = ": the adapter ended the read without a reason";
  if ((end & kEndAtn) != 0) cause = ": another controller took the bus during the read";
  if ((end & kEndIfc) != 0) cause = ": the bus was cleared (IFC) during the read";
  return call.fail(Status::error_io, name() + cause);
}

spi::ReadResult AgilentController::take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                             Call& call) {
  spi::ReadResult result;
  std::optional<std::uint8_t> termchar;
  if (rule.termchar_enabled) termchar = rule.termchar;
  result.status = stand_by(call);
  while (ok(result.status) && result.count < into.size()) {
    const auto rest = into.subspan(result.count);
    const auto wanted = std::min(rest.size(), AgilentPipe::kPiece);
    const auto got = pipe_.receive(rest.first(wanted), termchar, call);
    result.status = got.status;
    result.count += got.count;
    if (failed(result.status)) break;
    if ((got.end & kEndFailed) == 0 && (got.end & (kEndEoi | kEndTermchar)) != 0) {
      const bool eoi = (got.end & kEndEoi) != 0;
      result.reason = eoi ? spi::StopReason::end : spi::StopReason::termchar;
      break;
    }
    if (got.count < wanted) {
      result.status = got.count == 0 ? reason_of(got.end, call) : cut_off(got.end, call);
    }
  }
  return result;
}

spi::ReadResult AgilentController::read(const Address& from, std::span<std::byte> into,
                                        const spi::EndRule& rule, const AddressRule& addressing,
                                        Call& call) {
  spi::ReadResult result;
  if (into.empty() || kept_.deliver(from, into, rule, result, call)) return result;
  const auto room = into.subspan(result.count);
  reading_ = from;
  refused_ = false;
  auto rest = CommandController::read(from, room, rule, addressing, call);
  if (refused_ && rest.count == 0) {  // something else had taken its address from the board
    forget_addressing();
    call.detail.clear();
    rest = CommandController::read(from, room, rule, addressing, call);
  }
  if (ok(rest.status)) reading_.reset();
  return {rest.status, result.count + rest.count, rest.reason};
}

Status AgilentController::clear(const Address& device, Call& call) {
  kept_.drop(device);
  return CommandController::clear(device, call);
}

Status AgilentController::pulse_ifc(Call& call) {
  needs_clear_ = true;  // a thread that is ended by force would leave IFC asserted
  const std::array<RegisterWrite, 2> begin_clear{
      agilent::command(Auxiliary::request_control),
      agilent::command(Auxiliary::interface_clear, true)};
  Status status = pipe_.write(std::span(begin_clear).subspan(in_charge_ ? 1 : 0), call);
  // The width of the pulse.
  std::this_thread::sleep_for(kInterfaceClearTime);
  if (ok(status)) status = command_now(Auxiliary::interface_clear, call);
  if (failed(status)) return status;
  in_charge_ = true;
  needs_clear_ = false;
  standing_by_ = false;
  bus_known_ = false;
  role_ = Addressed::no;
  return Status::success;
}

Status AgilentController::set_ren(bool on, Call& call) {
  return command_now(Auxiliary::remote_enable, call, on);
}

Status AgilentController::control_atn(AtnMode mode, Call& call) {
  if (mode == AtnMode::deassert_handshake) {
    return call.fail(Status::error_nsup_mode,
                     name() + ": the adapter has no shadow handshake; use VI_GPIB_ATN_DEASSERT");
  }
  if (!in_charge_) return Status::error_ncic;
  standing_by_ = false;
  if (mode == AtnMode::deassert) return stand_by(call);
  return command_now(Auxiliary::take_control, call);
}

}  // namespace visa::drivers::gpib::agilent
