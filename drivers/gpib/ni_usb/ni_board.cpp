// SPDX-License-Identifier: MIT
// ATN and the other lines, the adapter's own address, service requests.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/gpib/ni_usb/ni_controller.h"
#include "drivers/gpib/ni_usb/ni_registers.h"
#include "lib/base/log.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

constexpr std::uint8_t kVendorIn = 0xC0;
constexpr std::uint8_t kAsk = 0x21;
constexpr std::uint16_t kStatus = 0x0200;
constexpr std::uint16_t kMonitor = 0x0300;
/// For SRQ, where the adapter does not report it.
constexpr std::chrono::milliseconds kBetweenLooks{50};
/// An adapter that is in order ends the halt of its interrupt endpoint far sooner.
constexpr std::chrono::milliseconds kHaltPatience{100};

constexpr std::string_view kNotInCharge =
    "this adapter is not controller in charge; send an interface clear (viGpibSendIFC), or take "
    "control back from the other controller";
constexpr std::string_view kNotSystem =
    "this adapter is not system controller; only that one may do this";

State state_of(bool on) noexcept {
  return on ? State::asserted : State::unasserted;
}

}  // namespace

Status NiController::assert_atn(bool synchronous, Call& call) {
  ni_usb::take_control(pipe_.request(), synchronous);
  const auto status = quick(Shape::status, call);
  if (!status) return status.status();
  if ((status->state & kInCharge) == 0 && !in_charge(call)) {
    return call.fail(Status::error_ncic, name_ + ": " + std::string(kNotInCharge));
  }
  if (status->error != Error::none) return failure(Step::other, *status, name_, call);
  atn_ = Atn::asserted;
  return Status::success;
}

/// Asks the adapter itself.
bool NiController::in_charge(Call& call) {
  const auto answer = pipe_.control({kVendorIn, kAsk, kStatus, 0, 8}, call);
  if (const auto status = answer ? read_status(*answer) : std::nullopt) state_ = status->state;
  return (state_ & kInCharge) != 0;
}

/// Between two bytes; where the talker does not let it come to that, at once.
Status NiController::take_control(Call& call) {
  if (atn_ == Atn::asserted) return Status::success;
  const Status status = assert_atn(true, call);
  const bool final = ok(status) || status == Status::error_ncic || status == Status::error_abort ||
                     status == Status::error_conn_lost;
  if (final) return status;
  call.detail.clear();
  return assert_atn(false, call);
}

/// Whether it came about shows in the transfer that follows.
Status NiController::release_atn(Call& call) {
  if (atn_ == Atn::released) return Status::success;
  ni_usb::go_to_standby(pipe_.request());
  const auto status = quick(Shape::standby, call);
  if (!status) return status.status();
  atn_ = status->error == Error::none ? Atn::released : Atn::unknown;
  return Status::success;
}

Status NiController::control_atn(AtnMode mode, Call& call) {
  switch (mode) {
    case AtnMode::assert_atn:
      return assert_atn(true, call);
    case AtnMode::assert_immediate:
      return assert_atn(false, call);
    case AtnMode::deassert:
      atn_ = Atn::unknown;
      if ((state_ & kInCharge) != 0) return release_atn(call);
      return call.fail(Status::error_ncic, name_ + ": " + std::string(kNotInCharge));
    case AtnMode::deassert_handshake:
      break;
  }
  return call.fail(Status::error_nsup_mode,
                   name_ + ": the adapter has no shadow handshake; use VI_GPIB_ATN_DEASSERT");
}

Status NiController::pulse_ifc(Call& call) {
  if (!system_controller_) {
    return call.fail(Status::error_nsys_cntlr, name_ + ": " + std::string(kNotSystem));
  }
  ni_usb::clear_interface(pipe_.request());
  const auto status = quick(Shape::status, call);
  if (!status) return status.status();
  atn_ = Atn::unknown;
  if (status->error != Error::none) return failure(Step::other, *status, name_, call);
  return Status::success;
}

Status NiController::set_ren(bool on, Call& call) {
  if (!system_controller_) {
    return call.fail(Status::error_nsys_cntlr, name_ + ": " + std::string(kNotSystem));
  }
  return on ? write_registers(kRenOn, call) : write_registers(kRenOff, call);
}

