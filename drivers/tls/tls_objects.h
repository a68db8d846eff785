// SPDX-License-Identifier: MIT
// The objects of the module and the owners of OpenSSL's. Nothing here throws or allocates by C++:
// memory comes from OpenSSL, and a null pointer means that there is none.
#pragma once

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>

#include "drivers/common/tls_abi.h"

namespace visa::tls {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

using OwnedBio = Owned<BIO, BIO_free>;
using OwnedCertificate = Owned<X509, X509_free>;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

inline constexpr std::size_t kFingerprintSize = 32;

/// Empties the thread's queue of OpenSSL errors before and after: what another part of the program
/// left there would be taken for ours, and ours for theirs.
class CleanErrors {
 public:
  CleanErrors() noexcept { ERR_clear_error(); }
  ~CleanErrors() { ERR_clear_error(); }
  CleanErrors(const CleanErrors&) = delete;
  CleanErrors& operator=(const CleanErrors&) = delete;
};

/// Writes `format` into `text`, printable ASCII only.
void say(fv_tls_text* text, const char* format, ...) noexcept __attribute__((format(printf, 2, 3)));

/// OpenSSL's reason for the last failure of this thread; "unknown" where it names none.
const char* last_reason() noexcept;

/// A `T` in OpenSSL's memory, zeroed.
template <class T>
T* make() noexcept {
  return static_cast<T*>(OPENSSL_zalloc(sizeof(T)));
}

/// The FV_TLS_ number of what verification found (X509_V_ERR_...).
int certificate_result(long verification) noexcept;

/// Makes `settings` hold for `ssl_context`: whom to trust, which certificate to show.
int apply_settings(SSL_CTX* ssl_context, const fv_tls_settings& settings,
                   fv_tls_text* text) noexcept;

std::size_t describe(const fv_tls_connection* connection, int what, char* into,
                     std::size_t size) noexcept;
int is_perpetual(const fv_tls_connection* connection) noexcept;

}  // namespace visa::tls

struct fv_tls_library {
  OSSL_LIB_CTX* algorithms;
  OSSL_PROVIDER* provider;
  BIO_METHOD* bio;
};

struct fv_tls_context {
  fv_tls_library* library;
  SSL_CTX* ssl;
  char* host;  // the expected name or address; null for any
  bool host_is_address;
  bool pinned;
  unsigned char fingerprint[visa::tls::kFingerprintSize];
};

struct fv_tls_connection {
  fv_tls_context* context;
  SSL* ssl;
  fv_tls_io io;
  SSL_SESSION* session;  // the newest that the server gave
  bool asked_for_certificate;
  bool ended_below;   // io.take has said that the connection is over
  bool failed_below;  // io.give has failed
};
