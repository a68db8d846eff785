// SPDX-License-Identifier: MIT
// Whatever a server sends into an authentication: no mechanism reads beyond it or says that it was
// accepted without its proof, and base64 has one spelling. Input: lines; the first is the list of
// mechanisms, the others are messages of the server, the last one its result.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/drivers/support/plain_crypto.h"
#include "drivers/hislip/sasl_choice.h"
#include "drivers/hislip/sasl_scram.h"

namespace {

using namespace visa::drivers::hislip;

constexpr std::string_view kPassword = "pencil and paper";

void demand(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

/// A failure explains itself, without the password.
bool usable(const SaslStep& step) {
  demand(step.good || (!step.text.empty() && step.text.find(kPassword) == std::string::npos));
  return step.good;
}

void converse(SaslMechanism& mechanism, const std::vector<std::string_view>& lines) {
  const bool scram = mechanism.name() == "SCRAM-SHA-256";
  bool good = usable(mechanism.begin());
  for (std::size_t i = 1; good && i + 1 < lines.size(); ++i) {
    const SaslStep step = mechanism.reply(lines[i]);
    good = usable(step);
    demand(!scram || step.text.find(kPassword) == std::string::npos);
  }
  // The digests of the test depend on a nonce of the client; no input has the right proof twice.
  if (good && usable(mechanism.accepted(lines.back())) && scram) demand(lines.size() > 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = lines_of(text);
  visa::test::PlainCrypto crypto;
  SaslUser user;
  user.user = "a=b,c";
  user.password = visa::Secret(kPassword);
  user.has_certificate = size % 5 == 0;
  if (const auto mechanism = choose_mechanism(lines[0], user, crypto)) converse(*mechanism, lines);
  const visa::Secret password(kPassword);
  ScramSha256 scram(user.user, password, crypto);
  scram.fix_nonce("nonce");
  converse(scram, lines);
  std::string bytes;
  if (decode_base64(lines[0], bytes)) demand(encode_base64(bytes) == lines[0]);
  demand(decode_base64(encode_base64(text), bytes) && bytes == text);
  return 0;
}
