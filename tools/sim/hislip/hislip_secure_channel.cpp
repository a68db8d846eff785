// SPDX-License-Identifier: MIT
// A session's way into TLS and out of it: IVI-6.1 2.0, StartTLS and EndTLS. The asynchronous
// channel goes first; the messages of the synchronous one can overtake its last bytes, and wait
// then.
#include <utility>

#include "tools/sim/hislip/hislip_security_faults.h"
#include "tools/sim/hislip/hislip_session.h"

namespace visa::sim {
namespace {

using Stage = HislipSecurity::Stage;

constexpr std::uint8_t kBusy = 0;
constexpr std::uint8_t kSuccess = 1;
constexpr std::uint8_t kError = 3;
constexpr std::size_t kTurnBytes = 4;  // the payload of AsyncStartTLS and AsyncEndTLS

}  // namespace

bool HislipSession::secure_capable() const noexcept {
  return version_ >= kHislipVersion2 && device_.authority != nullptr &&
         device_.encryption != HislipEncryption::off;
}

std::uint8_t HislipSession::features(bool overlapped) const noexcept {
  const unsigned encryption = version_ >= kHislipVersion2 ? device_.encryption_bits() : 0U;
  return static_cast<std::uint8_t>(encryption | (overlapped ? kHislipOverlapped : 0U));
}

// Before it is secure, where it has to be, and before a client is known, a session does nothing.
std::string_view HislipSession::closed_because() const noexcept {
  if (!secure_capable()) return {};
  if (security_.stage == Stage::secure) {
    if (!device_.description.authentication || security_.authenticated) return {};
    return "the client has not been authenticated";
  }
  const bool bound = device_.encryption == HislipEncryption::mandatory ||
                     (device_.encryption == HislipEncryption::initial && !security_.was_secure);
  return bound ? std::string_view("the connection has to be secure first") : std::string_view();
}

// Whether a message fits to the stage; if not, why.
std::optional<HislipPlan> HislipSession::admit_secure(const HislipChannel& channel,
                                                      const HislipHeader& header) {
  const HislipType type = header.kind();
  if (!secure_capable() || type == HislipType::fatal_error || type == HislipType::error) {
    return std::nullopt;
  }
  const Stage stage = security_.stage;
  if (&channel == async_) {
    if (stage == Stage::sync_starting) return HislipPlan::wait;
    if (stage == Stage::async_starting || stage == Stage::async_ending) {
      return insecure("instead of TLS comes " + hislip_type_name(header.type));
    }
    if (stage != Stage::secure && stage != Stage::clear && stage != Stage::sync_ending &&
        type == HislipType::async_device_clear) {
      return insecure("a device clear between TLS and no TLS");
    }
  } else if (!security_.settled()) {
    const bool starts = stage == Stage::async_starting || stage == Stage::async_secure;
    const bool ends = stage == Stage::async_ending || stage == Stage::async_clear;
    if (type != (starts ? HislipType::start_tls : HislipType::end_tls) || (!starts && !ends)) {
      return insecure("between TLS and no TLS comes " + hislip_type_name(header.type));
    }
    if (stage == Stage::async_starting || stage == Stage::async_ending) return HislipPlan::wait;
  }
  const bool turns = type >= HislipType::start_tls && type <= HislipType::async_end_tls_response;
  const bool authenticates =
      type >= HislipType::get_sasl_mechanism_list && type <= HislipType::authentication_result;
  const bool asks = authenticates || type == HislipType::get_descriptors;
  const bool clears =
      type == HislipType::async_device_clear || type == HislipType::device_clear_complete;
  const bool opens = type == HislipType::async_maximum_message_size || turns ||
                     (clears && security_.was_busy) || (stage == Stage::secure && asks);
  if (const auto reason = closed_because(); !reason.empty() && !opens) {
    return insecure(std::string(reason) + ": " + hislip_type_name(header.type));
  }
  return std::nullopt;
}

HislipPlan HislipSession::insecure(const std::string& text) {
  fatal(HislipFatal::secure_connection, text);
  return HislipPlan::skip;
}

// The two channels agree about what was sent, and nothing is on its way.
bool HislipSession::quiet(const HislipHeader& header, std::string_view payload) const {
  const auto received = static_cast<std::uint32_t>(hislip_size(payload));
  return !clearing_ && header.parameter == executed_id_ && received == sent_id_ && link_.idle() &&
         sync_->output().empty() && !release_ && !lock_until_;
}

// Sends the answer, and changes it if a fault says so.
const FaultBoard::Active* HislipSession::turn_fault(HislipType response, std::uint8_t& answer) {
  const auto* const active = next_fault(FaultPoint::reply, hislip_operation(response));
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  if (kind == &kHislipTlsBusyFault) answer = kBusy;
  if (kind == &kHislipTlsErrorFault) answer = kError;
  security_.was_busy = answer == kBusy;
  if (answer == kError) note_tls_error("TLS was refused");
  send(*async_, {.type = response, .control = answer}, active);
  return active;
}

std::uint8_t HislipSession::turn_answer(const HislipHeader& header, std::string_view payload,
                                        Stage from) {
  if (payload.size() != kTurnBytes || security_.stage != from) return kError;
  if ((header.control & kHislipRmtDelivered) != 0 && !overlap_) {
    link_.note_in_flight(false);
    rmt_expected_ = false;
  }
  return quiet(header, payload) ? kSuccess : kBusy;
}

void HislipSession::async_start_tls(const HislipHeader& header, std::string_view payload) {
  if ((header.control & ~kHislipRmtDelivered) != 0) {
    error(*async_, HislipError::control_code, "only bit 0 of the control code has a meaning");
    return;
  }
  std::uint8_t answer = turn_answer(header, payload, Stage::clear);
  const auto* const active = turn_fault(HislipType::async_start_tls_response, answer);
  if (answer == kSuccess) begin_handshake(*async_, Stage::async_starting, active);
}

// StartTLS, EndTLS.
void HislipSession::turn(const HislipHeader& header) {
  const bool starts = header.kind() == HislipType::start_tls;
  if (security_.stage != (starts ? Stage::async_secure : Stage::async_clear)) {
    insecure(hislip_type_name(header.type) + " comes without Async" +
             hislip_type_name(header.type));
  } else if (starts) {
    start_tls();
  } else {
    end_tls();
  }
}

// The end of a device clear: what the client wants, where the instrument lets it.
void HislipSession::change_encryption(std::uint8_t wanted) {
  if (!secure_capable() || !device_.description.clear_changes_encryption) return;
  if ((wanted & kHislipMandatoryEncryption) != 0) {
    device_.encryption = HislipEncryption::mandatory;
  } else if ((wanted & kHislipInitialEncryption) != 0) {
    device_.encryption = HislipEncryption::initial;
  } else {
    device_.encryption = HislipEncryption::optional;
  }
}

void HislipSession::start_tls() {
  const auto* const active = next_fault(FaultPoint::reply, hislip_operation(HislipType::start_tls));
  begin_handshake(*sync_, Stage::sync_starting, active);
}

void HislipSession::begin_handshake(HislipChannel& channel, Stage stage,
                                    const FaultBoard::Active* active) {
  const Fault* const fault = active != nullptr ? &active->fault : nullptr;
  HislipHandshake handshake = spoiled_handshake(fault);
  const bool silent = handshake.spoiled == HislipHandshake::Spoiled::silence;
  handshake.stream = device_.authority->accept(spoiled_choice(device_.description.tls, fault));
  enter(stage);
  if (silent) security_.until.reset();
  channel.start_tls(std::move(handshake));
}

void HislipSession::enter(Stage stage) {
  security_.stage = stage;
  security_.until.reset();
  if (!security_.settled()) security_.until = Clock::now() + step_time_;
  sync_->wake();
  if (async_ != nullptr) async_->wake();
}

void HislipSession::on_secured(const HislipChannel& channel, const std::string& what) {
  if (link_.logged()) {
    link_.log("tls", (&channel == sync_ ? "synchronous " : "asynchronous ") + what);
  }
  if (&channel == async_) {
    enter(Stage::async_secure);
    return;
  }
  security_.authenticated = false;
  security_.exchange.reset();
  security_.was_secure = security_.was_secure || !device_.description.authentication;
  enter(Stage::secure);
}

void HislipSession::async_end_tls(const HislipHeader& header, std::string_view payload) {
  if (device_.encryption == HislipEncryption::mandatory) {
    insecure("encryption is mandatory here");
    return;
  }
  std::uint8_t answer = turn_answer(header, payload, Stage::secure);
  const auto* const active = turn_fault(HislipType::async_end_tls_response, answer);
  if (answer != kSuccess) return;
  enter(Stage::async_ending);
  async_->end_tls(active == nullptr || active->fault.kind != &kHislipTlsNoNotifyFault);
}

void HislipSession::end_tls() {
  const auto* const active = next_fault(FaultPoint::reply, hislip_operation(HislipType::end_tls));
  enter(Stage::sync_ending);
  sync_->end_tls(active == nullptr || active->fault.kind != &kHislipTlsNoNotifyFault);
}

void HislipSession::on_cleared(const HislipChannel& channel) {
  if (link_.logged()) {
    link_.log("tls", &channel == sync_ ? "synchronous ended" : "asynchronous ended");
  }
  if (&channel == async_) {
    enter(Stage::async_clear);
    return;
  }
  security_.authenticated = false;
  security_.exchange.reset();
  enter(Stage::clear);
}

void HislipSession::note_tls_error(std::string_view text) {
  device_.tls_error = text;
  if (link_.logged()) link_.log("tls", text);
}

void HislipSession::on_tls_failed(const HislipChannel& channel, const std::string& reason) {
  note_tls_error((&channel == sync_ ? "synchronous channel: " : "asynchronous channel: ") + reason);
  fatal(HislipFatal::secure_connection, "TLS failed on the " + device_.tls_error);
}

// What the instrument can: versions, the library, the last failure.
void HislipSession::get_descriptors(HislipChannel& channel) {
  if (version_ < kHislipVersion2) {
    error(channel, HislipError::message_type, "GetDescriptors needs HiSLIP 2.0");
    return;
  }
  std::string all;
  if (secure_capable()) {
    std::string versions;
    for (std::uint32_t one = device_.description.tls.oldest; one <= device_.description.tls.newest;
         ++one) {
      versions += hislip_size_bytes(one).substr(6);
    }
    std::uint8_t type = 0;
    for (const std::string& content : {versions, tls_library(), device_.tls_error}) {
      all += hislip_size_bytes(content.size()).substr(6) + static_cast<char>(type++) + content;
    }
  }
  send(channel, {.type = HislipType::get_descriptors_response, .payload = hislip_payload(all)});
}

}  // namespace visa::sim
