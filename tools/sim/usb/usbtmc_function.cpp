// SPDX-License-Identifier: MIT
// The bulk-OUT endpoint: USBTMC 1.0 section 3.2. A header begins each transfer; data, then zero
// bytes up to a multiple of 4, follow in the same transfer. What is wrong halts the endpoint; what
// is only unseemly is noted as a violation, for tests of the host.
#include "tools/sim/usb/usbtmc_function.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <variant>

namespace visa::sim {
namespace {

constexpr std::uint8_t kUsbtmcClass = 0xFE;
constexpr std::uint8_t kUsbtmcSubclass = 3;
constexpr std::uint16_t kInterruptPacket = 64;

UsbLayout usbtmc_layout(const UsbDescription& description) {
  const std::uint16_t packet = usb_bulk_packet(description.speed);
  UsbLayout layout{.number = description.interface,
                   .device_class = kUsbtmcClass,
                   .subclass = kUsbtmcSubclass,
                   .protocol = static_cast<std::uint8_t>(description.usb488 ? 1 : 0),
                   .endpoints = {{UsbtmcFunction::kOut, UsbPipeType::bulk, packet, 0},
                                 {UsbtmcFunction::kIn, UsbPipeType::bulk, packet, 0}}};
  if (description.interrupt) {
    layout.endpoints.push_back(
        {UsbtmcFunction::kInterrupt, UsbPipeType::interrupt, kInterruptPacket, 4});
  }
  return layout;
}

std::string header_text(const UsbtmcHeader& header) {
  char text[120];
  const std::string_view name = usbtmc_operation(header.id)->name;
  const int length =
      std::snprintf(text, sizeof text, "%.*s tag=%u size=%lu attributes=0x%02X",
                    static_cast<int>(name.size()), name.data(), unsigned{header.tag},
                    static_cast<unsigned long>(header.size), unsigned{header.attributes});
  return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

}  // namespace

UsbtmcFunction::UsbtmcFunction(UsbPort& port, Instrument& instrument,
                               const UsbDescription& description, UsbState& state,
                               std::function<std::string()> holder)
    : port_(port),
      description_(description),
      state_(state),
      holder_(std::move(holder)),
      layout_(usbtmc_layout(description)),
      link_(instrument, Exchange::strict, this) {
  instrument.add_fault_listener(*this);
  if (link_.logged()) link_.log("open", "plugged in");
}

UsbtmcFunction::~UsbtmcFunction() {
  if (link_.logged()) link_.log("close", {});
  link_.instrument().remove_fault_listener(*this);
}

void UsbtmcFunction::violation(std::string_view what) {
  ++state_.violations;
  if (link_.logged()) link_.log("violation", what);
}

const FaultBoard::Active* UsbtmcFunction::next_fault(FaultPoint point,
                                                     const WireOperation* operation) {
  FaultBoard& board = link_.instrument().faults();
  if (operation == nullptr || board.empty()) return nullptr;
  const auto* const active = board.next(point, link_.id(), operation);
  if (active != nullptr && link_.logged()) link_.log("fault", active->fault.kind->name);
  return active;
}

bool UsbtmcFunction::hung() noexcept {
  hung_ = hung_ && link_.instrument().faults().is_on(hung_by_);
  return hung_;
}

std::size_t UsbtmcFunction::take(std::uint8_t, std::string_view bytes, bool ends) {
  if (hung()) return 0;
  std::size_t taken = 0;
  if (!incoming_) {
    if (bytes.empty()) {
      violation("an empty packet on bulk-OUT");
      return 0;
    }
    taken = take_header(bytes, ends);
    if (!incoming_) return taken;
  }
  taken += take_data(bytes.substr(taken));
  if (incoming_ && taken == bytes.size() && ends) {
    violation("the bulk-OUT transfer ends before its data and padding do");
    finish_incoming(incoming_->left == 0);
  }
  return taken;
}

// Returns how much of the transfer has been dealt with: all, where nothing follows the header.
std::size_t UsbtmcFunction::take_header(std::string_view bytes, bool ends) {
  const auto parsed = parse_usbtmc_header(bytes);
  if (const auto* const mistake = std::get_if<UsbtmcMistake>(&parsed)) {
    violation(std::string("a bulk-OUT transfer with ") + std::string(usbtmc_text(*mistake)));
    port_.halt(kOut);
    return 0;
  }
  const UsbtmcHeader& header = std::get<UsbtmcHeader>(parsed);
  ++state_.bulk_out_transfers;
  if (link_.logged()) link_.log("call", header_text(header));
  check_tag(header.tag);
  if (!header.reserved_is_zero) violation("bits in a header that have no meaning");
  const bool vendor =
      header.id == UsbtmcId::vendor_specific_out || header.id == UsbtmcId::vendor_specific_in;
  const bool trigger = header.id == UsbtmcId::trigger;
  Incoming incoming{.header = header};
  if (meet_message_fault(header, incoming)) return 0;
  if ((vendor && !description_.vendor_messages) ||
      (trigger && !description_.capabilities.trigger)) {
    violation("a message that the device does not have");
    port_.halt(kOut);
    return 0;
  }
  if (header.has_data()) {
    if (header.size == 0) violation("a message without data");  // instruments put up with it
    incoming.left = header.size;
    incoming.padding = usbtmc_padding(header.size);
    incoming.taken = kUsbtmcHeader;
    begin_message(header);
    if (header.size == 0) {
      if (!incoming.ignored && header.end_of_message()) link_.receive({}, true);
      return bytes.size();
    }
    incoming_ = incoming;
    return kUsbtmcHeader;
  }
  if (bytes.size() > kUsbtmcHeader || !ends) violation("bytes after a header that has no data");
  if (trigger) {
    link_.interrupt();
    if (!incoming.ignored) link_.trigger();
  } else {
    request_answer(header, incoming);
  }
  return bytes.size();
}

void UsbtmcFunction::check_tag(std::uint8_t tag) {
  const auto next = static_cast<std::uint8_t>(last_tag_ == 255 ? 1 : last_tag_ + 1);
  if (last_tag_ != 0 && tag != next) violation("a bTag that is not the next one");
  last_tag_ = tag;
}

// A message that comes while an answer is asked for or under way: the host must not, and a 488.2
// device drops what it had (INTERRUPTED).
void UsbtmcFunction::begin_message(const UsbtmcHeader& header) {
  if (wanted_ || outgoing_) violation("a message before the answer that was asked for");
  wanted_.reset();
  if (header.id == UsbtmcId::dev_dep_msg_out) {
    state_.remote = state_.remote || state_.ren;
    if (outgoing_) link_.interrupt();
  } else {
    vendor_message_.clear();
  }
  outgoing_.reset();
}

// True: nothing of the message is executed, and the endpoint halts or the device has gone.
bool UsbtmcFunction::meet_message_fault(const UsbtmcHeader& header, Incoming& incoming) {
  const auto* const active = next_fault(FaultPoint::call, usbtmc_operation(header.id));
  if (active == nullptr) return false;
  const Fault& fault = active->fault;
  const auto now = Clock::now();
  if (fault.kind == &kUsbStallFault) {
    port_.halt(kOut);
    return true;
  }
  if (fault.kind == &kUsbHangFault) {
    hung_ = true;
    hung_by_ = active->id;
    return true;
  }
  if (fault.kind == &kUsbUnplugFault) {
    port_.unplug(fault.delay.count() > 0 ? std::optional(fault.delay) : std::nullopt);
    incoming.ignored = true;
  } else if (fault.kind == &kUsbSilenceFault) {
    incoming.ignored = true;
  } else if (fault.kind == &kUsbRequestLimitFault) {
    incoming.ignored = header.size > fault.bytes.value_or(63);
  } else if (fault.kind == &kUsbNakFault) {
    incoming.nak_after = std::max(fault.bytes.value_or(0), kUsbtmcHeader);
    incoming.nak_fault = active->id;
    if (fault.delay.count() > 0) incoming.nak_until = now + fault.delay;
  } else if (fault.kind == &kUsbLateFault) {
    incoming.nak_until = now + fault.delay;  // of a request: when its answer may begin
    if (header.has_data()) incoming.nak_after = kUsbtmcHeader;
  }
  return false;
}

std::size_t UsbtmcFunction::take_data(std::string_view bytes) {
  Incoming& incoming = *incoming_;
  if (incoming.nak_after != SIZE_MAX) {
    const bool over = incoming.nak_until ? *incoming.nak_until <= Clock::now()
                                         : !link_.instrument().faults().is_on(incoming.nak_fault);
    if (over) {
      incoming.nak_after = SIZE_MAX;
    } else {
      const std::size_t most =
          incoming.nak_after > incoming.taken ? incoming.nak_after - incoming.taken : 0;
      bytes = bytes.substr(0, most);
    }
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(incoming.left, bytes.size()));
  const std::string_view data = bytes.substr(0, count);
  incoming.left -= count;
  incoming.received += static_cast<std::uint32_t>(count);
  if (!incoming.ignored && !data.empty()) {
    const bool message = incoming.header.id == UsbtmcId::dev_dep_msg_out;
    if (message && link_.logged()) link_.log("in", data);
    if (message && (state_.ren || !description_.needs_remote)) {
      link_.receive(data, incoming.left == 0 && incoming.header.end_of_message());
    } else if (!message && vendor_message_.size() + data.size() <= kMostVendorBytes) {
      vendor_message_ += data;
    }
  }
  std::size_t taken = count;
  if (incoming.left == 0) {
    const std::string_view padding = bytes.substr(count, incoming.padding);
    if (padding.find_first_not_of('\0') != std::string_view::npos) {
      violation("padding that is not zero");
    }
    incoming.padding -= padding.size();
    taken += padding.size();
    if (incoming.padding == 0) {
      finish_incoming(true);
      if (bytes.size() > taken) violation("bytes after the padding");
      return bytes.size();
    }
  }
  incoming.taken += taken;
  return taken;
}

void UsbtmcFunction::finish_incoming(bool whole) {
  if (!whole) port_.halt(kOut);
  incoming_.reset();
  port_.wake();
}

void UsbtmcFunction::request_answer(const UsbtmcHeader& header, const Incoming& incoming) {
  if (outgoing_ && outgoing_->restarts) {
    outgoing_->bytes.clear();
    outgoing_->bytes.ready().append(outgoing_->again);
    outgoing_->given = 0;
    outgoing_->ended = false;
    port_.wake();
    return;
  }
  if (wanted_ || outgoing_) violation("a request before the answer to the last one has ended");
  if (outgoing_) {
    link_.interrupt();
    outgoing_.reset();
  }
  wanted_ = Wanted{header, incoming.ignored, incoming.nak_until};
  port_.wake();
}

void UsbtmcFunction::on_halt_cleared(std::uint8_t endpoint) {
  if (endpoint == kOut) {
    incoming_.reset();
    last_tag_ = 0;  // whether the message that met the halt counts is not said
  }
  if (endpoint == kIn && outgoing_) {
    finish_answer();
    link_.note_in_flight(false);
  }
}

void UsbtmcFunction::reset() {
  forget_messages();
  clear_until_.reset();
  drain_ = aborting_in_ = hung_ = false;
  interrupts_.clear();
  status_waits_ = false;
  last_tag_ = 0;
}

// The answer under way is gone, and what was left of it in the link.
void UsbtmcFunction::on_interrupted() {
  outgoing_.reset();
}

void UsbtmcFunction::on_drop(bool) {
  port_.unplug(std::nullopt);
}

void UsbtmcFunction::on_faults_changed() {
  if (outgoing_) {
    const FaultBoard& board = link_.instrument().faults();
    outgoing_->bytes.let_go([&board](std::uint32_t id) { return board.is_on(id); });
  }
  port_.wake();
}

std::optional<Clock::time_point> UsbtmcFunction::due() const {
  std::optional<Clock::time_point> first;
  const auto sooner = [&first](std::optional<Clock::time_point> other) {
    if (other && (!first || *other < *first)) first = other;
  };
  if (link_.ending() == Link::Ending::none) sooner(link_.due());
  if (outgoing_) sooner(outgoing_->bytes.due());
  if (incoming_ && incoming_->nak_after != SIZE_MAX) sooner(incoming_->nak_until);
  if (wanted_ && !wanted_->dead) sooner(wanted_->after);
  return first;
}

void UsbtmcFunction::on_due(Clock::time_point now) {
  link_.release(now);
  if (outgoing_) outgoing_->bytes.release(now);
  if (wanted_ && wanted_->after && *wanted_->after <= now) wanted_->after.reset();
}

}  // namespace visa::sim