Result<BusState> NiController::state(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  BusState now;
  now.controller_in_charge = state_of(in_charge(call));
  now.ren = state_of((*seen & kLineRen) != 0);
  now.atn = state_of((*seen & kLineAtn) != 0);
  now.ndac = state_of((*seen & kLineNdac) != 0);
  now.nrfd = state_of((*seen & kLineNrfd) != 0);
  now.srq = state_of((*seen & kLineSrq) != 0);
  now.system_controller = state_of(system_controller_);
  if ((state_ & kTalker) != 0) now.addressed = Addressed::talker;
  if ((state_ & kListener) != 0) now.addressed = Addressed::listener;
  return now;
}

Status NiController::set_own_address(const Address& address, Call& call) {
  const Status status = write_registers(ni_usb::own_address(address), call);
  if (ok(status)) own_ = address;
  forget_addressing();
  return status;
}

Status NiController::set_system_controller(bool on, Call& call) {
  const Status status =
      on ? write_registers(kTakeSystem, call) : write_registers(kGiveSystem, call);
  if (ok(status)) system_controller_ = on;
  atn_ = Atn::unknown;
  return status;
}

Status NiController::set_own_status(std::uint8_t status, Call& call) {
  const std::array<RegisterWrite, 1> write = {{{kChip, kSerialPollMode, status}}};
  const Status set = write_registers(write, call);
  if (ok(set)) own_status_ = status;
  return set;
}

/// The adapter may have given control away before ATN is released.
Status NiController::pass_control(const Address& device, Call& call) {
  const bool had = (state_ & kInCharge) != 0;
  const Status status = CommandController::pass_control(device, call);
  if (status != Status::error_ncic || !had || (state_ & kInCharge) != 0) return status;
  call.detail.clear();
  return Status::success;
}

// --- Service requests ---

bool NiController::watch_for(std::uint16_t mask, Call& call) {
  return pipe_.control({kVendorIn, kAsk, kMonitor, mask, 8}, call).has_value();
}

/// SRQ is one line of all devices: one that was asserted before is a request, too.
Status NiController::arm(Call& call) {
  if (monitor_.ended()) listen_again(call);
  monitor_.set_armed(true);
  if (!watch_for(kService, call)) {
    monitor_.set_armed(false);
    if (usb_->gone()) return Status::error_conn_lost;
    return call.fail(Status::error_io, name_ + ": does not watch for service requests");
  }
  const auto asserted = look_at_service(call);
  if (!asserted) return asserted.status();
  if (*asserted) monitor_.raise();
  return Status::success;
}

/// Its halt is ended in any case: why listening ended nobody has kept.
void NiController::listen_again(Call& call) {
  const Deadline until = std::min(patience(call), Deadline::after(kHaltPatience));
  const auto cleared = usb_->clear_halt(dongle_.model->interrupt_in, call, until);
  // From here on this thread cannot be ended by force.
  monitor_.retry();
  auto heard = cleared;
  if (heard != usb::UsbOutcome::timed_out && heard != usb::UsbOutcome::cancelled) {
    heard = usb::UsbOutcome::no_memory;
    run_guarded([&] { heard = listen(); }, [](Thrown) {});
  }
  if (heard != usb::UsbOutcome::done) monitor_.interrupt(heard, {});
}

Result<bool> NiController::look_at_service(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  return (*seen & kLineSrq) != 0;
}

Result<BusEvents> NiController::wait_events(BusEvents, Call& call) {
  monitor_.want();
  for (;;) {
    {
      const GatePass pass(gate_, call);
      if (failed(pass.status())) return pass.status();
      if (monitor_.due()) {
        if (const Status status = arm(call); failed(status)) return status;
      }
      if (usb_->gone()) return Status::error_conn_lost;
      if (monitor_.given_up()) {
        if (!std::exchange(said_silent_, true)) {
          log::line(name_ +
                    ": its interrupt endpoint does not work; service requests are asked for until "
                    "it is opened anew");
        }
        const auto asserted = look_at_service(call);
        if (!asserted) return asserted.status();
        if (*asserted) return BusEvents::service;
      }
    }
    const Status status = monitor_.wait(call);
    if (ok(status)) return BusEvents::service;
    if (status != Status::error_io) return status;
    if (call.deadline.expired()) return Status::error_tmo;
    usb_->pause(call, std::min(call.deadline, Deadline::after(kBetweenLooks)));
    if (call.deadline.expired()) return Status::error_tmo;
  }
}

}  // namespace visa::drivers::gpib::ni_usb
