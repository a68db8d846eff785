// SPDX-License-Identifier: MIT
// Start and end of an adapter, in the order that others have found to work. The configuration of
// the device is not set again: clearing the halt of both endpoints resets their toggles as well,
// and leaves other interfaces alone.
#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "drivers/gpib/ni_usb/ni_controller.h"
#include "drivers/gpib/ni_usb/ni_registers.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kHsPlus = 0x7618;
constexpr std::uint8_t kVendorIn = 0xC0;
constexpr std::uint8_t kVendorInterfaceIn = 0xC1;
/// The adapter is asked so often, and so long apart, whether it is ready.
constexpr unsigned kMostLooks = 50;
constexpr auto kBetweenLooks = 100ms;
/// For what makes a fresh adapter talk.
constexpr auto kFirstTalk = 100ms;
constexpr std::uint8_t kTenMilliseconds = 0xF7;
constexpr auto kGoodbye = 100ms;
constexpr std::size_t kReport = 16;

}  // namespace

Result<std::unique_ptr<Controller>> NiController::open(std::unique_ptr<usb::UsbInterface> usb,
                                                       const dongle::Dongle& dongle, Call& call) {
  std::unique_ptr<NiController> adapter(new NiController(std::move(usb), dongle));
  Status status = adapter->start(call);
  // A reply of a predecessor that came after the pipe had been emptied shifts all others once.
  const bool again = status == Status::error_io || status == Status::error_tmo;
  if (again && !call.deadline.expired() && !call.cancelled()) {
    call.detail.clear();
    status = adapter->start(call);
  }
  if (ok(status)) return std::unique_ptr<Controller>(std::move(adapter));
  Call closing(Deadline::after(kGoodbye));
  const std::string detail = call.detail;
  adapter->close(closing);
  if (status == Status::error_abort) return status;
  const bool known = status == Status::error_tmo || status == Status::error_alloc;
  return call.fail(known ? status : Status::error_rsrc_nfound,
                   detail.empty() ? dongle.name() + ": does not start" : detail);
}

Status NiController::start(Call& call) {
  Status status = pipe_.recover(call);
  if (ok(status)) status = await_ready(call);
  if (failed(status)) return status;
  if (dongle_.model->product == kHsPlus) greet_plus(call);
  usb_->stop_listening();  // of an earlier try
  monitor_.restart();
  if (const auto heard = listen(); heard != usb::UsbOutcome::done) {
    return call.fail(Status::error_rsrc_nfound, name_ + ": no interrupt endpoint that works");
  }
  watch_for(0, call);
  status = write_registers(kStartUp, call);
  if (ok(status)) status = pulse_ifc(call);
  if (ok(status)) status = set_ren(true, call);
  if (ok(status)) status = wake_talker(call);
  return status;
}

usb::UsbOutcome NiController::listen() {
  return usb_->listen(dongle_.model->interrupt_in, kReport, monitor_);
}

/// The adapter tells its serial number first, then zeros until it is ready.
Status NiController::await_ready(Call& call) {
  pipe_.control({kVendorIn, 0x41, 0, 0, 16}, call);
  for (unsigned i = 0; i < kMostLooks; ++i) {
    const auto answer = pipe_.control({kVendorIn, 0x40, 0, 0, 16}, call);
    const auto shows = [&](std::size_t at) {
      return answer && at < answer->size() && (*answer)[at] != std::byte{0};
    };
    if (shows(6) || shows(7) || shows(10)) return Status::success;
    if (usb_->gone()) return Status::error_conn_lost;
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) break;
    usb_->pause(call, std::min(call.deadline, Deadline::after(kBetweenLooks)));
  }
  return call.fail(Status::error_tmo,
                   name_ + ": not ready in time; try again, or plug the adapter in anew");
}

/// What NI's own driver says to an HS+; it works without, too.
void NiController::greet_plus(Call& call) {
  pipe_.control({kVendorIn, 0x48, 0, 0, 16}, call);
  pipe_.control({kVendorIn, 0x4B, 1, 0, 2}, call);
  pipe_.control({kVendorInterfaceIn, 0xF8, 0, 1, 9}, call);
}

/// A freshly plugged adapter loses its first data write and does not become talker. So it is made
/// talker once, and writes a byte that nobody listens to.
Status NiController::wake_talker(Call& call) {
  const std::array<std::byte, 2> bytes = {std::byte{kUnl}, std::byte{kTad}};
  Status status = take_control(call);
  if (failed(status)) return status;
  ni_usb::send_commands(pipe_.request(), bytes, kTenMilliseconds);
  const Deadline until = std::min(patience(call), Deadline::after(kFirstTalk));
  const auto sent = ask(Shape::status, bytes.size(), until, call);
  if (!sent) return sent.status();
  if (sent->error != Error::none) return Status::success;  // nothing is on the bus
  status = release_atn(call);
  if (failed(status)) return status;
  const std::array<std::byte, 1> nothing = {};
  ni_usb::send_data(pipe_.request(), nothing, false, kTenMilliseconds);
  return ask(Shape::status, nothing.size(), until, call).status();
}

void NiController::close(Call& call) noexcept {
  const CancelShield shield;
  if (!usb_->gone()) {
    Call goodbye(
        std::min(std::max(call.deadline, Deadline::after(kGrace)), Deadline::after(kGoodbye)));
    try {
      watch_for(0, goodbye);
      write_registers(kShutDown, goodbye);
    } catch (const std::exception&) {  // no memory: the adapter stays as it is
    }
  }
  usb_->close();
}

}  // namespace visa::drivers::gpib::ni_usb
