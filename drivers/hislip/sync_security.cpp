// SPDX-License-Identifier: MIT
// The secure-connection transactions of IVI-6.1 2.0: first the asynchronous connection, then the
// synchronous one, then the authentication. The instrument refuses while messages are under way
// (busy); a device clear throws those away, as the standard says.
#include <array>
#include <new>
#include <utility>

#include "drivers/hislip/hislip_error.h"
#include "drivers/hislip/sasl_choice.h"
#include "drivers/hislip/sync_channel.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::hislip {
namespace {

// Control codes of AsyncStartTLSResponse and AsyncEndTLSResponse.
constexpr std::uint8_t kBusy = 0;
constexpr std::uint8_t kSuccess = 1;

/// An instrument that is busy this often after a device clear does not want to.
constexpr int kMostClears = 3;

/// The longest payload of the authentication that is kept; a longer one is refused.
constexpr std::size_t kLongestSasl = 8192;

/// How many times the instrument may ask before it decides.
constexpr int kMostExchanges = 16;

std::array<std::byte, 4> encode_id(std::uint32_t id) noexcept {
  return {static_cast<std::byte>(id >> 24U), static_cast<std::byte>(id >> 16U & 0xFFU),
          static_cast<std::byte>(id >> 8U & 0xFFU), static_cast<std::byte>(id & 0xFFU)};
}

/// A text of the peer for a message: printable ASCII, not too long.
std::string readable(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, kMostText)) result += c >= ' ' && c <= '~' ? c : '?';
  return result;
}

}  // namespace

/// The session is of no use from now on.
Status SyncChannel::end_session(Status status, const std::string& text, Call& call) {
  if (!ended_) {
    fatal_ = text + "; close this session and open it again";
    ended_.store(true, std::memory_order_release);
  }
  return call.fail(status, stream_->peer() + ": " + text);
}

/// What has arrived belongs to the time before, and a message that has begun to come is received to
/// its end: the instrument has sent it all. A FatalError among it counts. In overlap mode answers
/// are not thrown away but by a device clear.
Status SyncChannel::drop_before_change(Call& call) {
  if (state_.overlap()) {
    return in_.idle() && !unhandled_ ? Status::success : clear_inside(true, call);
  }
  for (;;) {
    if (const Status status = drop_arrived(call); failed(status)) return status;
    if (!unhandled_ && in_.idle()) return Status::success;
    std::size_t placed = 0;
    if (!unhandled_ && in_.left() == 0) {  // the begin of a header is there
      const Status status = in_.next({}, std::nullopt, placed, call);
      if (failed(status)) return status;
    }
    unhandled_ = false;
    if (in_.header().type == MessageType::interrupted) ++interrupted_;
    if (const Status status = drop(call); failed(status)) return status;
    if (over(call, 1)) return Status::error_tmo;
  }
}

/// Until the instrument agrees; then the asynchronous connection has changed.
Status SyncChannel::agree_on_change(const SecurityChange& change, Call& call) {
  const auto question = change.on ? MessageType::async_start_tls : MessageType::async_end_tls;
  const auto type =
      change.on ? MessageType::async_start_tls_response : MessageType::async_end_tls_response;
  for (int clears = 0;; ++clears) {
    Status status = finish_message(call);
    if (ok(status)) status = drop_before_change(call);
    if (failed(status)) return status;
    const auto received = encode_id(in_.last_data());
    const auto answer = async_->change_encryption({question, 0, state_.last_sent()}, received, type,
                                                  change.on_async, call);
    if (!answer) return answer.status();
    const Header& header = answer->header;
    if (header.type == MessageType::error) {
      return call.fail(Status::error_npermission,
                       stream_->peer() + ": " + describe(header, answer->payload));
    }
    if (header.control == kSuccess) return Status::success;
    if (header.control != kBusy || clears == kMostClears) {
      return call.fail(Status::error_npermission,
                       stream_->peer() + (change.on ? ": the instrument refuses to encrypt now"
                                                    : ": the instrument refuses to end the "
                                                      "encryption"));
    }
    status = clear_inside(state_.overlap(), call);
    if (failed(status)) return status;
  }
}

