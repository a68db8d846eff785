// SPDX-License-Identifier: MIT
// Whatever a client sends in an authentication with the bench: an answer of bounded length, never
// success without the password, no challenge after the second message.
//
// First byte: the mechanism (bits 0 and 1), whether there is a certificate (bit 2), and whether the
// second message has the nonce of the challenge (bit 3). The messages are separated by 0xFF.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/sim/security/sasl.h"
#include "tools/sim/security/scram.h"

namespace {

using visa::sim::SaslStep;

constexpr char kEnd = '\xFF';

void demand(bool holds) {
  if (!holds) std::abort();
}

bool may_succeed(std::string_view mechanism, std::string_view message, bool certificate) {
  if (mechanism == "ANONYMOUS") return true;
  if (mechanism == "EXTERNAL") return certificate && (message.empty() || message == "client");
  return mechanism == "PLAIN" && message.ends_with(std::string_view("\0alice\0secret", 13));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kAccounts = visa::sim::SaslAccounts::make({{"alice", "secret"}});
  if (size == 0) return 0;
  const unsigned choice = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view mechanism = visa::sim::kSaslMechanisms[choice & 3U];
  const bool certificate = (choice & 4U) != 0;
  const auto exchange = kAccounts->begin(mechanism, certificate ? "client" : "");
  demand(exchange != nullptr);
  std::string nonce;
  for (int messages = 0; messages < 3; ++messages) {
    const std::string_view piece = rest.substr(0, rest.find(kEnd));
    std::string message(piece.substr(0, visa::sim::SaslExchange::kLongest));
    if (!nonce.empty() && (choice & 8U) != 0) message = "c=biws,r=" + nonce + message;
    const SaslStep step = exchange->step(message);
    demand(step.data.size() <= 2 * visa::sim::SaslExchange::kLongest);
    if (step.kind == SaslStep::Kind::success) {
      demand(may_succeed(mechanism, message, certificate) && !exchange->user().empty());
    }
    if (step.kind != SaslStep::Kind::challenge) break;
    demand(messages == 0 && mechanism == "SCRAM-SHA-256" && step.data.starts_with("r="));
    nonce = step.data.substr(2, step.data.find(',') - 2);
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  }
  const auto bytes = visa::sim::from_base64(rest);
  demand(!bytes || visa::sim::base64(*bytes) == rest);
  return 0;
}
