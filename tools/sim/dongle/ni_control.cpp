// SPDX-License-Identifier: MIT
// The control endpoint: stop, status, the monitor of ibsta, readiness. A bit that the monitor has
// reported it watches no more until it is armed again, and arming is itself reported, by bits that
// there are not.
#include <string>
#include <utility>

#include "tools/sim/dongle/ni_function.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kFromDevice = 0xC0;

enum class Request : std::uint8_t {
  stop = 0x20,
  status = 0x21,
  ready = 0x40,
  serial_number = 0x41,
  plus_48 = 0x48,
  plus_led = 0x4B,
};

constexpr std::uint16_t kStatusNow = 0x0200;
constexpr std::uint16_t kArm = 0x0300;
constexpr std::uint16_t kArmed = 0xFF00;  // acknowledges arming
constexpr std::uint8_t kReportId = 0x21;

std::string bytes_of(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

}  // namespace

UsbAnswer NiFunction::control(const UsbSetup& setup, std::string_view, bool) {
  begin_life();
  ++state().control_requests;
  const auto request = static_cast<Request>(setup.request);
  if (setup.type != kFromDevice) return {.kind = UsbAnswer::Kind::stall};
  switch (request) {
    case Request::stop:
      return stop();
    case Request::status:
      if (setup.value == kArm) return arm(setup.index);
      if (setup.value != kStatusNow) return {.kind = UsbAnswer::Kind::stall};
      if (unplugged_or_silent(meet(FaultPoint::call, kDongleStatus))) {
        return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
      }
      return {.data = status_now()};
    case Request::ready:
      return ready();
    case Request::serial_number:
      return serial_number();
    case Request::plus_48:
      if (!dongle().model.second_interface) return {.kind = UsbAnswer::Kind::stall};
      return {.data = bytes_of({0x48, 0xF3, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})};
    case Request::plus_led:
      if (!dongle().model.second_interface) return {.kind = UsbAnswer::Kind::stall};
      return {.data = bytes_of({0x4B, 0})};
    default:
      return {.kind = UsbAnswer::Kind::stall};
  }
}

std::string NiFunction::status_now() const {
  return ni_status_block(kReportId, ibsta(), NiError::none, 0);
}

UsbAnswer NiFunction::stop() {
  if (unplugged_or_silent(meet(FaultPoint::call, kDongleStop))) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  if (running_) {
    ++state().stops;
    finish(NiError::aborted);
  }
  return {.data = status_now()};
}

UsbAnswer NiFunction::ready() {
  if (unplugged_or_silent(meet(FaultPoint::call, kDongleReady))) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  std::string answer(16, '\0');
  answer[0] = 0x40;
  if (not_ready_ > 0) {
    --not_ready_;
    return {.data = answer};
  }
  if (dongle().model.second_interface) {
    answer[6] = 0x0F;
    answer[9] = 0x30;
  } else {
    answer[3] = 1;
    answer[4] = 0x30;
    answer[6] = 2;
    answer[7] = 3;
    answer[10] = static_cast<char>(0x96);
  }
  return {.data = answer};
}

UsbAnswer NiFunction::serial_number() const {
  const std::uint32_t serial = dongle().serial;
  std::string answer(dongle().model.second_interface ? 16 : 5, '\0');
  answer[0] = 0x41;
  for (unsigned i = 0; i < 4; ++i) answer[1 + i] = static_cast<char>(serial >> (8 * i) & 0xFFU);
  return {.data = answer};
}

// Between a question and its reply the real ones then answer out of step.
UsbAnswer NiFunction::arm(std::uint16_t mask) {
  if (running_ || has_replies()) violation("the monitor is armed before a reply was fetched");
  const auto* const active = meet(FaultPoint::call, kDongleMonitor);
  if (unplugged_or_silent(active)) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  monitored_ = mask;
  if (mask != 0) {
    report(ni_status_block(kReportId, kArmed, NiError::none, 0), kDongleAcknowledge);
  }
  watch_lines();
  return {.data = status_now()};
}

std::uint16_t NiFunction::ibsta() const {
  unsigned bits = extra_bits_;
  if (bus().listens()) bits |= ni_ibsta::kLacs;
  if (bus().talks() && !fresh_) bits |= ni_ibsta::kTacs;
  if (bus().atn()) bits |= ni_ibsta::kAtn;
  if (bus().in_charge()) bits |= ni_ibsta::kCic;
  if (bus().ren()) bits |= ni_ibsta::kRem;
  if (bus().in_charge() && bus().line(GpibLine::srq)) bits |= ni_ibsta::kSrqi;
  return static_cast<std::uint16_t>(bits);
}

void NiFunction::watch_lines() {
  const std::uint16_t now = ibsta();
  const auto seen = static_cast<std::uint16_t>(now & monitored_);
  if (seen == 0) return;
  monitored_ = static_cast<std::uint16_t>(monitored_ & ~seen);
  report(ni_status_block(kReportId, now, NiError::none, 0), kDongleService);
}

std::string NiFunction::extra_report(std::uint32_t says) const {
  return ni_status_block(kReportId, static_cast<std::uint16_t>(says), NiError::none, 0);
}

}  // namespace visa::sim
