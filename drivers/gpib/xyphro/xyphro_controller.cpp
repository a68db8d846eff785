// SPDX-License-Identifier: MIT
// The operations of the bus. ATN is switched by requests of its own, so it is switched only where
// it changes: a query needs nine transfers.
#include "drivers/gpib/xyphro/xyphro_controller.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "lib/base/cancel_shield.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib::xyphro {
namespace {

/// The least that IEEE 488.1 allows is 100 us.
constexpr std::chrono::microseconds kInterfaceClearTime{200};
/// To leave the bus in order at close.
constexpr std::chrono::milliseconds kReleasing{100};

State level(unsigned lines, unsigned line) noexcept {
  return (lines & line) != 0 ? State::asserted : State::unasserted;
}

bool nobody_on(unsigned lines) noexcept {
  return (lines & (kLineNdac | kLineNrfd)) == 0;
}

/// viOpen knows no VI_ERROR_CONN_LOST and no VI_ERROR_IO.
Status open_status(Status status) noexcept {
  const bool dead = status == Status::error_conn_lost || status == Status::error_io;
  return dead ? Status::error_rsrc_nfound : status;
}

}  // namespace

XyphroController::XyphroController(std::unique_ptr<usb::UsbInterface> usb,
                                   const Endpoints& endpoints, std::string name)
    : usb_(std::move(usb)),
      endpoints_(endpoints),
      name_(std::move(name)),
      in_bytes_(kHeaderSize + kPiece + 2 * endpoints.packet),
      out_(usb_->transfer(endpoints.out)),
      in_(usb_->transfer(endpoints.in)) {}

XyphroController::~XyphroController() {
  out_.reset();
  in_.reset();
  usb_->close();
}

Result<std::unique_ptr<Controller>> XyphroController::open(std::unique_ptr<usb::UsbInterface> usb,
                                                           const Endpoints& endpoints,
                                                           std::string name, Call& call) {
  std::unique_ptr<XyphroController> made(
      new XyphroController(std::move(usb), endpoints, std::move(name)));
  const Status status = made->start(call);
  if (failed(status)) return open_status(status);
  return std::unique_ptr<Controller>(std::move(made));
}

Status XyphroController::start(Call& call) {
  Status status = mend(call);
  if (ok(status)) status = tell(set_address(endpoints_.interface, own_address().primary), call);
  if (ok(status)) status = set_ren(true, call);
  return status;
}

void XyphroController::close(Call&) noexcept {
  const CancelShield shield;
  if (!in_order_ && !usb_->gone()) {  // IFC may be asserted
    Call release(Deadline::after(kReleasing));
    run_guarded([&] { tell(set_ifc(endpoints_.interface, false), release); }, [](Thrown) {});
  }
  out_.reset();
  in_.reset();
  usb_->close();
}

Status XyphroController::begin(Call& call) {
  if (in_order_) return Status::success;
  forget_addressing();
  heard_of_.clear();
  return mend(call);
}

Result<std::uint8_t> XyphroController::lines(Call& call) {
  std::array<std::byte, 2> answer{};
  const Status status = ask(xyphro::lines(endpoints_.interface), answer, call);
  if (failed(status)) return status;
  return *parse_lines(answer);  // `ask` has looked at the first byte
}

Status XyphroController::switch_atn(bool on, Call& call) {
  if (atn_ == on) return Status::success;
  atn_.reset();
  const Status status = tell(set_atn(endpoints_.interface, on), call);
  if (ok(status)) atn_ = on;
  return status;
}

/// With ATN asserted each device that is on holds NDAC or NRFD.
Status XyphroController::look_for_devices(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  bus_known_ = !nobody_on(*seen);
  if (bus_known_) return Status::success;
  return call.fail(Status::error_nlisteners,
                   name_ + ": nothing on the bus accepts commands; is any instrument on?");
}

/// A listener holds NDAC once ATN is released.
Status XyphroController::look_for_listener(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  if (!nobody_on(*seen)) return Status::success;
  return call.fail(Status::error_nlisteners,
                   name_ + ", address " + looked_for_->text() +
                       ": nothing listens there; is the instrument on, and the address right?");
}

