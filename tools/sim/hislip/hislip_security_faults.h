// SPDX-License-Identifier: MIT
// The kinds of fault of HiSLIP's secure connection: in the handshakes of TLS, at their end, in the
// authentication.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tools/sim/engine/faults.h"
#include "tools/sim/hislip/hislip_message.h"
#include "tools/sim/hislip/hislip_transport.h"
#include "tools/sim/security/sasl.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

// The answer to AsyncStartTLS and AsyncEndTLS, after which nothing changes.

/// Says busy.
inline constexpr FaultKind kHislipTlsBusyFault{"hislip-tls-busy", FaultPoint::reply, false,
                                               hislip_operation(HislipType::async_start_tls),
                                               hislip_operation(HislipType::async_end_tls)};
/// Says error.
inline constexpr FaultKind kHislipTlsErrorFault{"hislip-tls-error", FaultPoint::reply, false,
                                                hislip_operation(HislipType::async_start_tls),
                                                hislip_operation(HislipType::async_end_tls)};

// A handshake, of the asynchronous channel or of the synchronous one.

/// A kind that meets handshakes.
constexpr FaultKind hislip_handshake_fault(std::string_view name) {
  return {name, FaultPoint::reply, false, hislip_operation(HislipType::async_start_tls),
          hislip_operation(HislipType::start_tls)};
}
/// The server's certificate is wrong in what the name says.
inline constexpr FaultKind kHislipTlsExpiredFault = hislip_handshake_fault("hislip-tls-expired");
inline constexpr FaultKind kHislipTlsNotYetFault = hislip_handshake_fault("hislip-tls-not-yet");
inline constexpr FaultKind kHislipTlsWrongHostFault =
    hislip_handshake_fault("hislip-tls-wrong-host");
inline constexpr FaultKind kHislipTlsUnknownCaFault =
    hislip_handshake_fault("hislip-tls-unknown-ca");
inline constexpr FaultKind kHislipTlsSelfSignedFault =
    hislip_handshake_fault("hislip-tls-self-signed");
/// The server has no newer version than TLS 1.1.
inline constexpr FaultKind kHislipTlsOldFault = hislip_handshake_fault("hislip-tls-old");
/// After `bytes` (0) of the server's handshake the connection ends, with `reset` by RST.
inline constexpr FaultKind kHislipTlsCloseFault = hislip_handshake_fault("hislip-tls-close");
/// After `bytes` (0) of the server's handshake nothing more comes.
inline constexpr FaultKind kHislipTlsSilenceFault = hislip_handshake_fault("hislip-tls-silence");
/// `bytes` (64) that are no TLS come instead.
inline constexpr FaultKind kHislipTlsGarbageFault = hislip_handshake_fault("hislip-tls-garbage");
/// The handshake succeeds, then the server's messages on that channel come in clear.
inline constexpr FaultKind kHislipTlsClearFault = hislip_handshake_fault("hislip-tls-clear");

/// At the end of TLS the server does not say close_notify.
inline constexpr FaultKind kHislipTlsNoNotifyFault{"hislip-tls-no-notify", FaultPoint::reply, false,
                                                   hislip_operation(HislipType::async_end_tls),
                                                   hislip_operation(HislipType::end_tls)};

// The authentication.

/// The list of mechanisms is empty, or has `bytes` of names that nobody knows.
inline constexpr FaultKind kHislipSaslListFault{
    "hislip-sasl-list", FaultPoint::reply, false,
    hislip_operation(HislipType::get_sasl_mechanism_list)};
/// A kind that meets the answer to AuthenticationExchange.
constexpr FaultKind hislip_exchange_fault(std::string_view name, bool needs_error = false) {
  return {name, FaultPoint::reply, needs_error,
          hislip_operation(HislipType::authentication_exchange)};
}
/// SCRAM: the server's nonce does not begin with the client's.
inline constexpr FaultKind kHislipSaslNonceFault = hislip_exchange_fault("hislip-sasl-nonce");
/// SCRAM: the server's signature is not one of the password.
inline constexpr FaultKind kHislipSaslSignatureFault =
    hislip_exchange_fault("hislip-sasl-signature");
/// The exchange never ends: each message is answered by the next challenge.
inline constexpr FaultKind kHislipSaslEndlessFault = hislip_exchange_fault("hislip-sasl-endless");
/// A challenge of `bytes` (65536).
inline constexpr FaultKind kHislipSaslChallengeFault =
    hislip_exchange_fault("hislip-sasl-challenge");
/// Fails with the code `error`.
inline constexpr FaultKind kHislipSaslFailureFault =
    hislip_exchange_fault("hislip-sasl-failure", true);

/// In the order in which they are listed to people.
std::span<const FaultKind* const> hislip_security_faults() noexcept;
/// hislip_message_faults(), then these.
std::span<const FaultKind* const> hislip_faults() noexcept;

/// What a fault makes of a handshake; `fault` may be null, or of another kind.
TlsChoice spoiled_choice(TlsChoice choice, const Fault* fault);
/// All but the stream.
HislipHandshake spoiled_handshake(const Fault* fault);
/// What it makes of a step of the authentication.
SaslStep spoiled_step(SaslStep step, const Fault& fault);
/// What it makes of the list of mechanisms.
std::string spoiled_list(std::string list, const Fault* fault);

}  // namespace visa::sim
