// SPDX-License-Identifier: MIT
// What a secure connection is made with: whom it trusts, whom it expects, and the certificate that
// it shows. Immutable; any thread, one connection of it at a time being set up.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "drivers/common/tls_module.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

using Fingerprint = std::array<unsigned char, 32>;

struct TlsSettings {
  std::string host;          // the name or address that the server's certificate has to have
  std::string ca_file = {};  // "": the authorities that the system trusts
  std::string client_certificate = {};  // "": none
  std::string client_key = {};          // "": it stands in client_certificate
  std::optional<Fingerprint> fingerprint = {};
};

class TlsContext {
 public:
  /// error_library_nfound: no TLS module. error_inv_setup: a file of the settings is missing or
  /// wrong; the detail names it.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsSettings& settings, Call& call);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const TlsModule& module() const noexcept { return module_; }
  fv_tls_context* get() const noexcept { return context_; }

 private:
  explicit TlsContext(const TlsModule& module) noexcept : module_(module) {}

  const TlsModule& module_;
  fv_tls_context* context_ = nullptr;
};

}  // namespace visa::drivers
