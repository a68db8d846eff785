// SPDX-License-Identifier: MIT
// Starting and leaving the adapter, polls and service requests, and what it tells of itself. The
// order of the start is the one that is known to work.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "drivers/gpib/agilent_usb/agilent_controller.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib::agilent {
namespace {

using namespace std::chrono_literals;

/// The adapter is ready that long after its reset; it does not tell.
constexpr auto kResetTime = 2ms;
constexpr auto kClosing = 20ms;
/// For SRQ, where the adapter does not report it.
constexpr std::chrono::milliseconds kBetweenLooks = 50ms;
/// The adapter may have to be put in order before it can be told to stop.
constexpr auto kGoodbye = 200ms;

constexpr std::array<RegisterWrite, 2> kResetAdapter{{{kLeds, kLedFail}, {kReset, kResetNow}}};

constexpr std::array<RegisterWrite, 18> kSetUp{{
    command(Auxiliary::no_byte),
    command(Auxiliary::hold_on_end),
    command(Auxiliary::talk_only),
    command(Auxiliary::listen_only),
    command(Auxiliary::request_service),
    command(Auxiliary::release_dac),
    command(Auxiliary::parallel_poll),
    command(Auxiliary::short_delay),
    command(Auxiliary::very_short_delay),
    {kFastTalkerDelay, kDelay800ns},
    {kOwnAddress, 0},
    {kParallelPollByte, 0},
    {kSerialPollByte, 0},
    {kProtocol, kReportsWrites},
    {kInterruptMask0, 0x30},  // a byte came, a byte may go
    {kInterruptMask1, 0x02},  // SRQ
    command(Auxiliary::chip_reset),
    {kLeds, kLedByFirmware},
}};

State level(unsigned lines, unsigned line) noexcept {
  return (lines & line) != 0 ? State::asserted : State::unasserted;
}

/// viOpen knows no VI_ERROR_CONN_LOST and no VI_ERROR_IO.
Status open_status(Status status) noexcept {
  const bool dead = status == Status::error_conn_lost || status == Status::error_io;
  return dead ? Status::error_rsrc_nfound : status;
}

}  // namespace

Result<std::unique_ptr<Controller>> AgilentController::open(std::unique_ptr<usb::UsbInterface> usb,
                                                            const Endpoints& endpoints,
                                                            std::string name, Call& call) {
  std::unique_ptr<AgilentController> made(
      new AgilentController(std::move(usb), endpoints, std::move(name)));
  const Status status = made->start(call);
  if (ok(status)) return std::unique_ptr<Controller>(std::move(made));
  made->pipe_.close();
  return open_status(status);
}

Status AgilentController::reset(Call& call) {
  const Status status = pipe_.write(kResetAdapter, call);
  if (ok(status)) pipe_.pause(call, kResetTime);
  return status;
}

Status AgilentController::start(Call& call) {
  Status status = pipe_.start(call);
  if (ok(status)) status = reset(call);
  // A reply of the predecessor's may have come late.
  for (unsigned more = 2; failed(status) && more > 0 && !pipe_.gone(); --more) {
    if (call.deadline.expired()) break;
    call.detail.clear();
    status = pipe_.settle(call);
    if (ok(status)) status = reset(call);
  }
  pipe_.take_mended();
  if (ok(status)) status = pipe_.write(kSetUp, call);
  static constexpr std::array<std::uint8_t, 1> kAsked{kHardware};
  std::array<std::uint8_t, 1> hardware{};
  if (ok(status)) status = pipe_.read(kAsked, hardware, call);
  if (failed(status)) return status;
  constexpr unsigned kOurs = kHardwareRunning | kHardwareSystemController | kHardwareNoParallelPoll;
  hardware_ = static_cast<std::uint8_t>((hardware[0] & ~kOurs) | kOurs);
  const std::array<RegisterWrite, 2> control{
      {agilent::command(Auxiliary::request_control), {kHardware, hardware_}}};
  status = pipe_.write(control, call);
  if (ok(status)) status = pulse_ifc(call);
  if (ok(status)) status = set_ren(true, call);
  if (ok(status)) status = look_at_service(call);
  return status;
}

// The adapter keeps what it does on the bus when a program ends, so it gets the order to let go.
void AgilentController::close(Call&) noexcept {
  const CancelShield shield;
  Call closing(Deadline::after(kGoodbye));
  const std::array<RegisterWrite, 6> stop{
      {agilent::command(Auxiliary::chip_reset, true),
       {kHardware, static_cast<std::uint8_t>(hardware_ & ~unsigned{kHardwareRunning})},
       {kProtocol, 0},
       {kInterruptMask0, 0},
       {kInterruptMask1, 0},
       {kLeds, 0}}};
  run_guarded(
      [&] {
        if (!pipe_.gone() && ok(pipe_.settle(closing))) pipe_.write(stop, closing);
      },
      [](Thrown) {});  // no memory: the adapter stays as it is
  pipe_.close();
}

