// SPDX-License-Identifier: MIT
// Maps the calls of spi::Channel to the two connections of the session.
#include "drivers/hislip/hislip_channel.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/hislip/hislip_error.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::hislip {
namespace {

using namespace std::chrono_literals;

// Control codes of AsyncLock and AsyncLockResponse (tables 21 and 22).
constexpr std::uint8_t kRelease = 0;
constexpr std::uint8_t kRequest = 1;
constexpr std::uint8_t kNotGranted = 0;
constexpr std::uint8_t kGranted = 1;

/// The instrument keeps the time of a lock request itself; its answer then has to travel.
constexpr auto kLockAnswer = 500ms;

/// How long a failed lock request waits for the number of holders, which is for the user's text.
constexpr auto kLockInfo = 100ms;

/// The time of a lock request in milliseconds; the greatest number for "without a limit".
std::uint32_t lock_timeout(const Call& call) noexcept {
  constexpr std::uint32_t kMost = 0xFFFFFFFF;
  if (call.deadline.is_infinite()) return kMost;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(call.deadline.remaining()).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(left, kMost - 1));
}

model::AttributeValue boolean(bool value) {
  return std::uint64_t{value ? 1u : 0u};
}

}  // namespace

HislipChannel::HislipChannel(std::unique_ptr<Session> session, std::string host, std::string device,
                             const ConnectOptions& options, std::uint32_t message_kb)
    : TcpAttributes(session->peer(), std::move(host), options),
      session_(std::move(session)),
      device_(std::move(device)),
      message_kb_(message_kb) {}

/// In a child of fork, the conditions of the session still count the threads of the parent that
/// waited for them, and would be destroyed only after those had left. So the child keeps its copy;
/// the descriptors are closed already.
HislipChannel::~HislipChannel() {
  if (in_child_of_fork()) static_cast<void>(session_.release());
}

void HislipChannel::close(Call&) noexcept {
  if (in_child_of_fork()) return;
  const CancelShield shield;
  session_->close();
}

spi::Traits HislipChannel::traits() const noexcept {
  return {.duplex = session_->state().overlap(), .status_beside_transfer = true};
}

spi::ReadResult HislipChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                    Call& call) {
  return session_->sync().read(into, rule, call);
}

spi::WriteResult HislipChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                      Call& call) {
  return session_->sync().write(data, rule.end == spi::WriteEnd::end, call);
}

void HislipChannel::wake() noexcept {
  if (!in_child_of_fork())
    session_->wake();  // there, a mutex may be held by a thread of the parent
}

/// The instrument answered a request with an Error.
Status HislipChannel::answered_by_error(const AsyncChannel::Answer& answer, Call& call) {
  const Status status = not_supported(answer.header) ? Status::error_nsup_oper : Status::error_io;
  return call.fail(
      status, session_->async().stream().peer() + ": " + describe(answer.header, answer.payload));
}

// 6.14: the id says which answers the program has seen, so that the instrument can tell whether one
// is available.
Result<std::uint8_t> HislipChannel::read_status_byte(Call& call) {
  const SessionState& state = session_->state();
  const std::uint32_t id = state.overlap() ? state.last_delivered() : state.last_sent();
  const auto answer = session_->async().ask({MessageType::async_status_query, 0, id}, {},
                                            MessageType::async_status_response, call);
  if (!answer) return answer.status();
  if (answer->header.type == MessageType::error) return answered_by_error(*answer, call);
  return answer->header.control;
}

Status HislipChannel::clear(Call& call) {
  return session_->sync().clear(session_->state().overlap(), call);
}

Status HislipChannel::trigger(const spi::TriggerRule& rule, Call& call) {
  if (static_cast<ViUInt16>(rule.protocol) != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
  return session_->sync().trigger(call);
}

// 6.13: the modes of viGpibControlREN are the control codes.
Status HislipChannel::control_ren(spi::RenMode mode, Call& call) {
  const auto control = static_cast<std::uint8_t>(mode);
  const auto answer = session_->async().ask(
      {MessageType::async_remote_local_control, control, session_->state().last_sent()}, {},
      MessageType::async_remote_local_response, call);
  if (!answer) return answer.status();
  return answer->header.type == MessageType::error ? answered_by_error(*answer, call)
                                                   : Status::success;
}

Status HislipChannel::lock(spi::RemoteLockKind kind, std::string_view key, Call& call) {
  const bool immediate = call.deadline.is_immediate();
  if (kind == spi::RemoteLockKind::exclusive) key = {};
  const Header request{MessageType::async_lock, kRequest, lock_timeout(call)};
  Call bounded(call, call.deadline.is_infinite() ? call.deadline
                     : immediate                 ? Deadline::after(kLockAnswer)
                                 : Deadline::at(call.deadline.time_point() + kLockAnswer));
  const auto answer = session_->async().ask(request, std::as_bytes(std::span(key)),
                                            MessageType::async_lock_response, bounded);
  call.detail = std::move(bounded.detail);
  if (!answer) return answer.status();
  if (answer->header.type == MessageType::error) return answered_by_error(*answer, call);
  switch (answer->header.control) {
    case kGranted:
      return Status::success;
    case kNotGranted:
      return call.fail(immediate ? Status::error_rsrc_locked : Status::error_tmo,
                       session_->async().stream().peer() + ": " + lock_holders(call));
    default:
      return call.fail(Status::error_rsrc_locked,
                       session_->async().stream().peer() +
                           ": the instrument refuses the lock; for it, this session has one of "
                           "another kind");
  }
}

// 6.5: AsyncLockInfo. The instrument has just answered, so it is not asked in vain.
std::string HislipChannel::lock_holders(Call& call) {
  std::string unknown = "another program holds a lock of the instrument";
  Call moment(call, Deadline::after(kLockInfo));
  const auto answer = session_->async().ask({MessageType::async_lock_info}, {},
                                            MessageType::async_lock_info_response, moment);
  if (!answer || answer->header.type == MessageType::error) return unknown;
  const std::uint32_t holders = answer->header.parameter;
  if (holders == 0) return unknown + "; it has been given back by now";
  return std::to_string(holders) + (holders == 1 ? " client holds" : " clients hold") +
         (answer->header.control != 0 ? " the exclusive lock" : " a shared lock") +
         " of the instrument";
}

// 6.5: the instrument first finishes the message with the id. That it had dropped the lock already
// is no error.
Status HislipChannel::unlock(spi::RemoteLockKind, Call& call) {
  const Header release{MessageType::async_lock, kRelease, session_->state().last_sent()};
  const auto answer = session_->async().ask(release, {}, MessageType::async_lock_response, call);
  if (!answer) return answer.status();
  return answer->header.type == MessageType::error ? answered_by_error(*answer, call)
                                                   : Status::success;
}

spi::Facets HislipChannel::facets() noexcept {
  spi::Facets facets;
  facets.remote_local = this;
  facets.remote_lock = this;
  return facets;
}

Status HislipChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (type != VI_EVENT_SERVICE_REQ) return Status::error_inv_event;
  if (in_child_of_fork()) {
    return call.fail(Status::error_conn_lost, session_->async().stream().peer() +
                                                  ": the connection belongs to the parent of this "
                                                  "process; open the instrument again here");
  }
  return session_->async().enable(sink, call);
}

