// SPDX-License-Identifier: MIT
// The asynchronous channel: IVI-6.1 sections 6.5 (locks), 6.7 (remote and local), 6.12 (device
// clear), 6.13 (service request), 6.14 (status).
#include <array>
#include <utility>

#include "tools/sim/hislip/hislip_session.h"

namespace visa::sim {
namespace {

constexpr unsigned kMessageAvailable = 0x10;
constexpr unsigned kRequestService = 0x40;
constexpr std::int32_t kMostAhead = 8192;  // ids that a client can be ahead on the other channel

}  // namespace

HislipSession::Handler HislipSession::asynchronous_handler(HislipType type) noexcept {
  switch (type) {
    case HislipType::async_lock:
      return &HislipSession::lock;
    case HislipType::async_remote_local_control:
      return &HislipSession::remote_local;
    case HislipType::async_maximum_message_size:
      return &HislipSession::maximum_size;
    case HislipType::async_device_clear:
      return &HislipSession::device_clear;
    case HislipType::async_status_query:
      return &HislipSession::status_query;
    case HislipType::async_lock_info:
      return &HislipSession::lock_info;
    case HislipType::async_start_tls:
      return &HislipSession::async_start_tls;
    case HislipType::async_end_tls:
      return &HislipSession::async_end_tls;
    default:
      return nullptr;
  }
}

HislipPlan HislipSession::admit_asynchronous(const HislipHeader& header) {
  if (async_->output().crowded()) return HislipPlan::wait;
  const HislipType type = header.kind();
  const bool turns = type == HislipType::async_start_tls || type == HislipType::async_end_tls;
  const bool handled = asynchronous_handler(type) != nullptr && (!turns || secure_capable());
  if (handled || type == HislipType::get_descriptors || type == HislipType::fatal_error ||
      type == HislipType::error) {
    return admit_known(*async_, header);
  }
  log_message(header);
  if (header.type >= kHislipFirstVendor) {
    error(*async_, HislipError::vendor, "no vendor's message is understood here");
  } else if (type == HislipType::initialize || type == HislipType::async_initialize) {
    fatal(HislipFatal::initialization, "the connection is initialized already");
  } else {
    error(*async_, HislipError::message_type,
          hislip_type_name(header.type) + " is nothing for the asynchronous channel");
  }
  return HislipPlan::skip;
}

// With remote enabled, all but a few messages make the instrument remote.
void HislipSession::touch() noexcept {
  device_.remote.remote = device_.remote.remote || device_.remote.enabled;
}

void HislipSession::maximum_size(const HislipHeader&, std::string_view payload) {
  if (payload.size() != sizeof(std::uint64_t)) {
    error(*async_, HislipError::unidentified, "a maximum message size has 8 bytes");
    return;
  }
  client_maximum_ = std::max<std::uint64_t>(hislip_size(payload), 1);
  send(*async_, {.type = HislipType::async_maximum_message_size_response,
                 .payload = hislip_payload(hislip_size_bytes(device_.description.max_receive))});
}

bool HislipSession::has_executed(std::uint32_t id) const noexcept {
  const auto ahead = static_cast<std::int32_t>(id - executed_id_);
  // Clients that have sent nothing yet write 0 for "none".
  return ahead <= 0 || ahead > kMostAhead || (id == 0 && executed_id_ == kHislipNoId);
}

void HislipSession::lock_response(std::uint8_t code) {
  send(*async_, {.type = HislipType::async_lock_response, .control = code});
}

void HislipSession::lock(const HislipHeader& header, std::string_view key) {
  if (header.control > 1) {
    error(*async_, HislipError::control_code, "AsyncLock is 1, request, or 0, release");
    return;
  }
  if (release_) {
    error(*async_, HislipError::unidentified, "the lock is still being released");
    return;
  }
  touch();
  const auto now = Clock::now();
  if (header.control == 0) {
    if (has_executed(header.parameter)) {
      release_lock(true);
    } else {
      release_ = Deferred{header.parameter, now + kOrderTime};
      sync_->wake();
    }
    return;
  }
  const auto answer = device_.lock.request(*this, key, header.parameter > 0);
  if (answer == HislipLock::Answer::waits) {
    lock_until_ = now + std::chrono::milliseconds(header.parameter);
    sync_->wake();
    return;
  }
  lock_response(static_cast<std::uint8_t>(answer));
}

void HislipSession::on_lock_granted() {
  lock_until_.reset();
  lock_response(static_cast<std::uint8_t>(HislipLock::Answer::success));
}

void HislipSession::release_lock(bool tell) {
  release_.reset();
  const auto released = device_.lock.release(*this);
  if (tell) lock_response(static_cast<std::uint8_t>(released));
  device_.lock_changed();
}

void HislipSession::lock_info(const HislipHeader&, std::string_view) {
  send(*async_, {.type = HislipType::async_lock_info_response,
                 .control = static_cast<std::uint8_t>(device_.lock.exclusive() ? 1 : 0),
                 .parameter = static_cast<std::uint32_t>(device_.lock.holders())});
}

// Answered at once; done when the messages before it are executed and no lock is in the way.
void HislipSession::remote_local(const HislipHeader& header, std::string_view) {
  HislipRemote tried;
  if (!tried.control(header.control)) {
    error(*async_, HislipError::control_code, "AsyncRemoteLocalControl goes from 0 to 6");
    return;
  }
  if (remote_) device_.remote.control(remote_->code);
  remote_ = Deferred{header.parameter, Clock::now() + kOrderTime, header.control};
  send(*async_, {.type = HislipType::async_remote_local_response});
  perform_deferred(Clock::now());
  sync_->wake();
}

void HislipSession::perform_deferred(Clock::time_point now) {
  if (release_ && (has_executed(release_->after) || release_->until <= now)) release_lock(true);
  if (!remote_ || (!has_executed(remote_->after) && remote_->until > now)) return;
  if (device_.lock.admits(*this)) {
    device_.remote.control(remote_->code);
    remote_.reset();
  } else {
    remote_->until = Clock::time_point::max();  // its turn comes when the lock changes
  }
}

void HislipSession::status_query(const HislipHeader& header, std::string_view) {
  touch();
  const bool delivered = (header.control & kHislipRmtDelivered) != 0;
  const std::uint32_t id = header.parameter;
  if (overlap_) {
    link_.note_in_flight(server_id_ - 2 != id);
  } else if (delivered) {
    link_.note_in_flight(false);
    rmt_expected_ = false;
  }
  unsigned status = link_.serial_poll();
  if (std::exchange(srq_sent_, false)) status |= kRequestService;
  // Some clients name the message they will send next.
  const bool last =
      id == executed_id_ || (!device_.description.strict_ids && id == executed_id_ + 2);
  if (!overlap_ && !last) status &= ~kMessageAvailable;
  send(*async_,
       {.type = HislipType::async_status_response, .control = static_cast<std::uint8_t>(status)});
}

// Once until the client polls.
void HislipSession::on_service_request() {
  if (!complete() || std::exchange(srq_sent_, true)) return;
  const unsigned status = device_.instrument.status_byte(link_) | kRequestService;
  if (link_.logged()) {
    link_.log("srq", {});
  }
  send(*async_,
       {.type = HislipType::async_service_request, .control = static_cast<std::uint8_t>(status)});
}

// What waits on the asynchronous channel is answered, what was sent to the instrument or comes from
// it is forgotten; input is dropped until DeviceClearComplete.
void HislipSession::device_clear(const HislipHeader&, std::string_view) {
  touch();
  if (std::exchange(lock_until_, std::nullopt)) {
    device_.lock.withdraw(*this);
    lock_response(static_cast<std::uint8_t>(HislipLock::Answer::failure));
  }
  if (release_) release_lock(false);
  async_->output().hurry();
  clearing_ = true;
  sync_->output().drop_unbegun();
  link_.device_clear();
  srq_sent_ = srq_sent_ && link_.service_requested();
  send(*async_, {.type = HislipType::async_device_clear_acknowledge,
                 .control = features(device_.description.starts_overlapped())});
  sync_->wake();
}

}  // namespace visa::sim
