// SPDX-License-Identifier: MIT
// The table of the module, and what contexts are made of. OpenSSL is used as a guest in somebody
// else's program, which may use it as well:
//   - the algorithms are those of a library context of our own with the provider "default", so that
//     no engine or provider that the program or an openssl.cnf chose takes part;
//   - the system's openssl.cnf is neither read earlier nor kept from being read: its policy for TLS
//     (the section that is called system_default) holds here too, and we only add to it;
//   - nothing of OpenSSL is destroyed at exit, because threads may still be inside.
#include "drivers/tls/tls_internal.h"

namespace visa::tls {
namespace {

/// RSA and DH of 2048 bits, signatures with SHA-2, at the least.
constexpr int kSecurityLevel = 2;

/// More than a chain of certificates that makes sense.
constexpr long kMostCertificates = 64L * 1024;

const char* version() noexcept {
  return OpenSSL_version(OPENSSL_VERSION);
}

void library_close(fv_tls_library* library) noexcept {
  if (library == nullptr) return;
  BIO_meth_free(library->bio);
  if (library->provider != nullptr) OSSL_PROVIDER_unload(library->provider);
  OSSL_LIB_CTX_free(library->algorithms);
  OPENSSL_free(library);
}

fv_tls_library* library_open() noexcept {
  const CleanErrors clean;
  if (OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) return nullptr;
  auto* library = make<fv_tls_library>();
  if (library == nullptr) return nullptr;
  library->algorithms = OSSL_LIB_CTX_new();
  library->bio = make_bio_method();
  if (library->algorithms != nullptr) {
    library->provider = OSSL_PROVIDER_load(library->algorithms, "default");
  }
  if (library->provider != nullptr && library->bio != nullptr) return library;
  library_close(library);
  return nullptr;
}

void context_close(fv_tls_context* context) noexcept {
  if (context == nullptr) return;
  const CleanErrors clean;
  SSL_CTX_free(context->ssl);
  OPENSSL_free(context->host);
  OPENSSL_free(context);
}

bool is_address(const char* host) noexcept {
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address(a2i_IPADDRESS(host));
  return address != nullptr;
}

/// What holds for every connection, whatever the settings are.
bool prepare(SSL_CTX* ssl_context) noexcept {
  if (SSL_CTX_set_min_proto_version(ssl_context, TLS1_2_VERSION) != 1) return false;
  if (SSL_CTX_get_security_level(ssl_context) < kSecurityLevel) {
    SSL_CTX_set_security_level(ssl_context, kSecurityLevel);
  }
  SSL_CTX_set_options(ssl_context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(ssl_context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(ssl_context, kMostCertificates);
  SSL_CTX_set_read_ahead(ssl_context, 0);
  keep_sessions(ssl_context);
  return true;
}

int fill(fv_tls_context* context, const fv_tls_settings& settings, fv_tls_text* text) noexcept {
  context->ssl = SSL_CTX_new_ex(context->library->algorithms, nullptr, TLS_client_method());
  if (context->ssl == nullptr || !prepare(context->ssl)) return FV_TLS_MEMORY;
  SSL_CTX_set_app_data(context->ssl, context);
  if (settings.host != nullptr) {
    context->host = OPENSSL_strdup(settings.host);
    if (context->host == nullptr) return FV_TLS_MEMORY;
    context->host_is_address = is_address(settings.host);
  }
  context->pinned = settings.fingerprint != nullptr;
  for (std::size_t i = 0; context->pinned && i < kFingerprintSize; ++i) {
    context->fingerprint[i] = settings.fingerprint[i];
  }
  return apply_settings(context->ssl, settings, text);
}

int context_open(fv_tls_library* library, const fv_tls_settings* settings, fv_tls_context** result,
                 fv_tls_text* text) noexcept {
  const CleanErrors clean;
  *result = nullptr;
  auto* context = make<fv_tls_context>();
  if (context == nullptr) return FV_TLS_MEMORY;
  context->library = library;
  const int code = fill(context, *settings, text);
  if (code == FV_TLS_DONE) {
    *result = context;
  } else {
    context_close(context);
  }
  return code;
}

constexpr fv_tls_table kTable = {FREEVISA_TLS_ABI,
                                 sizeof(fv_tls_table),
                                 version,
                                 library_open,
                                 library_close,
                                 context_open,
                                 context_close,
                                 connection_open,
                                 connection_close,
                                 handshake,
                                 read,
                                 write,
                                 take_session,
                                 end,
                                 describe,
                                 is_perpetual,
                                 is_resumed,
                                 random_bytes,
                                 sha256,
                                 hmac_sha256,
                                 pbkdf2_sha256};

}  // namespace
}  // namespace visa::tls

extern "C" __attribute__((visibility("default"))) const fv_tls_table* freevisa_tls_table(void);

extern "C" const fv_tls_table* freevisa_tls_table(void) {
  return &visa::tls::kTable;
}
