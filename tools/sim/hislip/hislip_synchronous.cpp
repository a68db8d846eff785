// SPDX-License-Identifier: MIT
// The synchronous channel: IVI-6.1 sections 3.1 (synchronized mode) and 3.2 (overlap mode).
#include <algorithm>
#include <utility>

#include "tools/sim/hislip/hislip_session.h"

namespace visa::sim {
namespace {

constexpr int kMessagesInOneTurn = 16;  // then other clients have their turn

// TLS and authentication.
bool secures(HislipType type) noexcept {
  switch (type) {
    case HislipType::start_tls:
    case HislipType::end_tls:
    case HislipType::get_sasl_mechanism_list:
    case HislipType::authentication_start:
    case HislipType::authentication_exchange:
      return true;
    default:
      return false;
  }
}

}  // namespace

HislipPlan HislipSession::admit_synchronous(const HislipHeader& header) {
  if (!complete()) {
    fatal(HislipFatal::channels, "the asynchronous channel is not open");
    return HislipPlan::skip;
  }
  const HislipType type = header.kind();
  if (clearing_ && type != HislipType::device_clear_complete && type != HislipType::fatal_error) {
    return HislipPlan::skip;  // input from before the clear
  }
  if (type == HislipType::data || type == HislipType::data_end || type == HislipType::trigger ||
      header.type >= kHislipFirstVendor) {
    return admit_input(header);
  }
  if (secures(type) && secure_capable()) {
    return admit_known(*sync_, header, SaslExchange::kLongest);
  }
  switch (type) {
    case HislipType::device_clear_complete:
    case HislipType::get_descriptors:
    case HislipType::fatal_error:
    case HislipType::error:
      return admit_known(*sync_, header);
    case HislipType::initialize:
    case HislipType::async_initialize:
      fatal(HislipFatal::initialization, "the connection is initialized already");
      return HislipPlan::skip;
    default:
      error(*sync_, HislipError::message_type,
            hislip_type_name(header.type) + " is nothing for the synchronous channel");
      return HislipPlan::skip;
  }
}

bool HislipSession::has_room() const noexcept {
  const HislipOutput& output = sync_->output();
  if (complete() && async_->output().crowded()) return false;
  return overlap_ ? !output.full() && link_.accepting() : !output.crowded();
}

// What the lock of another session keeps out stays unread, so TCP stops the client in the end.
HislipPlan HislipSession::admit_input(const HislipHeader& header) {
  if (!has_room() || !device_.lock.admits(*this)) return HislipPlan::wait;
  log_message(header);
  if (meet_fault(*sync_, header)) return HislipPlan::skip;
  if (header.type >= kHislipFirstVendor) {
    error(*sync_, HislipError::vendor, "no vendor's message is understood here");
    return HislipPlan::skip;
  }
  if ((header.control & ~kHislipRmtDelivered) != 0) {
    error(*sync_, HislipError::control_code, "only bit 0 of the control code has a meaning");
  } else if (header.length > device_.description.max_receive) {
    error(*sync_, HislipError::too_large,
          "a message has " + std::to_string(device_.description.max_receive) +
              " bytes of payload at most");
  } else {
    begin_message(header);
    return header.kind() == HislipType::trigger ? HislipPlan::collect : HislipPlan::stream;
  }
  executed_id_ = header.parameter;  // the client has sent it, and nothing more comes of it
  return HislipPlan::skip;
}

// RMT-delivered says that the client has read the whole answer. Where that is not what the server
// expects, the instrument notes INTERRUPTED and the client hears nothing.
void HislipSession::begin_message(const HislipHeader& header) {
  const bool delivered = (header.control & kHislipRmtDelivered) != 0;
  message_id_ = header.parameter;
  touch();
  if (delivered) link_.note_in_flight(false);
  if (overlap_) return;
  answered_ = rmt_expected_ && !delivered;
  if (delivered && !rmt_expected_) device_.instrument.interrupted(link_);
  rmt_expected_ = false;
}

std::size_t HislipSession::take(const HislipHeader& header, std::string_view payload, bool last) {
  if (clearing_) return payload.size();
  const std::size_t taken = link_.receive(payload, last && header.kind() == HislipType::data_end);
  if (link_.logged() && taken > 0) link_.log("in", payload.substr(0, taken));
  return taken;
}

void HislipSession::finish_synchronous(const HislipHeader& header, std::string_view payload) {
  switch (header.kind()) {
    case HislipType::device_clear_complete:
      complete_clear(header);
      break;
    case HislipType::start_tls:
    case HislipType::end_tls:
      turn(header);
      break;
    case HislipType::get_sasl_mechanism_list:
    case HislipType::authentication_start:
    case HislipType::authentication_exchange:
      authenticate(header, payload);
      break;
    default:
      if (!clearing_) finish_input(header);
      break;
  }
}

void HislipSession::finish_input(const HislipHeader& header) {
  if (header.kind() == HislipType::trigger) {
    if (!overlap_) link_.interrupt();
    link_.trigger();
  } else if (header.length == 0 && header.kind() == HislipType::data_end) {
    link_.receive({}, true);
  }
  executed_id_ = header.parameter;
  perform_deferred(Clock::now());
}

// An answer has met a new message. Where it was sent to its end the client finds out by the ids,
// else it has to be told.
void HislipSession::on_interrupted() {
  if (overlap_ || std::exchange(answered_, false)) return;
  send(*async_, {.type = HislipType::async_interrupted, .parameter = message_id_});
  send(*sync_, {.type = HislipType::interrupted, .parameter = message_id_});
}

std::size_t HislipSession::answer_limit() const noexcept {
  // It is not said whether the size counts the header.
  std::uint64_t limit =
      client_maximum_ > kHislipHeaderBytes ? client_maximum_ - kHislipHeaderBytes : client_maximum_;
  if (const std::size_t own = device_.description.largest_answer; own > 0) {
    limit = std::min<std::uint64_t>(limit, own);
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit, SIZE_MAX));
}