Result<std::vector<Address>> AgilentController::find_listeners(Call& call) {
  bus_known_ = false;  // an empty bus is known at once then
  return CommandController::find_listeners(call);
}

Result<bool> AgilentController::listens(const Address& device, Call& call) {
  std::vector<std::byte> bytes;
  append_talk(bytes, own_);
  bytes.push_back(static_cast<std::byte>(kUnl));
  append_listen(bytes, device);
  Status status = put_commands(bytes, call).status;
  forget_addressing();
  if (ok(status)) status = stand_by(call);
  if (failed(status)) return status;
  const auto seen = lines(call);
  if (!seen) return seen.status();
  return (*seen & kLineNdac) != 0;
}

/// An address without a device answers 0, because nothing drives the lines.
Result<std::uint8_t> AgilentController::serial_poll(const Address& device, Call& call) {
  reading_.reset();  // what comes late of a poll belongs to no read
  const auto status = CommandController::serial_poll(device, call);
  // The end of the poll could not be sent; IFC ends it, too.
  if (!status && !pipe_.in_step()) needs_clear_ = in_charge_;
  if (pipe_.reports().service()) {
    // A second device that requests service makes no edge. What the look could not find out the
    // next one will.
    Call look(std::max(call.deadline, Deadline::after(kClosing)));
    look_at_service(look);
  }
  if (!status || *status != 0) return status;
  const auto listening = listens(device, call);
  if (!listening && listening.status() != Status::error_nlisteners) return listening.status();
  if (listening && *listening) return status;
  heard_of_.erase(device);
  return call.fail(Status::error_tmo, name() + ", address " + device.text() +
                                          ": no device answers the serial poll; is the "
                                          "instrument on, and the address right?");
}

Status AgilentController::look_at_service(Call& call) {
  const std::uint64_t edges = pipe_.reports().edges();
  const auto seen = lines(call);
  if (!seen) return seen.status();
  pipe_.reports().note_service((*seen & kLineSrq) != 0, edges);
  return Status::success;
}

Result<BusEvents> AgilentController::wait_events(BusEvents, Call& call) {
  using Service = AgilentReports::Service;
  for (;;) {
    const Service seen = pipe_.reports().wait_service(call);
    if (seen == Service::asserted) return BusEvents::service;
    if (seen == Service::timed_out) return Status::error_tmo;
    if (seen == Service::cancelled) return Status::error_abort;
    if (seen == Service::gone) return Status::error_conn_lost;
    Status status = Status::success;
    if (seen == Service::unheard) status = pipe_.listen_again(call);
    if (ok(status)) status = look_at_service(call);
    if (failed(status)) return status;
    if (!pipe_.reports().silent() || pipe_.reports().service()) continue;
    if (call.deadline.expired()) return Status::error_tmo;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(call.deadline.remaining());
    pipe_.pause(call, std::min(kBetweenLooks, left));
  }
}

Status AgilentController::pass_control(const Address& device, Call& call) {
  std::vector<std::byte> bytes{static_cast<std::byte>(kUnl)};
  append_talk(bytes, device);
  bytes.push_back(static_cast<std::byte>(kTct));
  Status status = command(bytes, call).status;
  if (ok(status)) status = command_now(Auxiliary::release_control, call);
  if (ok(status)) in_charge_ = false;
  return status;
}

Result<BusState> AgilentController::state(Call& call) {
  const auto seen = lines(call);
  if (!seen) return seen.status();
  BusState now;
  now.ren = level(*seen, kLineRen);
  now.atn = level(*seen, kLineAtn);
  now.ndac = level(*seen, kLineNdac);
  now.nrfd = level(*seen, kLineNrfd);
  now.srq = level(*seen, kLineSrq);
  now.controller_in_charge = in_charge_ ? State::asserted : State::unasserted;
  now.system_controller = State::asserted;
  // Not from the address status: it cannot be read while the board listens with ATN released.
  now.addressed = role_;
  return now;
}

Status AgilentController::set_own_address(const Address& address, Call& call) {
  if (address.secondary) {
    return call.fail(Status::error_nsup_attr_state,
                     name() + ": the adapter has no secondary address for itself");
  }
  const std::array<RegisterWrite, 1> writes{{{kOwnAddress, address.primary}}};
  const Status status = pipe_.write(writes, call);
  if (failed(status)) return status;
  own_ = address;
  role_ = Addressed::no;
  forget_addressing();
  return status;
}

Status AgilentController::set_system_controller(bool on, Call& call) {
  if (on) return Status::success;
  return call.fail(Status::error_nsup_attr_state,
                   name() + ": the adapter cannot give up system control");
}

}  // namespace visa::drivers::gpib::agilent