Status SyncChannel::change_encryption(const SecurityChange& change, Call& call) {
  const Entry entry(*this, Entry::Kind::clear, call);
  if (failed(entry.status())) return entry.status();
  if (clearing_ != Clearing::no) {
    if (const Status status = continue_clear(call); failed(status)) return status;
  }
  inside_ = false;
  Status status = agree_on_change(change, call);
  if (failed(status)) {
    if (async_->changed_half()) {
      const std::string why = call.detail;
      end_session(status, "a change of the encryption failed half-way", call);
      if (!why.empty()) call.detail = why;
    }
    return status;
  }
  // From here on both connections have to follow, or the session is of no use.
  const auto type = change.on ? MessageType::start_tls : MessageType::end_tls;
  status = out_.send({type}, {}, call).status;
  if (ok(status) && (unhandled_ || !in_.idle())) {
    return end_session(Status::error_io, "the peer sent something into the change of encryption",
                       call);
  }
  if (ok(status)) status = change.on_sync(call);
  if (failed(status)) {
    const std::string why = std::exchange(call.detail, {});
    end_session(status, "a change of the encryption failed half-way", call);
    if (!why.empty()) call.detail = why;
    return status;
  }
  return change.on ? authenticate(change, call) : status;
}

void SyncChannel::say_fatal(std::uint8_t code, std::string_view text) noexcept {
  const CancelShield shield;
  try {
    Call moment(Deadline::immediate());
    out_.send({MessageType::fatal_error, code}, std::as_bytes(std::span(text)), moment);
  } catch (const std::bad_alloc&) {  // then the end of the connection has to tell
  }
}

/// The next message of the authentication; an Error, FatalError or anything else is a failure.
Result<Header> SyncChannel::next_of_sasl(std::string& payload, Call& call) {
  std::size_t placed = 0;
  if (const Status status = in_.next({}, std::nullopt, placed, call); failed(status)) {
    return status;
  }
  const Header header = in_.header();
  wipe(payload);
  if (header.length > kLongestSasl) {
    return end_session(Status::error_npermission,
                       "the instrument's part of the authentication is too long", call);
  }
  if (const Status status = in_.collect(payload, kLongestSasl, call); failed(status)) {
    return status;
  }
  if (header.type != MessageType::error && header.type != MessageType::fatal_error) return header;
  const std::string text = describe(header, readable(payload));
  return header.type == MessageType::fatal_error
             ? end_session(Status::error_npermission, text, call)
             : call.fail(Status::error_npermission, stream_->peer() + ": " + text);
}

Result<std::string> SyncChannel::offered_mechanisms(Call& call) {
  const auto sent = out_.send({MessageType::get_sasl_mechanism_list}, {}, call);
  if (failed(sent.status)) return sent.status;
  std::string payload;
  const auto header = next_of_sasl(payload, call);
  if (!header) return header.status();
  if (header->type != MessageType::get_sasl_mechanism_list_response) {
    return end_session(Status::error_npermission, "the instrument does not say how to authenticate",
                       call);
  }
  return payload;
}

Status SyncChannel::authenticate(const SecurityChange& change, Call& call) {
  const auto offered = offered_mechanisms(call);
  if (!offered) return offered.status();
  const auto mechanism = choose_mechanism(*offered, *change.user, *change.crypto);
  if (mechanism == nullptr) {
    return call.fail(Status::error_npermission,
                     stream_->peer() + ": the instrument authenticates by " +
                         (offered->empty() ? "nothing" : readable(*offered)) +
                         ", and the credential allows " + usable_mechanisms(*change.user) +
                         "; give the [[credential]] what the instrument wants (user and password, "
                         "client_certificate)");
  }
  const std::string_view name = mechanism->name();
  Status status =
      out_.send({MessageType::authentication_start}, std::as_bytes(std::span(name)), call).status;
  if (ok(status)) status = converse(*mechanism, call);
  if (ok(status)) mechanism_ = name;
  return status;
}

Status SyncChannel::converse(SaslMechanism& mechanism, Call& call) {
  const auto refuse = [&](std::string_view why) {
    return call.fail(Status::error_npermission, stream_->peer() + ": authentication by " +
                                                    std::string(mechanism.name()) + ": " +
                                                    std::string(why));
  };
  SaslStep step = mechanism.begin();
  std::string payload;
  for (int exchanges = 0; exchanges < kMostExchanges; ++exchanges) {
    if (!step.good) return refuse(step.text);
    const auto sent = out_.send({MessageType::authentication_exchange},
                                std::as_bytes(std::span(step.text)), call);
    wipe(step.text);
    if (failed(sent.status)) return sent.status;
    const auto header = next_of_sasl(payload, call);
    if (!header) return header.status();
    if (header->type == MessageType::authentication_result) {
      if ((header->control & kAuthenticated) == 0) {
        return refuse("the instrument refuses user or password (code " +
                      std::to_string(header->parameter) + ", \"" + readable(payload) +
                      "\"); check the [[credential]]");
      }
      step = mechanism.accepted(payload);
      return step.good ? Status::success : refuse(step.text);
    }
    if (header->type != MessageType::authentication_exchange) {
      return refuse("the instrument left the authentication");
    }
    step = mechanism.reply(payload);
  }
  return refuse("the instrument asks without end");
}

}  // namespace visa::drivers::hislip