void HislipSession::respond() {
  if (!complete() || clearing_ || !security_.settled()) return;
  const HislipOutput& output = sync_->output();
  for (int i = 0; !output.full() && !output.ends(); ++i) {
    link_.refill(Link::kHighWater);
    if (link_.output().empty()) break;
    if (i == kMessagesInOneTurn) {
      sync_->wake();
      break;
    }
    OutputQueue piece = link_.output().take_front(answer_limit(), true);
    const bool end = piece.ends_message();
    send_answer(std::move(piece), end);
  }
  if (link_.ending() != Link::Ending::none && link_.output().empty() &&
      !std::exchange(ended_, true)) {
    sync_->output().put({.bytes = {}, .ending = link_.ending()});
    sync_->push();
  }
}

void HislipSession::send_answer(OutputQueue payload, bool end) {
  const auto* const active = next_fault(FaultPoint::reply, hislip_operation(HislipType::data));
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kHislipInterruptedFault) {
    link_.note_in_flight(true);
    link_.interrupt();
    return;
  }
  std::uint32_t id = message_id_;
  if (overlap_) {
    id = server_id_;
    server_id_ += 2;
  }
  sent_id_ = id;
  // In overlap mode a status query says what has been delivered.
  link_.note_in_flight(!overlap_);
  if (end && kind != &kHislipNoEndFault) rmt_expected_ = !overlap_;
  if (link_.logged()) {
    OutputQueue copy;
    copy.append(payload);
    link_.log("out", copy.take(copy.size()).bytes);
  }
  send(*sync_,
       {.type = end ? HislipType::data_end : HislipType::data,
        .parameter = id,
        .payload = std::move(payload)},
       active);
}

// The end of a device clear: the mode is what the client asks for, if the instrument has it.
void HislipSession::complete_clear(const HislipHeader& header) {
  if (!std::exchange(clearing_, false)) {
    error(*sync_, HislipError::unidentified, "no device clear is under way");
    return;
  }
  const bool wanted = (header.control & 1U) != 0;
  overlap_ = device_.description.may(wanted) ? wanted : !wanted;
  link_.set_exchange(overlap_ ? Exchange::stream : Exchange::strict);
  message_id_ = executed_id_ = sent_id_ = kHislipNoId;
  server_id_ = kHislipFirstId;
  rmt_expected_ = answered_ = false;
  change_encryption(header.control);
  send(*sync_, {.type = HislipType::device_clear_acknowledge, .control = features(overlap_)});
}

}  // namespace visa::sim
