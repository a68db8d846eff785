// SPDX-License-Identifier: MIT
// Some kinds change the bytes of a message, the others when and in what pieces they go.
#include "tools/sim/hislip/hislip_faults.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kMostPieces = 100000;  // of one message, whatever a fault asks for
constexpr std::uint32_t kStrangeId = 0x1000;
constexpr std::size_t kStrangePayload = 16;
constexpr std::uint64_t kHugeLength = std::uint64_t{1} << 63;

using Piece = HislipOutput::Piece;

// What is changed in the header or the payload itself.
void change(HislipHeader& header, HislipMessage& message, const Fault& fault) {
  const bool end = message.type == HislipType::data_end;
  if (fault.kind == &kHislipIdFault) {
    header.parameter += fault.length.value_or(kStrangeId);
  } else if (fault.kind == &kHislipUnknownIdFault && !end) {
    header.parameter = 0xFFFFFFFF;
  } else if (fault.kind == &kHislipControlFault) {
    header.control = static_cast<std::uint8_t>(fault.error);
  } else if (fault.kind == &kHislipTypeFault) {
    header.type = static_cast<std::uint8_t>(fault.error);
  } else if (fault.kind == &kHislipPayloadFault) {
    const std::size_t more = fault.bytes.value_or(kStrangePayload);
    message.payload.append(std::string(more, 'r'));
    header.length += more;
  } else if (fault.kind == &kHislipLengthFault) {
    header.length = fault.length ? std::uint64_t{*fault.length} : kHugeLength;
  } else if (end && fault.kind == &kHislipNoEndFault) {
    header.type = static_cast<std::uint8_t>(HislipType::data);
  }
}

OutputQueue joined(const HislipHeader& header, const OutputQueue& payload, bool prologue = true) {
  HislipHeaderBytes head = hislip_bytes(header);
  head[1] = prologue ? head[1] : 'X';
  OutputQueue all;
  all.append(std::string_view(head.data(), head.size()));
  all.append(payload);
  return all;
}

void put_split(HislipOutput& out, OutputQueue rest, const Fault& fault, Clock::time_point now) {
  const std::size_t piece =
      std::max(std::max<std::size_t>(fault.bytes.value_or(1), 1), rest.size() / kMostPieces + 1);
  for (bool begins = true; !rest.empty(); begins = false) {
    out.put(Piece{.bytes = rest.take_front(piece, false), .due = now, .begins = begins});
    now += fault.delay;
  }
}

// Its beginning, then the rest or the end of the connection.
void put_part(HislipOutput& out, OutputQueue rest, const FaultBoard::Active& active,
              Clock::time_point now) {
  const Fault& fault = active.fault;
  OutputQueue first = rest.take_front(fault.bytes.value_or(rest.size() / 2), false);
  if (fault.kind == &kHislipCloseFault) {
    const auto ending = fault.reset ? HislipOutput::Ending::reset : HislipOutput::Ending::close;
    out.put(Piece{.bytes = std::move(first), .ending = ending});
    return;
  }
  out.put(std::move(first));
  if (fault.kind == &kHislipStallFault) {
    const bool timed = fault.delay.count() > 0;
    out.put(Piece{.bytes = std::move(rest),
                  .due = timed ? now + fault.delay : Clock::time_point::max(),
                  .begins = false,
                  .stall = active.id});
  }
}

}  // namespace

std::span<const FaultKind* const> hislip_message_faults() noexcept {
  static constexpr std::array<const FaultKind*, 21> kKinds = {
      &kHislipSilenceFault,     &kHislipErrorFault,   &kHislipFatalFault,
      &kHislipLostFault,        &kHislipTwiceFault,   &kHislipLateFault,
      &kHislipSplitFault,       &kHislipStallFault,   &kHislipCloseFault,
      &kHislipFatalInsideFault, &kHislipIdFault,      &kHislipUnknownIdFault,
      &kHislipStaleFault,       &kHislipLengthFault,  &kHislipPayloadFault,
      &kHislipPrologueFault,    &kHislipControlFault, &kHislipTypeFault,
      &kHislipExtraFault,       &kHislipNoEndFault,   &kHislipInterruptedFault,
  };
  return kKinds;
}

HislipExtra hislip_extra(const Fault& fault) {
  HislipExtra extra;
  extra.type = fault.error != 0 ? static_cast<std::uint8_t>(fault.error) : kHislipFirstVendor;
  extra.message.payload = hislip_payload(std::string(fault.bytes.value_or(0), 'v'));
  return extra;
}

OutputQueue hislip_bytes_of(std::uint8_t type, const HislipMessage& message) {
  return joined({type, message.control, message.parameter, message.payload.size()},
                message.payload);
}

void put_hislip(HislipOutput& out, HislipMessage message, const FaultBoard::Active* active) {
  const auto type = static_cast<std::uint8_t>(message.type);
  if (active == nullptr) {
    out.put(hislip_bytes_of(type, message));
    return;
  }
  const Fault& fault = active->fault;
  if (fault.kind == &kHislipLostFault) return;
  if (fault.kind == &kHislipStaleFault) {
    out.put(hislip_bytes_of(
        static_cast<std::uint8_t>(HislipType::data_end),
        {.parameter = message.parameter - 2, .payload = hislip_payload("the answer before\n")}));
  }
  HislipHeader header{type, message.control, message.parameter, message.payload.size()};
  change(header, message, fault);
  OutputQueue bytes = joined(header, message.payload, fault.kind != &kHislipPrologueFault);
  const auto now = Clock::now();
  if (fault.kind == &kHislipSplitFault) {
    put_split(out, std::move(bytes), fault, now);
  } else if (fault.kind == &kHislipStallFault || fault.kind == &kHislipCloseFault ||
             fault.kind == &kHislipFatalInsideFault) {
    put_part(out, std::move(bytes), *active, now);
  } else if (fault.kind == &kHislipLateFault) {
    out.put(Piece{.bytes = std::move(bytes), .due = now + fault.delay});
  } else {
    if (fault.kind == &kHislipTwiceFault) {
      OutputQueue again;
      again.append(bytes);
      out.put(std::move(again));
    }
    out.put(std::move(bytes));
  }
}

}  // namespace visa::sim
