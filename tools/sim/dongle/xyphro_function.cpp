// SPDX-License-Identifier: MIT
// Messages and requests. With ATN asserted a message has command bytes, without it data.
#include "tools/sim/dongle/xyphro_function.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace visa::sim {
namespace {

constexpr std::uint16_t kInterruptPacket = 2;
constexpr std::uint8_t kForInterface = 0xA1;
constexpr std::uint8_t kForEndpoint = 0xA2;
constexpr char kDone = 1;
constexpr std::uint8_t kEndBit = 1;  // attributes of an answer
constexpr std::uint8_t kStopBit = 2;

enum class Request : std::uint8_t {
  abort_out = 1,
  check_abort_out = 2,
  abort_in = 3,
  check_abort_in = 4,
  ren = 0xA0,
  lines = 0xA3,
  atn = 0xA4,
  ifc = 0xA5,
  address = 0xA6,
};

}  // namespace

// It is the system controller from the beginning.
XyphroFunction::XyphroFunction(UsbPort& port, Dongle& dongle)
    : DongleFunction(port, dongle, kInterruptPacket) {
  clear_interface();
}

void XyphroFunction::clear_interface() {
  bus().set_ifc(true);
  bus().set_ifc(false);
  bus().set_atn(false);
}

std::size_t XyphroFunction::take(std::uint8_t, std::string_view bytes, bool ends) {
  begin_life();
  if (writing_ && writing_->dead) return 0;
  if (writing_) return take_data(bytes);
  if (reading_ || !accepting() || bytes.empty()) return 0;
  std::size_t taken = begin(bytes);
  if (writing_) taken += take_data(bytes.substr(taken));
  if (writing_ && !writing_->dead && ends && taken == bytes.size()) {
    violation("a message that is cut short");
    writing_.reset();
  }
  watch_service();
  return taken;
}

/// Returns how much of the transfer it has dealt with.
std::size_t XyphroFunction::begin(std::string_view bytes) {
  const auto parsed = parse_usbtmc_header(bytes);
  const auto* const header = std::get_if<UsbtmcHeader>(&parsed);
  if (header == nullptr ||
      (header->id != UsbtmcId::dev_dep_msg_out && header->id != UsbtmcId::dev_dep_msg_in)) {
    violation("a message that there is not");
    port().halt(dongle().model.out);
    return 0;
  }
  ++state().bulk_out_transfers;
  const bool reads = header->id == UsbtmcId::dev_dep_msg_in;
  const WireOperation& operation = reads         ? kDongleRead
                                   : bus().atn() ? kDongleCommand
                                                 : kDongleWrite;
  const bool dead = unplugged_or_silent(meet(FaultPoint::call, operation));
  if (!reads) {
    writing_ = Writing{.left = header->size,
                       .padding = usbtmc_padding(header->size),
                       .end = header->end_of_message(),
                       .dead = dead};
    return kUsbtmcHeader;
  }
  reading_ = Reading{.wanted = *header, .dead = dead};
  read_on();
  return bytes.size();
}

std::size_t XyphroFunction::take_data(std::string_view bytes) {
  Writing& writing = *writing_;
  if (writing.dead) return 0;
  const std::size_t count = std::min(bytes.size(), writing.left);
  const bool last = count == writing.left;
  if (count > 0 && !send(bytes.substr(0, count), last)) {
    writing.dead = true;
    return 0;
  }
  writing.left -= count;
  const std::size_t padding = std::min(bytes.size() - count, writing.padding);
  writing.padding -= padding;
  if (writing.left == 0 && writing.padding == 0) writing_.reset();
  return count + padding;
}

/// False: nobody takes it, and it waits for the host to give it up.
bool XyphroFunction::send(std::string_view data, bool last) {
  if (!bus().atn()) return bus().send(data, last && writing_->end) == GpibController::Sent::done;
  return std::all_of(data.begin(), data.end(),
                     [this](char one) { return bus().command(static_cast<std::uint8_t>(one)); });
}

void XyphroFunction::read_on() {
  Reading& reading = *reading_;
  const std::size_t most = std::min<std::size_t>(reading.wanted.size, kMostAnswer);
  const auto stop =
      reading.wanted.termchar_enabled() ? std::optional(reading.wanted.termchar) : std::nullopt;
  while (!reading.dead) {
    const auto part = bus().receive(most - reading.collected.size(), stop);
    reading.collected += part.bytes;
    if (part.end || part.stopped || reading.collected.size() == most) {
      return answer(part.end, part.stopped);
    }
    if (part.bytes.empty()) return;
  }
}

