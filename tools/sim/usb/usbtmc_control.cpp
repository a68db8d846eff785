// SPDX-License-Identifier: MIT
// The requests: USBTMC 1.0 section 4.2, USB488 section 4.3; status bytes and requests for service:
// USB488 section 3.4.
#include <utility>

#include "tools/sim/usb/usb_raw_function.h"
#include "tools/sim/usb/usbtmc_function.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kToInterface = 0xA1;
constexpr std::uint8_t kToEndpoint = 0xA2;
constexpr std::uint8_t kServiceRequest = 0x81;
constexpr std::uint8_t kRqs = 0x40;
constexpr std::uint8_t kFirstStatusTag = 2;

UsbAnswer stalled() {
  return {.kind = UsbAnswer::Kind::stall};
}

std::string status(UsbtmcStatus code, std::initializer_list<unsigned> rest = {}) {
  std::string result(1, static_cast<char>(code));
  for (const unsigned byte : rest) result += static_cast<char>(byte);
  return result;
}

// Status, a byte, two that are reserved, a number of bytes.
std::string count_status(UsbtmcStatus code, unsigned flags, std::uint32_t count) {
  return status(
      code, {flags, 0, 0, count & 0xFFU, count >> 8U & 0xFFU, count >> 16U & 0xFFU, count >> 24U});
}

std::size_t answer_length(UsbtmcRequest request) {
  switch (request) {
    case UsbtmcRequest::initiate_abort_bulk_out:
    case UsbtmcRequest::initiate_abort_bulk_in:
    case UsbtmcRequest::check_clear_status:
      return 2;
    case UsbtmcRequest::check_abort_bulk_out_status:
    case UsbtmcRequest::check_abort_bulk_in_status:
      return 8;
    case UsbtmcRequest::get_capabilities:
      return 24;
    case UsbtmcRequest::read_status_byte:
      return 3;
    default:
      return 1;
  }
}

bool for_endpoint(UsbtmcRequest request) {
  return request >= UsbtmcRequest::initiate_abort_bulk_out &&
         request <= UsbtmcRequest::check_abort_bulk_in_status;
}

bool of_usb488(UsbtmcRequest request) {
  return request >= UsbtmcRequest::read_status_byte;
}

}  // namespace

UsbAnswer UsbtmcFunction::control(const UsbSetup& setup, std::string_view data, bool waited) {
  if (hung()) return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  if (setup.kind() == 2) return usb_vendor_request(setup, data, vendor_data_);
  const auto request = static_cast<UsbtmcRequest>(setup.request);
  const WireOperation* const operation = usbtmc_operation(request);
  if (operation == nullptr || (of_usb488(request) && !description_.usb488)) return stalled();
  if (setup.type != (for_endpoint(request) ? kToEndpoint : kToInterface)) {
    violation("a request of the wrong type or direction");
    return stalled();
  }
  if (link_.logged() && !waited) link_.log("call", operation->name);
  const FaultKind* kind = nullptr;
  if (!waited) {
    if (const auto* const active = next_fault(FaultPoint::call, operation)) {
      kind = active->fault.kind;
      if (auto answer = meet_request_fault(request, *active)) return *std::move(answer);
    }
  }
  return perform(request, setup, kind);
}

