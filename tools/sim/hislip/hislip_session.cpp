// SPDX-License-Identifier: MIT
// What both channels of a session have in common: its beginning and end, what is sent, errors.
#include "tools/sim/hislip/hislip_session.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::uint32_t kVendor = 'F' << 8 | 'V';

// Of an extra message: types that only one of the channels has.
bool asynchronous_type(std::uint8_t type) noexcept {
  switch (static_cast<HislipType>(type)) {
    case HislipType::async_lock:
    case HislipType::async_lock_response:
    case HislipType::async_remote_local_control:
    case HislipType::async_remote_local_response:
      return true;
    default:
      return type >= static_cast<std::uint8_t>(HislipType::async_interrupted) &&
             type <= static_cast<std::uint8_t>(HislipType::async_lock_info_response);
  }
}

bool synchronous_type(std::uint8_t type) noexcept {
  return type <= static_cast<std::uint8_t>(HislipType::interrupted) && !asynchronous_type(type) &&
         type != static_cast<std::uint8_t>(HislipType::fatal_error) &&
         type != static_cast<std::uint8_t>(HislipType::error);
}

}  // namespace

HislipSession::HislipSession(HislipSessionOwner& owner, HislipDevice& device,
                             HislipChannel& synchronous, std::uint16_t id, std::uint16_t version,
                             std::chrono::milliseconds time)
    : owner_(owner),
      device_(device),
      sync_(&synchronous),
      id_(id),
      version_(version),
      step_time_(time),
      complete_by_(Clock::now() + time),
      overlap_(device.description.starts_overlapped()),
      link_(device.instrument, overlap_ ? Exchange::stream : Exchange::strict, this) {
  device_.sessions.push_back(this);
  if (link_.logged()) link_.log("open", peer());
}

// Its locks go with it.
HislipSession::~HislipSession() {
  if (link_.logged()) {
    link_.log("close", {});
  }
  std::erase(device_.sessions, this);
  device_.lock.forget(*this);
  device_.lock_changed();
  for (HislipChannel* const channel : {sync_, async_}) {
    if (channel != nullptr) channel->leave();
  }
}

void HislipSession::greet() {
  send(*sync_, {.type = HislipType::initialize_response,
                .control = features(overlap_),
                .parameter = static_cast<std::uint32_t>(version_) << 16U | id_});
}

void HislipSession::attach(HislipChannel& asynchronous) {
  async_ = &asynchronous;
  send(*async_, {.type = HislipType::async_initialize_response,
                 .control = secure_capable() ? kHislipSecureCapable : std::uint8_t{0},
                 .parameter = kVendor});
}

void HislipSession::channel_gone(const HislipChannel& channel) {
  if (!security_.settled() && !sync_->output().ends()) {
    note_tls_error("the client has closed the connection between TLS and no TLS");
  }
  (&channel == sync_ ? sync_ : async_) = nullptr;
  owner_.close(*this);
}

std::string HislipSession::peer() const {
  return sync_ != nullptr ? sync_->peer() : std::string();
}

void HislipSession::on_late_answer() {
  sync_->wake();
}

void HislipSession::on_drop(bool reset) {
  for (HislipChannel* const channel : {sync_, async_}) {
    if (channel != nullptr) channel->end(reset);
  }
}

void HislipSession::on_asynchronous_sent() {
  if (!async_->output().full()) sync_->wake();
}

void HislipSession::on_lock_changed() {
  if (sync_ != nullptr) sync_->wake();
}

HislipPlan HislipSession::admit(const HislipChannel& channel, const HislipHeader& header) {
  if (complete()) {
    if (const auto plan = admit_secure(channel, header)) return *plan;
  }
  return &channel == sync_ ? admit_synchronous(header) : admit_asynchronous(header);
}

// A message that is understood, once its turn has come.
HislipPlan HislipSession::admit_known(HislipChannel& channel, const HislipHeader& header,
                                      std::size_t most) {
  log_message(header);
  if (meet_fault(channel, header)) return HislipPlan::skip;
  if (header.length > most) {
    error(channel, HislipError::too_large,
          hislip_type_name(header.type) + " has " + std::to_string(most) +
              " bytes of payload at most");
    return HislipPlan::skip;
  }
  return HislipPlan::collect;
}

const FaultBoard::Active* HislipSession::next_fault(FaultPoint point,
                                                    const WireOperation* operation) {
  FaultBoard& board = device_.instrument.faults();
  if (operation == nullptr || board.empty()) return nullptr;
  const auto* const active = board.next(point, link_.id(), operation);
  if (active != nullptr && link_.logged()) link_.log("fault", active->fault.kind->name);
  return active;
}