Status HislipChannel::disable_event(ViEventType type, Call&) {
  if (type != VI_EVENT_SERVICE_REQ) return Status::error_inv_event;
  session_->async().disable();
  return Status::success;
}

std::span<const spi::Binding<HislipChannel>> HislipChannel::bindings() noexcept {
  using C = HislipChannel;
  static constexpr spi::Binding<C> kBindings[] = {
      {VI_ATTR_TCPIP_ADDR, &C::address, nullptr},
      {VI_ATTR_TCPIP_HOSTNAME, &C::hostname, nullptr},
      {VI_ATTR_TCPIP_DEVICE_NAME, &C::device_name, nullptr},
      {VI_ATTR_TCPIP_PORT, &C::port, nullptr},
      {VI_ATTR_TCPIP_IS_HISLIP, &C::is_hislip, nullptr},
      {VI_ATTR_TCPIP_NODELAY, &C::nodelay, &C::set_nodelay},
      {VI_ATTR_TCPIP_KEEPALIVE, &C::keepalive, &C::set_keepalive},
      {VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, &C::overlap, &C::set_overlap},
      {VI_ATTR_TCPIP_HISLIP_VERSION, &C::version, nullptr},
      {VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, &C::message_kb, &C::set_message_kb},
      {VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN, &C::encryption, &C::set_encryption},
      {VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME, &C::certificate_issuer, nullptr},
      {VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME, &C::certificate_subject, nullptr},
      {VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE, &C::certificate_end, nullptr},
      {VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL, &C::certificate_is_perpetual, nullptr},
      {VI_ATTR_TCPIP_SERVER_CERT, &C::certificate, nullptr},
      {VI_ATTR_TCPIP_SERVER_CERT_SIZE, &C::certificate_size, nullptr},
      {VI_ATTR_TCPIP_SASL_MECHANISM, &C::sasl_mechanism, nullptr},
      {VI_ATTR_TCPIP_TLS_CIPHER_SUITE, &C::cipher_suite, nullptr},
  };
  return kBindings;
}

Result<model::AttributeValue> HislipChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status HislipChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

Result<model::AttributeValue> HislipChannel::device_name(Call&) {
  return model::AttributeValue(device_);
}

Result<model::AttributeValue> HislipChannel::is_hislip(Call&) {
  return boolean(true);
}

Result<model::AttributeValue> HislipChannel::overlap(Call&) {
  return boolean(session_->state().overlap());
}

// 5.1.2: a change clears the device, and the instrument may refuse the mode.
Status HislipChannel::set_overlap(const model::AttributeValue& value, Call& call) {
  const bool wanted = model::number(value) != 0;
  if (wanted == session_->state().overlap()) return Status::success;
  const Status status = session_->sync().clear(wanted, call);
  if (failed(status) || session_->state().overlap() == wanted) return status;
  return call.fail(
      Status::error_nsup_attr_state,
      session_->sync().stream().peer() + (wanted ? ": the instrument has no overlap mode"
                                                 : ": the instrument has no synchronized mode"));
}

// A ViVersion: major in the upper 12 bits, minor in the 12 below.
Result<model::AttributeValue> HislipChannel::version(Call&) {
  const std::uint64_t version = session_->version();
  return model::AttributeValue((version >> 8U) << 20U | (version & 0xFFU) << 8U);
}

Result<model::AttributeValue> HislipChannel::message_kb(Call&) {
  return model::AttributeValue(std::uint64_t{message_kb_});
}

Status HislipChannel::set_message_kb(const model::AttributeValue& value, Call& call) {
  const auto kilobytes = static_cast<std::uint32_t>(model::number(value));
  const Status status = session_->exchange_message_size(kilobytes, call);
  if (ok(status)) message_kb_ = kilobytes;
  return status == Status::error_nsup_oper ? Status::error_nsup_attr_state : status;
}

}  // namespace visa::drivers::hislip
