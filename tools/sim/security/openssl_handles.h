// SPDX-License-Identifier: MIT
// Owners of what OpenSSL makes, and its errors as text. Only where the build has OpenSSL.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace visa::sim {

template <auto function>
struct OpensslFree {
  template <class Object>
  void operator()(Object* object) const noexcept {
    function(object);
  }
};
template <class Object, auto function>
using OpensslOwner = std::unique_ptr<Object, OpensslFree<function>>;

using BioMethodOwner = OpensslOwner<BIO_METHOD, &BIO_meth_free>;
using BioOwner = OpensslOwner<BIO, &BIO_free>;
using KeyOwner = OpensslOwner<EVP_PKEY, &EVP_PKEY_free>;
using CertificateOwner = OpensslOwner<X509, &X509_free>;
using ExtensionOwner = OpensslOwner<X509_EXTENSION, &X509_EXTENSION_free>;
using SslContextOwner = OpensslOwner<SSL_CTX, &SSL_CTX_free>;
using SslOwner = OpensslOwner<SSL, &SSL_free>;

/// What OpenSSL noted first, and nothing of it afterwards; "no reason given" if it noted nothing.
inline std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

/// Throws std::runtime_error unless it succeeded.
inline void openssl_demand(bool succeeded, const std::string& what) {
  if (!succeeded) throw std::runtime_error("OpenSSL: " + what + ": " + openssl_reason());
}

}  // namespace visa::sim