spi::WriteResult XyphroController::put_commands(std::span<const std::byte> bytes, Call& call) {
  Status status = switch_atn(true, call);
  if (ok(status) && !bus_known_) status = look_for_devices(call);
  if (failed(status)) return {status, 0};
  const auto result = transmit(bytes, false, call);
  if (failed(result.status)) bus_known_ = false;
  return result;
}

spi::WriteResult XyphroController::put_data(std::span<const std::byte> data, bool eoi, Call& call) {
  Status status = switch_atn(false, call);
  if (ok(status) && looked_for_) status = look_for_listener(call);
  if (failed(status)) return {status, 0};
  return transmit(data, eoi, call);
}

spi::ReadResult XyphroController::take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                            Call& call) {
  spi::ReadResult result;
  std::optional<std::uint8_t> termchar;
  if (rule.termchar_enabled) termchar = rule.termchar;
  result.status = switch_atn(false, call);
  while (ok(result.status) && result.count < into.size()) {
    const auto got = take_answer(into.subspan(result.count), termchar, call);
    result.status = got.status;
    result.count += got.count;
    result.reason = got.reason;
    if (got.reason != spi::StopReason::count) break;
  }
  return result;
}

spi::WriteResult XyphroController::write(const Address& to, std::span<const std::byte> data,
                                         const spi::WriteRule& rule, const AddressRule& addressing,
                                         Call& call) {
  looked_for_ = heard_of_.contains(to) ? std::nullopt : std::optional(to);
  const auto result = CommandController::write(to, data, rule, addressing, call);
  if (failed(result.status)) {
    heard_of_.erase(to);
  } else if (looked_for_) {
    heard_of_.insert(to);
  }
  looked_for_.reset();
  return result;
}

Result<std::vector<Address>> XyphroController::find_listeners(Call& call) {
  bus_known_ = false;  // an empty bus is known at once then
  return CommandController::find_listeners(call);
}

Status XyphroController::pulse_ifc(Call& call) {
  const bool before = std::exchange(in_order_, false);
  bus_known_ = false;
  atn_.reset();
  Status status = tell(set_ifc(endpoints_.interface, true), call);
  // The width of the pulse.
  std::this_thread::sleep_for(kInterfaceClearTime);
  Call release(call.deadline);  // also after a cancel IFC must not stay
  const Status released = tell(set_ifc(endpoints_.interface, false), release);
  if (ok(status) && failed(released)) status = call.fail(released, release.detail);
  in_order_ = before && ok(status);
  return status;
}

Status XyphroController::set_ren(bool on, Call& call) {
  return tell(xyphro::set_ren(endpoints_.interface, on), call);
}

Status XyphroController::control_atn(AtnMode mode, Call& call) {
  if (mode == AtnMode::deassert_handshake) {
    return call.fail(Status::error_nsup_mode,
                     name_ + ": the adapter has no shadow handshake; use VI_GPIB_ATN_DEASSERT");
  }
  return switch_atn(mode != AtnMode::deassert, call);
}

Status XyphroController::pass_control(const Address&, Call& call) {
  return call.fail(Status::error_nsup_oper, name_ + ": the adapter cannot give up control");
}

Result<BusState> XyphroController::state(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  BusState now;
  now.ren = level(*seen, kLineRen);
  now.atn = level(*seen, kLineAtn);
  now.ndac = level(*seen, kLineNdac);
  now.nrfd = level(*seen, kLineNrfd);
  now.srq = level(*seen, kLineSrq);
  now.controller_in_charge = State::asserted;
  now.system_controller = State::asserted;
  return now;
}

Status XyphroController::set_system_controller(bool on, Call& call) {
  if (on) return Status::success;
  return call.fail(Status::error_nsup_attr_state,
                   name_ + ": the adapter cannot give up system control");
}

Result<bool> XyphroController::service_requested(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  return (*seen & kLineSrq) != 0;
}

}  // namespace visa::drivers::gpib::xyphro
