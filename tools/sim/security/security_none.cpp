// SPDX-License-Identifier: MIT
// What stands for TLS and SASL in a build without OpenSSL: the refusal.
#include <stdexcept>

#include "tools/sim/security/sasl.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

bool tls_available() noexcept {
  return false;
}

std::string tls_missing() {
  return "this freevisa was built without OpenSSL and has no TLS; install libssl-dev (Debian, "
         "Ubuntu) and build it again with -DFREEVISA_TLS=ON";
}

std::string tls_library() {
  return {};
}

std::unique_ptr<TlsAuthority> TlsAuthority::make(const std::string&) {
  throw std::runtime_error(tls_missing());
}

std::unique_ptr<SaslAccounts> SaslAccounts::make(const std::map<std::string, std::string>&) {
  throw std::runtime_error(tls_missing());
}

}  // namespace visa::sim