std::optional<UsbAnswer> UsbtmcFunction::meet_request_fault(UsbtmcRequest request,
                                                            const FaultBoard::Active& active) {
  const Fault& fault = active.fault;
  const UsbAnswer never{.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  if (fault.kind == &kUsbStallFault) return stalled();
  if (fault.kind == &kUsbSilenceFault || fault.kind == &kUsbNakFault) return never;
  if (fault.kind == &kUsbLateFault) {
    return UsbAnswer{.kind = UsbAnswer::Kind::wait, .until = Clock::now() + fault.delay};
  }
  if (fault.kind == &kUsbHangFault) {
    hung_ = true;
    hung_by_ = active.id;
    return never;
  }
  if (fault.kind == &kUsbUnplugFault) {
    port_.unplug(fault.delay.count() > 0 ? std::optional(fault.delay) : std::nullopt);
    return never;
  }
  if (fault.kind == &kUsbStatusFault) {
    std::string data = status(static_cast<UsbtmcStatus>(fault.error));
    data.resize(answer_length(request), '\0');
    return UsbAnswer{.data = std::move(data)};
  }
  return std::nullopt;
}

UsbAnswer UsbtmcFunction::perform(UsbtmcRequest request, const UsbSetup& setup,
                                  const FaultKind* fault) {
  const auto tag = static_cast<std::uint8_t>(setup.value);
  const auto endpoint = static_cast<std::uint8_t>(setup.index);
  switch (request) {
    case UsbtmcRequest::initiate_abort_bulk_out:
      return endpoint == kOut ? abort_out(tag) : stalled();
    case UsbtmcRequest::check_abort_bulk_out_status:
      return {.data = count_status(UsbtmcStatus::success, 0, aborted_out_)};
    case UsbtmcRequest::initiate_abort_bulk_in:
      return endpoint == kIn ? abort_in(tag, fault == &kUsbAbortSilentFault) : stalled();
    case UsbtmcRequest::check_abort_bulk_in_status:
      return check_abort_in();
    case UsbtmcRequest::initiate_clear:
      return clear();
    case UsbtmcRequest::check_clear_status:
      return check_clear();
    case UsbtmcRequest::get_capabilities:
      return capabilities();
    case UsbtmcRequest::indicator_pulse:
      if (!description_.capabilities.indicator_pulse) return stalled();
      ++state_.indicator_pulses;
      return {.data = status(UsbtmcStatus::success)};
    case UsbtmcRequest::read_status_byte:
      return status_byte(setup, fault == &kUsbStatusInControlFault);
    default:
      return remote(request, setup);
  }
}

// What had come of the message is forgotten, and the endpoint halts until the host clears that.
UsbAnswer UsbtmcFunction::abort_out(std::uint8_t tag) {
  if (!incoming_) return {.data = status(UsbtmcStatus::failed, {0})};
  if (incoming_->header.tag != tag) {
    return {.data = status(UsbtmcStatus::transfer_not_in_progress, {incoming_->header.tag})};
  }
  aborted_out_ = incoming_->received;
  incoming_.reset();
  link_.forget_input();
  port_.halt(kOut);
  return {.data = status(UsbtmcStatus::success, {tag})};
}

// A request that nobody will answer is the UNTERMINATED error of the instrument.
UsbAnswer UsbtmcFunction::abort_in(std::uint8_t tag, bool silent) {
  if (!wanted_ && !outgoing_) return {.data = status(UsbtmcStatus::failed, {0})};
  const std::uint8_t current = outgoing_ ? outgoing_->tag : wanted_->header.tag;
  if (current != tag) {
    return {.data = status(UsbtmcStatus::transfer_not_in_progress, {current})};
  }
  aborted_in_ = 0;
  if (outgoing_) {
    const std::uint64_t given = outgoing_->given;
    aborted_in_ = static_cast<std::uint32_t>(given > kUsbtmcHeader ? given - kUsbtmcHeader : 0);
    outgoing_.reset();
    link_.note_in_flight(false);
  } else if (link_.output().empty() && !link_.holding()) {
    link_.read(0);
  }
  wanted_.reset();
  before_.clear();
  aborting_in_ = !silent;
  port_.wake();
  return {.data = status(UsbtmcStatus::success, {tag})};
}

UsbAnswer UsbtmcFunction::check_abort_in() {
  const auto code = aborting_in_ ? UsbtmcStatus::pending : UsbtmcStatus::success;
  return {.data = count_status(code, aborting_in_ ? 1 : 0, aborted_in_)};
}

void UsbtmcFunction::forget_messages() {
  incoming_.reset();
  wanted_.reset();
  outgoing_.reset();
  before_.clear();
  vendor_message_.clear();
  aborting_in_ = false;
  link_.device_clear();
}

UsbAnswer UsbtmcFunction::clear() {
  ++state_.clears;
  forget_messages();
  port_.halt(kOut);
  drain_ = description_.clear_drains;
  clear_until_ = Clock::now() + std::chrono::milliseconds(description_.clear_ms);
  return {.data = status(UsbtmcStatus::success)};
}

UsbAnswer UsbtmcFunction::check_clear() {
  if (clear_until_ && *clear_until_ > Clock::now()) {
    return {.data = status(UsbtmcStatus::pending, {0})};
  }
  if (drain_) return {.data = status(UsbtmcStatus::pending, {1})};
  return {.data = status(UsbtmcStatus::success, {0})};
}

UsbAnswer UsbtmcFunction::capabilities() const {
  const UsbtmcCapabilities& can = description_.capabilities;
  const auto bit = [](bool set, unsigned place) { return set ? 1U << place : 0U; };
  std::string data(24, '\0');
  data[0] = static_cast<char>(UsbtmcStatus::success);
  data[3] = 1;  // bcdUSBTMC 1.00
  data[4] = static_cast<char>(bit(can.indicator_pulse, 2) | bit(can.talk_only, 1) |
                              bit(can.listen_only, 0));
  data[5] = static_cast<char>(bit(can.termchar, 0));
  if (description_.usb488) {
    data[13] = 1;  // bcdUSB488 1.00
    data[14] = static_cast<char>(bit(can.ieee488, 2) | bit(can.remote, 1) | bit(can.trigger, 0));
    data[15] =
        static_cast<char>(bit(can.scpi, 3) | bit(can.sr1, 2) | bit(can.rl1, 1) | bit(can.dt1, 0));
  }
  return {.data = std::move(data)};
}

UsbAnswer UsbtmcFunction::status_byte(const UsbSetup& setup, bool in_control) {
  const unsigned tag = setup.value;
  if (tag < kFirstStatusTag || tag > 0x7F) {
    violation("a bTag of READ_STATUS_BYTE that is not 2 to 127");
    return {.data = status(UsbtmcStatus::failed, {tag & 0xFFU, 0})};
  }
  if (!description_.interrupt || in_control) {
    return {.data = status(UsbtmcStatus::success, {tag, link_.serial_poll()})};
  }
  if (status_waits_) return {.data = status(UsbtmcStatus::interrupt_in_busy, {tag, 0})};
  put_interrupt({static_cast<char>(0x80U | tag), static_cast<char>(link_.serial_poll())}, true);
  return {.data = status(UsbtmcStatus::success, {tag, 0})};
}

UsbAnswer UsbtmcFunction::remote(UsbtmcRequest request, const UsbSetup& setup) {
  if (!description_.capabilities.remote) return stalled();
  if (request == UsbtmcRequest::ren_control) {
    state_.ren = setup.value != 0;
    if (!state_.ren) state_.remote = state_.lockout = false;
  } else if (request == UsbtmcRequest::go_to_local) {
    state_.remote = false;
  } else {
    state_.lockout = state_.ren;
  }
  return {.data = status(UsbtmcStatus::success)};
}

// `answers_request`: it is the answer to READ_STATUS_BYTE, of which one at a time may wait.
void UsbtmcFunction::put_interrupt(std::string packet, bool answers_request) {
  const auto* const active =
      answers_request ? next_fault(FaultPoint::reply, &kUsbtmcInterrupt) : nullptr;
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kUsbInterruptLostFault || interrupts_.size() >= kMostInterrupts) return;
  if (kind == &kUsbInterruptTagFault) {
    const unsigned tag = static_cast<unsigned char>(packet[0]);
    packet[0] = static_cast<char>(tag == 0xFF ? 0x82 : tag + 1);
  } else if (kind == &kUsbInterruptExtraFault) {
    const std::uint32_t first = active->fault.error != 0 ? active->fault.error : 1;
    interrupts_.push_back({static_cast<char>(first & 0x7FU), '\0'});
  }
  status_waits_ = status_waits_ || answers_request;
  interrupts_.push_back(std::move(packet));
  port_.wake();
}

void UsbtmcFunction::on_service_request() {
  if (!description_.interrupt || !description_.usb488) return;
  const auto* const active =
      link_.instrument().faults().next(FaultPoint::service_request, link_.id(), nullptr);
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind != nullptr && link_.logged()) link_.log("fault", kind->name);
  if (kind == &kUsbSrqLostFault) return;
  const unsigned stb = link_.instrument().status_byte(link_) | kRqs;
  const std::string packet{static_cast<char>(kServiceRequest), static_cast<char>(stb)};
  if (link_.logged()) link_.log("srq", packet);
  if (kind == &kUsbSrqTwiceFault) put_interrupt(packet, false);
  put_interrupt(packet, false);
}

bool UsbtmcFunction::interrupt(std::string_view packet) {
  if (!description_.interrupt || packet.empty()) return false;
  put_interrupt(std::string(packet.substr(0, layout_.endpoints.back().packet)), false);
  return true;
}

}  // namespace visa::sim