bool HislipSession::meet_fault(HislipChannel& channel, const HislipHeader& header) {
  const auto* const active = next_fault(FaultPoint::call, hislip_operation(header.kind()));
  if (active == nullptr) return false;
  const auto code = static_cast<std::uint8_t>(active->fault.error);
  if (active->fault.kind == &kHislipErrorFault) {
    error(channel, static_cast<HislipError>(code), "a fault of the bench");
  } else if (active->fault.kind == &kHislipFatalFault) {
    fatal(static_cast<HislipFatal>(code), "a fault of the bench");
  } else if (active->fault.kind != &kHislipSilenceFault) {
    return false;  // another wire's
  }
  return true;
}

void HislipSession::send(HislipChannel& channel, HislipMessage message) {
  const WireOperation* const operation = hislip_operation(message.type);
  send(channel, std::move(message), next_fault(FaultPoint::reply, operation));
}

void HislipSession::send(HislipChannel& channel, HislipMessage message,
                         const FaultBoard::Active* active) {
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kHislipExtraFault) {
    const HislipExtra extra = hislip_extra(active->fault);
    HislipChannel* target = &channel;
    if (asynchronous_type(extra.type) && async_ != nullptr) {
      target = async_;
    } else if (synchronous_type(extra.type)) {
      target = sync_;
    }
    target->output().put(hislip_bytes_of(extra.type, extra.message));
    target->push();
  }
  const auto code = active != nullptr ? static_cast<std::uint8_t>(active->fault.error) : 0;
  put_hislip(channel.output(), std::move(message), active);
  if (kind == &kHislipFatalInsideFault) {
    fatal(static_cast<HislipFatal>(code), "a fault of the bench");
    return;
  }
  channel.push();
}

void HislipSession::error(HislipChannel& channel, HislipError code, std::string_view text) {
  send(channel, {.type = HislipType::error,
                 .control = static_cast<std::uint8_t>(code),
                 .payload = hislip_payload(text)});
}

void HislipSession::fatal(HislipFatal code, std::string_view text) {
  for (HislipChannel* const channel : {sync_, async_}) {
    if (channel != nullptr) {
      channel->give_up_tls();
      channel->output().put(
          {.bytes = hislip_bytes_of(
               static_cast<std::uint8_t>(HislipType::fatal_error),
               {.control = static_cast<std::uint8_t>(code), .payload = hislip_payload(text)}),
           .ending = HislipOutput::Ending::close});
      channel->push();
    }
  }
}

void HislipSession::finish(HislipChannel& channel, const HislipHeader& header,
                           std::string_view payload) {
  if (header.kind() == HislipType::fatal_error) {
    on_drop(false);
  } else if (header.kind() == HislipType::error) {
    return;  // the client has discarded something; there is nothing to take back
  } else if (header.kind() == HislipType::get_descriptors) {
    get_descriptors(channel);
  } else if (&channel == sync_) {
    finish_synchronous(header, payload);
  } else if (const Handler handler = asynchronous_handler(header.kind())) {
    (this->*handler)(header, payload);
  }
}

void HislipSession::log_message(const HislipHeader& header) const {
  if (!link_.logged()) return;
  char numbers[80];
  const int length = std::snprintf(
      numbers, sizeof numbers, " control=%u parameter=0x%08X length=%llu", unsigned{header.control},
      static_cast<unsigned>(header.parameter), static_cast<unsigned long long>(header.length));
  link_.log("call", hislip_type_name(header.type) +
                        std::string(numbers, static_cast<std::size_t>(std::max(length, 0))));
}

void HislipSession::on_time(Clock::time_point now) {
  if (!complete()) {
    if (complete_by_ <= now) {
      fatal(HislipFatal::initialization, "AsyncInitialize did not come in time");
    }
    return;
  }
  link_.release(now);
  if (security_.until && *security_.until <= now) {
    security_.until.reset();
    insecure("the next step of TLS did not come in time");
    return;
  }
  if (lock_until_ && *lock_until_ <= now) {
    device_.lock.withdraw(*this);
    lock_until_.reset();
    lock_response(static_cast<std::uint8_t>(HislipLock::Answer::failure));
  }
  perform_deferred(now);
}

std::optional<Clock::time_point> HislipSession::next_due() const {
  if (!complete()) return sync_->output().ends() ? std::nullopt : std::optional(complete_by_);
  std::optional<Clock::time_point> due;
  const auto sooner = [&due](std::optional<Clock::time_point> other) {
    due = other && (!due || *other < *due) ? other : due;
  };
  if (link_.ending() == Link::Ending::none) sooner(link_.due());
  sooner(lock_until_);
  if (!sync_->output().ends()) sooner(security_.until);
  sooner(release_ ? std::optional(release_->until) : std::nullopt);
  if (remote_ && remote_->until != Clock::time_point::max()) sooner(remote_->until);
  return due;
}

}  // namespace visa::sim
