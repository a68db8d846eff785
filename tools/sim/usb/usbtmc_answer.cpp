// SPDX-License-Identifier: MIT
// The bulk-IN endpoint: USBTMC 1.0 section 3.3. A request says how much is wanted; the answer is
// one transfer, which a short packet ends, an empty one if need be.
#include <algorithm>
#include <utility>

#include "tools/sim/usb/usbtmc_function.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kEom = 1;
constexpr std::uint8_t kTermchar = 2;
constexpr std::size_t kMostPieces = 1000;

// Message ends have no meaning inside a transfer.
std::string taken(OutputQueue& queue, std::size_t count) {
  std::string result = queue.take(count).bytes;
  while (result.size() < count) result += queue.take(count - result.size()).bytes;
  return result;
}

std::size_t first_part(const Fault& fault, std::size_t size) {
  return std::min(fault.bytes.value_or(size / 2), size);
}

}  // namespace

UsbGiven UsbtmcFunction::give(std::uint8_t endpoint, std::size_t room) {
  if (hung() || leaving_) return {};
  return endpoint == kInterrupt ? give_interrupt(room) : give_bulk(room);
}

UsbGiven UsbtmcFunction::give_interrupt(std::size_t room) {
  if (interrupts_.empty()) return {};
  std::string packet = std::move(interrupts_.front());
  interrupts_.pop_front();
  const auto first = static_cast<std::uint8_t>(packet[0]);
  if (first > 0x81) status_waits_ = false;
  if (packet.size() > room) {
    return {UsbGiven::Kind::babble, packet.substr(0, room)};
  }
  return {UsbGiven::Kind::end, std::move(packet)};
}

UsbGiven UsbtmcFunction::give_bulk(std::size_t room) {
  if (aborting_in_ || drain_) {
    aborting_in_ = drain_ = false;
    return {UsbGiven::Kind::end, {}};
  }
  if (!outgoing_) begin_answer(Clock::now());
  if (!before_.empty()) return give_before(room);
  if (!outgoing_) return {};
  Outgoing& outgoing = *outgoing_;
  if (outgoing.ended) {
    finish_answer();
    return {UsbGiven::Kind::end, {}};
  }
  OutputQueue& ready = outgoing.bytes.ready();
  if (outgoing.endless) {
    outgoing.endless = link_.instrument().faults().is_on(outgoing.fault);
    while (outgoing.endless && ready.size() < room) ready.append(outgoing.again);
  }
  const std::size_t packet = bulk_packet();
  std::size_t count = std::min(room, ready.size());
  const bool last = count == ready.size() && !outgoing.bytes.pending() && !outgoing.endless;
  if (!last && count == ready.size()) {
    count -= static_cast<std::size_t>((outgoing.given + count) % packet);
  }
  if (count == 0 && !last) return {};
  std::string bytes = taken(ready, count);
  outgoing.given += count;
  if (last) return give_last(std::move(bytes));
  const bool fits = count % packet == 0 || ready.empty() || count < room;
  return {fits ? UsbGiven::Kind::data : UsbGiven::Kind::babble, std::move(bytes)};
}

// A transfer that a fault has put before the answer; it ends with a short packet.
UsbGiven UsbtmcFunction::give_before(std::size_t room) {
  OutputQueue& first = before_.front();
  std::string bytes = taken(first, std::min(room, first.size()));
  if (!first.empty()) return {UsbGiven::Kind::data, std::move(bytes)};
  before_.pop_front();
  return {UsbGiven::Kind::end, std::move(bytes)};
}

// The last bytes of a transfer, and what comes after them.
UsbGiven UsbtmcFunction::give_last(std::string bytes) {
  Outgoing& outgoing = *outgoing_;
  if (outgoing.unplug) {
    leaving_ = true;
    port_.unplug(outgoing.away);
    return {bytes.empty() ? UsbGiven::Kind::nothing : UsbGiven::Kind::data, std::move(bytes)};
  }
  if (outgoing.failure != UsbGiven::Kind::nothing) {
    const UsbGiven::Kind failure = outgoing.failure;
    finish_answer();
    return {failure, std::move(bytes)};
  }
  if (outgoing.given % bulk_packet() != 0) {
    finish_answer();
    return {UsbGiven::Kind::end, std::move(bytes)};
  }
  if (outgoing.short_end) {
    outgoing.ended = true;
  } else {
    finish_answer();
  }
  return {bytes.empty() && !outgoing_ ? UsbGiven::Kind::nothing : UsbGiven::Kind::data,
          std::move(bytes)};
}