void XyphroFunction::answer(bool end, bool stopped) {
  const Reading done = std::move(*reading_);
  reading_.reset();
  const unsigned attributes = (end ? unsigned{kEndBit} : 0U) | (stopped ? unsigned{kStopBit} : 0U);
  reply(usbtmc_header_bytes(static_cast<std::uint8_t>(UsbtmcId::dev_dep_msg_in), done.wanted.tag,
                            static_cast<std::uint32_t>(done.collected.size()),
                            static_cast<std::uint8_t>(attributes)) +
            done.collected,
        kDongleRead);
}

void XyphroFunction::on_cancelled(std::uint8_t endpoint) {
  if (endpoint == dongle().model.out) writing_.reset();
}

void XyphroFunction::reset() {
  DongleFunction::reset();
  writing_.reset();
  reading_.reset();
}

void XyphroFunction::go_on(Clock::time_point) {
  if (reading_) read_on();
  watch_service();
}

void XyphroFunction::watch_service() {
  const bool now = bus().line(GpibLine::srq);
  if (!std::exchange(service_, now) && now) report(extra_report(0), kDongleService);
}

UsbAnswer XyphroFunction::control(const UsbSetup& setup, std::string_view, bool) {
  begin_life();
  ++state().control_requests;
  if (setup.type == kForInterface) return lines_request(setup);
  if (setup.type == kForEndpoint) return abort(setup);
  return {.kind = UsbAnswer::Kind::stall};
}

UsbAnswer XyphroFunction::lines_request(const UsbSetup& setup) {
  if (unplugged_or_silent(meet(FaultPoint::call, kDongleLines))) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  switch (static_cast<Request>(setup.request)) {
    case Request::ren:
      bus().set_ren(setup.value != 0);
      break;
    case Request::lines:
      return {.data = std::string(1, kDone) + inverted_lines()};
    case Request::atn:  // the level of the line: low is asserted
      bus().set_atn(setup.value == 0);
      break;
    case Request::ifc:
      if (setup.value == 0) bus().set_ifc(true);
      if (setup.value != 0) clear_interface();
      break;
    case Request::address:
      bus().set_own_address(static_cast<std::uint8_t>(setup.value & 0x1FU));
      break;
    default:
      return {.kind = UsbAnswer::Kind::stall};
  }
  port().wake();
  return {.data = std::string(1, kDone)};
}

std::string XyphroFunction::inverted_lines() const {
  constexpr GpibLine kOrder[] = {GpibLine::dav, GpibLine::ndac, GpibLine::nrfd, GpibLine::ifc,
                                 GpibLine::ren, GpibLine::srq,  GpibLine::atn,  GpibLine::eoi};
  unsigned value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= bus().line(kOrder[i]) ? 0U : 1U << i;
  return std::string(1, static_cast<char>(value));
}

// To abort a read it ends the transfer that waits with an empty packet, clears the bus and forgets
// what is under way.
UsbAnswer XyphroFunction::abort(const UsbSetup& setup) {
  if (unplugged_or_silent(meet(FaultPoint::call, kDongleStop))) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  const bool out = setup.request == static_cast<std::uint8_t>(Request::abort_out);
  const bool in = setup.request == static_cast<std::uint8_t>(Request::abort_in);
  const bool checks = setup.request == static_cast<std::uint8_t>(Request::check_abort_out) ||
                      setup.request == static_cast<std::uint8_t>(Request::check_abort_in);
  if (checks) return {.data = kDone + std::string(7, '\0')};
  if (!out && !in) return {.kind = UsbAnswer::Kind::stall};
  if (writing_ || reading_) ++state().stops;
  if (in && reading_) {
    if (reading_->collected.empty()) bus().give_up_receiving();
    reading_.reset();
    reply({}, kDongleStop);
    clear_interface();
  }
  if (out && writing_) writing_->dead = true;  // until the host has taken its transfer back
  port().wake();
  return {.data = std::string(1, kDone) + static_cast<char>(setup.value)};
}

std::string XyphroFunction::stale_reply() const {
  return usbtmc_header_bytes(static_cast<std::uint8_t>(UsbtmcId::dev_dep_msg_in), 1, 1, kEndBit) +
         "x";
}

std::string XyphroFunction::extra_report(std::uint32_t says) const {
  return {static_cast<char>(0x81), static_cast<char>(says)};
}

}  // namespace visa::sim
