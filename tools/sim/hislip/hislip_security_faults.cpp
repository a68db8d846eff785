// SPDX-License-Identifier: MIT
// What becomes of certificates, handshakes and exchanges.
#include "tools/sim/hislip/hislip_security_faults.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tools/sim/hislip/hislip_faults.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kTls11 = 0x0302;
constexpr std::size_t kGarbageBytes = 64;
constexpr std::size_t kChallengeBytes = 65536;
constexpr std::size_t kMostFaults = 64;

using Spoiled = HislipHandshake::Spoiled;

struct Certificate {
  const FaultKind* kind;
  CertificateKind certificate;
};
constexpr std::array<Certificate, 5> kCertificates = {{
    {&kHislipTlsExpiredFault, CertificateKind::expired},
    {&kHislipTlsNotYetFault, CertificateKind::not_yet},
    {&kHislipTlsWrongHostFault, CertificateKind::wrong_host},
    {&kHislipTlsUnknownCaFault, CertificateKind::unknown_ca},
    {&kHislipTlsSelfSignedFault, CertificateKind::self_signed},
}};

// Another character of base64 instead of the first of the value after `name`, "r=" or "v=".
void change_value(std::string& text, std::string_view name) {
  if (!text.starts_with(name) || text.size() <= name.size()) return;
  char& first = text[name.size()];
  first = first == 'A' ? 'B' : 'A';
}

}  // namespace

std::span<const FaultKind* const> hislip_security_faults() noexcept {
  static constexpr std::array<const FaultKind*, 19> kKinds = {
      &kHislipTlsBusyFault,       &kHislipTlsErrorFault,     &kHislipTlsExpiredFault,
      &kHislipTlsNotYetFault,     &kHislipTlsWrongHostFault, &kHislipTlsUnknownCaFault,
      &kHislipTlsSelfSignedFault, &kHislipTlsOldFault,       &kHislipTlsCloseFault,
      &kHislipTlsSilenceFault,    &kHislipTlsGarbageFault,   &kHislipTlsClearFault,
      &kHislipTlsNoNotifyFault,   &kHislipSaslListFault,     &kHislipSaslNonceFault,
      &kHislipSaslSignatureFault, &kHislipSaslEndlessFault,  &kHislipSaslChallengeFault,
      &kHislipSaslFailureFault,
  };
  return kKinds;
}

std::span<const FaultKind* const> hislip_faults() noexcept {
  static const auto kAll = [] {
    const auto messages = hislip_message_faults();
    const auto security = hislip_security_faults();
    std::array<const FaultKind*, kMostFaults> all{};
    const auto end = std::copy(messages.begin(), messages.end(), all.begin());
    return std::pair(all, std::copy(security.begin(), security.end(), end) - all.begin());
  }();
  return std::span(kAll.first).first(static_cast<std::size_t>(kAll.second));
}

TlsChoice spoiled_choice(TlsChoice choice, const Fault* fault) {
  if (fault == nullptr) return choice;
  for (const Certificate& one : kCertificates) {
    if (one.kind == fault->kind) {
      choice.certificate = one.certificate;
      choice.certificate_file.clear();
      choice.key_file.clear();
    }
  }
  if (fault->kind == &kHislipTlsOldFault) choice.oldest = choice.newest = kTls11;
  return choice;
}

HislipHandshake spoiled_handshake(const Fault* fault) {
  HislipHandshake handshake;
  if (fault == nullptr) return handshake;
  handshake.bytes = fault->bytes.value_or(0);
  handshake.reset = fault->reset;
  if (fault->kind == &kHislipTlsCloseFault) {
    handshake.spoiled = Spoiled::close;
  } else if (fault->kind == &kHislipTlsSilenceFault) {
    handshake.spoiled = Spoiled::silence;
  } else if (fault->kind == &kHislipTlsGarbageFault) {
    handshake.spoiled = Spoiled::garbage;
    handshake.bytes = fault->bytes.value_or(kGarbageBytes);
  } else if (fault->kind == &kHislipTlsClearFault) {
    handshake.spoiled = Spoiled::clear;
  }
  return handshake;
}

SaslStep spoiled_step(SaslStep step, const Fault& fault) {
  if (fault.kind == &kHislipSaslNonceFault) {
    change_value(step.data, "r=");
  } else if (fault.kind == &kHislipSaslSignatureFault) {
    change_value(step.data, "v=");
  } else if (fault.kind == &kHislipSaslEndlessFault) {
    step = {SaslStep::Kind::challenge, "and then?"};
  } else if (fault.kind == &kHislipSaslChallengeFault) {
    step = {SaslStep::Kind::challenge, std::string(fault.bytes.value_or(kChallengeBytes), 'c')};
  } else if (fault.kind == &kHislipSaslFailureFault) {
    step = {SaslStep::Kind::failure, "a fault of the bench", fault.error};
  }
  return step;
}

std::string spoiled_list(std::string list, const Fault* fault) {
  if (fault == nullptr || fault->kind != &kHislipSaslListFault) return list;
  list.clear();
  while (list.size() < fault->bytes.value_or(0)) list += "X-NOBODY-KNOWS-IT ";
  list.resize(fault->bytes.value_or(0));
  return list;
}

}  // namespace visa::sim