// The host has all of it.
void UsbtmcFunction::finish_answer() {
  outgoing_.reset();
  link_.note_in_flight(false);
  if (link_.ending() != Link::Ending::none && link_.output().empty()) port_.unplug(std::nullopt);
}

void UsbtmcFunction::begin_answer(Clock::time_point now) {
  if (!wanted_ || wanted_->dead || (wanted_->after && *wanted_->after > now)) return;
  const UsbtmcHeader wanted = wanted_->header;
  if (wanted.id == UsbtmcId::vendor_specific_in) {
    begin_vendor_answer(wanted);
  } else {
    begin_device_answer(wanted);
  }
}

void UsbtmcFunction::begin_vendor_answer(const UsbtmcHeader& wanted) {
  if (vendor_message_.empty()) return;
  const std::size_t count = std::min<std::size_t>(wanted.size, vendor_message_.size());
  OutputQueue data;
  data.append(std::string_view(vendor_message_).substr(0, count));
  vendor_message_.erase(0, count);
  wanted_.reset();
  Outgoing& outgoing = outgoing_.emplace();
  outgoing.tag = wanted.tag;
  OutputQueue bytes;
  bytes.append(usbtmc_header_bytes(static_cast<std::uint8_t>(UsbtmcId::vendor_specific_in),
                                   wanted.tag, static_cast<std::uint32_t>(count), 0));
  bytes.append(data);
  outgoing.bytes.hold(std::move(bytes), Clock::time_point::min());
  ++state_.bulk_in_transfers;
}

void UsbtmcFunction::begin_device_answer(const UsbtmcHeader& wanted) {
  std::size_t limit = wanted.size;
  if (description_.largest_answer > 0) limit = std::min(limit, description_.largest_answer);
  link_.refill(std::min(limit, Link::kHighWater));
  if (link_.output().empty()) {
    if (link_.ending() != Link::Ending::none) port_.unplug(std::nullopt);
    return;
  }
  const auto* const active = next_fault(FaultPoint::reply, &kUsbtmcAnswer);
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kUsbLongFault) limit += active->fault.bytes.value_or(16);
  if (kind == &kUsbHeaderOnceFault) limit = SIZE_MAX;
  std::uint8_t attributes = 0;
  if (wanted.termchar_enabled() && description_.capabilities.termchar) {
    if (const auto count = link_.output().find(static_cast<char>(wanted.termchar), limit)) {
      limit = *count;
      attributes |= kTermchar;
    }
  }
  OutputQueue data = link_.output().take_front(limit, true);
  if (data.ends_message()) attributes |= kEom;
  link_.note_in_flight(true);
  if (link_.logged()) {
    OutputQueue copy;
    copy.append(data);
    link_.log("out", taken(copy, copy.size()));
  }
  if (kind == &kUsbLostFault) {
    wanted_->dead = true;
    link_.note_in_flight(false);
    return;
  }
  wanted_.reset();
  ++state_.bulk_in_transfers;
  if (kind == &kUsbHeaderOnceFault && !active->fault.length) announced_ = wanted.size;
  send(wanted.tag, std::move(data), attributes, active);
}

void UsbtmcFunction::send(std::uint8_t tag, OutputQueue data, std::uint8_t attributes,
                          const FaultBoard::Active* active) {
  Outgoing& outgoing = outgoing_.emplace();
  outgoing.tag = tag;
  std::uint8_t id = static_cast<std::uint8_t>(UsbtmcId::dev_dep_msg_in);
  auto size = static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), UINT32_MAX));
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kUsbTagFault) {
    tag = static_cast<std::uint8_t>(tag + active->fault.length.value_or(1));
  } else if (kind == &kUsbMessageIdFault) {
    id = static_cast<std::uint8_t>(active->fault.error);
  } else if (kind == &kUsbLengthFault) {
    size = active->fault.length.value_or(UINT32_MAX);
  } else if (kind == &kUsbHeaderOnceFault) {
    size = active->fault.length.value_or(std::min(size, announced_));
    attributes |= kEom;
  } else if (kind == &kUsbEomFault) {
    attributes |= kEom;
  } else if (kind == &kUsbNoEomFault || kind == &kUsbEndlessFault) {
    attributes &= static_cast<std::uint8_t>(~kEom);
  }
  std::string header = usbtmc_header_bytes(id, tag, size, attributes);
  if (kind == &kUsbTagCopyFault) header[2] = static_cast<char>(tag);
  if (kind == &kUsbReservedFault) header[3] = header[9] = header[10] = header[11] = '\x55';
  OutputQueue bytes;
  bytes.append(header);
  bytes.append(data);
  if (active == nullptr) {
    outgoing.bytes.hold(std::move(bytes), Clock::time_point::min());
    return;
  }
  if (kind == &kUsbEndlessFault) {
    outgoing.endless = data.size() > 0;
    outgoing.fault = active->id;
    outgoing.again = std::move(data);
  }
  put_before(outgoing.tag, active->fault);
  shape(outgoing, std::move(bytes), *active);
}

