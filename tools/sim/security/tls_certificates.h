// SPDX-License-Identifier: MIT
// The certificates of a bench: an authority with a key of its own, made in memory at every start,
// and what it signs. Only where the build has OpenSSL. Owned by a TlsAuthority.
#pragma once

#include <string>
#include <vector>

#include "tools/sim/security/openssl_handles.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

/// A certificate with its private key.
struct Identity {
  CertificateOwner certificate;
  KeyOwner key;
};

class TlsCertificates {
 public:
  /// `hosts`: DNS names and numeric addresses that its servers have. Throws std::runtime_error.
  explicit TlsCertificates(std::vector<std::string> hosts);

  X509* authority() const noexcept { return authority_.certificate.get(); }
  Identity server(CertificateKind kind) const;
  /// A client's, with the common name `name`.
  Identity client(const std::string& name) const;

 private:
  std::vector<std::string> hosts_;
  Identity authority_;
};

/// Names and addresses under which a bench that listens on `address` is reached from here.
std::vector<std::string> bench_hosts(const std::string& address);

std::string pem_of(const X509& certificate);
std::string pem_of(const EVP_PKEY& key);

}  // namespace visa::sim
