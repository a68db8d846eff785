// SPDX-License-Identifier: MIT
// Record marking (RFC 5531 section 11), and the faults of a reply: some change its bytes, the
// others when and in what pieces they go.
#include "tools/sim/rpc/rpc_reply.h"

#include <algorithm>
#include <utility>

#include "tools/sim/rpc/rpc_faults.h"
#include "tools/sim/rpc/rpc_message.h"
#include "tools/sim/rpc/xdr.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kLastFragment = 0x80000000U;
constexpr std::size_t kMostPieces = 100000;  // of one reply, whatever a fault asks for
constexpr std::size_t kMostPadding = 1024;
constexpr std::uint32_t kStrangeXid = 0x1000;

OutputQueue marked(const OutputQueue& bytes, std::uint32_t flags) {
  std::string mark;
  put_number(mark, static_cast<std::uint32_t>(bytes.size()) | flags);
  OutputQueue result;
  result.append(mark);
  result.append(bytes);
  return result;
}

std::uint32_t first_number(std::string_view bytes) {
  return XdrReader(bytes).number();
}

}  // namespace

RpcReply::RpcReply(std::uint32_t xid) {
  put_accepted(head_, xid, Accepted::success);
}

RpcReply& RpcReply::number(std::uint32_t value) & {
  put_number(head_, value);
  return *this;
}

RpcReply& RpcReply::opaque(OutputQueue data) & {
  opaque_at_ = head_.size();
  put_number(head_, static_cast<std::uint32_t>(data.size()));
  data_ = std::move(data);
  padding_ = xdr_padding(data_.size()).size();
  return *this;
}

RpcReply& RpcReply::opaque(std::string_view data) & {
  OutputQueue queue;
  queue.append(data);
  return opaque(std::move(queue));
}

RpcReply RpcReply::stale() const {
  RpcReply before{std::string(head_)};
  set_number(before.head_.data(), first_number(head_) - 1);
  if (opaque_at_ != kNone) {
    before.head_.resize(opaque_at_);
    before.opaque("the answer before\n");
  }
  return before;
}

// What is changed in the bytes themselves.
void RpcReply::change(const Fault& fault) {
  if (fault.kind == &kRpcXidFault) {
    set_number(head_.data(), first_number(head_) + fault.length.value_or(kStrangeXid));
  } else if (fault.kind == &kRpcLongOpaqueFault && opaque_at_ != kNone) {
    set_number(head_.data() + opaque_at_, fault.length.value_or(0xFFFFFFFFU));
  } else if (fault.kind == &kRpcPaddingFault) {
    padding_ = std::min(fault.bytes.value_or(0), kMostPadding);
  }
}

OutputQueue RpcReply::bytes() {
  OutputQueue all;
  all.append(head_);
  all.append(data_);
  if (padding_ > 0) all.append(std::string(padding_, '\0'));
  return all;
}

// Fragments of the record, or segments of TCP.
void RpcReply::send_pieces(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point) {
  const Fault& fault = active.fault;
  const bool fragments = fault.kind == &kRpcFragmentsFault;
  OutputQueue rest = bytes();
  if (!fragments) rest = marked(rest, kLastFragment);
  const std::size_t size = rest.size();
  std::size_t piece = (size + fault.pieces - 1) / fault.pieces;
  if (fault.bytes && *fault.bytes > 0) piece = *fault.bytes;
  piece = std::max(piece, size / kMostPieces + 1);
  auto due = Clock::now();
  while (!rest.empty()) {
    OutputQueue part = rest.take_front(piece, false);
    if (fragments) part = marked(part, rest.empty() ? kLastFragment : 0);
    out.hold(std::move(part), due);
    due += fault.delay;
  }
}

// What each kind does to a reply that was due `now`; the others are in the bytes, see change().
const std::array<RpcReply::Meeting, 8> RpcReply::kMeetings = {{
    {&kRpcStaleFault, &RpcReply::send_after_stale},
    {&kRpcFragmentsFault, &RpcReply::send_pieces},
    {&kRpcSplitFault, &RpcReply::send_pieces},
    {&kRpcUnfinishedFault, &RpcReply::send_unfinished},
    {&kRpcLongFragmentFault, &RpcReply::send_long_fragment},
    {&kRpcStallFault, &RpcReply::send_part},
    {&kRpcCloseFault, &RpcReply::send_part},
    {&kRpcLateFault, &RpcReply::send_late},
}};

void RpcReply::send(PacedOutput& out, const FaultBoard::Active* active) && {
  if (active == nullptr && !out.pending()) {  // the usual way
    std::string start;
    start.reserve(4 + head_.size());
    put_number(start,
               static_cast<std::uint32_t>(head_.size() + data_.size() + padding_) | kLastFragment);
    out.ready().append(start.append(head_));
    out.ready().append(data_);
    out.ready().append(std::string_view("\0\0\0", padding_));
    return;
  }
  const auto now = std::max(Clock::now(), out.last_due());
  if (active != nullptr) {
    change(active->fault);
    for (const Meeting& one : kMeetings) {
      if (one.kind == active->fault.kind) {
        (this->*one.meet)(out, *active, now);
        return;
      }
    }
  }
  out.hold(marked(bytes(), kLastFragment), now);
}

void RpcReply::send_after_stale(PacedOutput& out, const FaultBoard::Active&,
                                Clock::time_point now) {
  out.hold(marked(stale().bytes(), kLastFragment), now);
  out.hold(marked(bytes(), kLastFragment), now);
}

void RpcReply::send_unfinished(PacedOutput& out, const FaultBoard::Active&, Clock::time_point now) {
  out.hold(marked(bytes(), 0), now);
}

void RpcReply::send_long_fragment(PacedOutput& out, const FaultBoard::Active& active,
                                  Clock::time_point now) {
  OutputQueue all = bytes();
  const auto size = static_cast<std::uint32_t>(all.size());
  const std::uint32_t length = active.fault.length.value_or(0x7FFFFFFFU) & ~kLastFragment;
  std::string mark;
  put_number(mark, std::max(length, size) | kLastFragment);
  OutputQueue record;
  record.append(mark);
  record.append(all);
  out.hold(std::move(record), now);
}

// Its beginning, then the rest or the end of the connection.
void RpcReply::send_part(PacedOutput& out, const FaultBoard::Active& active,
                         Clock::time_point now) {
  using Ending = PacedOutput::Ending;
  const Fault& fault = active.fault;
  OutputQueue rest = marked(bytes(), kLastFragment);
  OutputQueue first = rest.take_front(fault.bytes.value_or(rest.size() / 2), false);
  if (fault.kind == &kRpcCloseFault) {
    out.hold(std::move(first), now, fault.reset ? Ending::reset : Ending::close);
    return;
  }
  out.hold(std::move(first), now);
  if (fault.delay.count() > 0) {
    out.hold(std::move(rest), now + fault.delay);
  } else {
    out.hold(std::move(rest), Clock::time_point::max(), Ending::none, active.id);
  }
}

void RpcReply::send_late(PacedOutput& out, const FaultBoard::Active& active,
                         Clock::time_point now) {
  out.hold(marked(bytes(), kLastFragment), now + active.fault.delay);
}

std::string RpcReply::datagram(const FaultBoard::Active* active) && {
  if (active != nullptr) {
    change(active->fault);
    if (active->fault.kind == &kRpcStallFault || active->fault.kind == &kRpcCloseFault) {
      return {};
    }
  }
  return bytes().take(std::numeric_limits<std::size_t>::max()).bytes;
}

}  // namespace visa::sim