void UsbtmcFunction::put_before(std::uint8_t tag, const Fault& fault) {
  if (fault.kind == &kUsbEmptyFault) {
    before_.emplace_back();
  } else if (fault.kind == &kUsbStaleFault) {
    constexpr std::string_view kText = "the answer before\n";
    const auto earlier = static_cast<std::uint8_t>(tag == 1 ? 255 : tag - 1);
    OutputQueue& stale = before_.emplace_back();
    stale.append(usbtmc_header_bytes(static_cast<std::uint8_t>(UsbtmcId::dev_dep_msg_in), earlier,
                                     static_cast<std::uint32_t>(kText.size()), kEom));
    stale.append(kText);
  }
}

// In what pieces and how far the bytes of an answer come.
void UsbtmcFunction::shape(Outgoing& outgoing, OutputQueue bytes,
                           const FaultBoard::Active& active) {
  const Fault& fault = active.fault;
  const std::size_t packet = bulk_packet();
  const std::size_t size = bytes.size();
  if (fault.kind == &kUsbTrailingFault) {
    bytes.append(std::string(fault.bytes.value_or(16), 't'));
  } else if (fault.kind == &kUsbFillFault) {
    bytes.append(std::string((packet - size % packet) % packet, '\0'));
    outgoing.short_end = false;
  } else if (fault.kind == &kUsbNoEmptyFault) {
    outgoing.short_end = false;
  } else if (fault.kind == &kUsbHeaderOnceFault) {
    outgoing.again.append(bytes);
    outgoing.restarts = true;
  } else if (fault.kind == &kUsbShortFault) {
    bytes.split(first_part(fault, size));
  } else if (fault.kind == &kUsbSplitFault || fault.kind == &kUsbHoldFault) {
    pace(outgoing, std::move(bytes), active);
    return;
  } else if (fault.kind == &kUsbStallInFault || fault.kind == &kUsbBabbleFault ||
             fault.kind == &kUsbBusErrorFault) {
    bytes.split(first_part(fault, size));
    outgoing.failure = fault.kind == &kUsbStallInFault  ? UsbGiven::Kind::halt
                       : fault.kind == &kUsbBabbleFault ? UsbGiven::Kind::babble
                                                        : UsbGiven::Kind::error;
  } else if (fault.kind == &kUsbUnplugInFault) {
    bytes.split(first_part(fault, size) / packet * packet);
    outgoing.unplug = true;
    if (fault.delay.count() > 0) outgoing.away = fault.delay;
  }
  outgoing.bytes.hold(std::move(bytes), Clock::time_point::min());
}

// Whole packets now, and others later.
void UsbtmcFunction::pace(Outgoing& outgoing, OutputQueue bytes, const FaultBoard::Active& active) {
  const Fault& fault = active.fault;
  const std::size_t packet = bulk_packet();
  const auto now = Clock::now();
  auto due = Clock::time_point::min();
  if (fault.kind == &kUsbHoldFault) {
    OutputQueue rest = bytes.split(first_part(fault, bytes.size()) / packet * packet);
    outgoing.bytes.hold(std::move(bytes), due);
    const bool timed = fault.delay.count() > 0;
    outgoing.bytes.hold(std::move(rest), timed ? now + fault.delay : Clock::time_point::max(),
                        PacedOutput::Ending::none, timed ? 0 : active.id);
    return;
  }
  const std::size_t packets = (bytes.size() + packet - 1) / packet;
  const std::size_t pieces = std::min({fault.pieces, packets, kMostPieces});
  for (std::size_t i = 1; i < pieces; ++i) {
    OutputQueue rest = bytes.split((packets * i / pieces - packets * (i - 1) / pieces) * packet);
    outgoing.bytes.hold(std::move(bytes), due);
    bytes = std::move(rest);
    due = now + fault.delay * static_cast<int>(i);
  }
  outgoing.bytes.hold(std::move(bytes), due);
}

}  // namespace visa::sim
