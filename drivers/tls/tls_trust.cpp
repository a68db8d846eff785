// SPDX-License-Identifier: MIT
// Whom a context trusts, and what verification found. With a fingerprint the one certificate that
// has it is accepted whatever its issuer and its names are, and no other; it still must not be
// expired. Without one, the chain has to lead to a trusted authority and the certificate has to
// have the host's name.
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "drivers/tls/tls_objects.h"

namespace visa::tls {
namespace {

fv_tls_context* context_of(X509_STORE_CTX* verification) noexcept {
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, index));
  return ssl == nullptr ? nullptr
                        : static_cast<fv_tls_context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

bool has_fingerprint(const fv_tls_context& context, const X509* certificate) noexcept {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return certificate != nullptr && X509_digest(certificate, EVP_sha256(), digest, &size) == 1 &&
         size == kFingerprintSize &&
         CRYPTO_memcmp(digest, context.fingerprint, kFingerprintSize) == 0;
}

/// What a fingerprint does not excuse.
bool is_about_time(int error) noexcept {
  const int result = certificate_result(error);
  return result == FV_TLS_EXPIRED || result == FV_TLS_REVOKED;
}

/// Called for each finding while a chain is verified; 1 goes on.
int look_over(int good, X509_STORE_CTX* verification) {
  if (good == 1) return 1;
  const fv_tls_context* context = context_of(verification);
  if (context == nullptr || !context->pinned) return 0;
  if (is_about_time(X509_STORE_CTX_get_error(verification))) return 0;
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

int verify(X509_STORE_CTX* verification, void*) {
  const fv_tls_context* context = context_of(verification);
  if (context == nullptr) return 0;
  const X509* certificate = X509_STORE_CTX_get0_cert(verification);
  if (context->pinned && !has_fingerprint(*context, certificate)) {
    X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
  }
  return X509_verify_cert(verification);
}

/// A key with a password would make OpenSSL ask for it on the terminal of the program.
int no_password(char*, int, int, void*) {
  return -1;
}

/// Certificates and revocation lists of one PEM file.
bool trust_file(SSL_CTX* ssl_context, const char* file) noexcept {
  X509_STORE* store = SSL_CTX_get_cert_store(ssl_context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (lookup == nullptr || X509_load_cert_crl_file(lookup, file, X509_FILETYPE_PEM) <= 0) {
    return false;
  }
  STACK_OF(X509_OBJECT)* held = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(held); ++i) {
    if (X509_OBJECT_get_type(sk_X509_OBJECT_value(held, i)) != X509_LU_CRL) continue;
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    break;
  }
  return true;
}

int show_certificate(SSL_CTX* ssl_context, const fv_tls_settings& settings,
                     fv_tls_text* text) noexcept {
  if (settings.client_certificate == nullptr) return FV_TLS_DONE;
  if (SSL_CTX_use_certificate_chain_file(ssl_context, settings.client_certificate) != 1) {
    say(text, "client_certificate %s: %s", settings.client_certificate, last_reason());
    return FV_TLS_SETUP;
  }
  const char* key =
      settings.client_key == nullptr ? settings.client_certificate : settings.client_key;
  if (SSL_CTX_use_PrivateKey_file(ssl_context, key, SSL_FILETYPE_PEM) != 1) {
    say(text, "client_key %s: %s; it must be the PEM key of the certificate, without a password",
        key, last_reason());
    return FV_TLS_SETUP;
  }
  return FV_TLS_DONE;
}

}  // namespace

void say(fv_tls_text* text, const char* format, ...) noexcept {
  if (text == nullptr) return;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text->line, sizeof text->line, format, arguments);
  va_end(arguments);
  for (char* at = text->line; *at != '\0'; ++at) {
    if (*at < ' ' || *at > '~') *at = '?';
  }
}

const char* last_reason() noexcept {
  const unsigned long error = ERR_peek_last_error();
  if (ERR_SYSTEM_ERROR(error)) {
    thread_local char text[128];
    return ::strerror_r(ERR_GET_REASON(error), text, sizeof text);  // GNU's: text or a constant
  }
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "unknown" : reason;
}

int certificate_result(long verification) noexcept {
  switch (verification) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return FV_TLS_EXPIRED;
    case X509_V_ERR_CERT_REVOKED:
      return FV_TLS_REVOKED;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return FV_TLS_WRONG_HOST;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
      return FV_TLS_UNTRUSTED;
    default:
      return FV_TLS_BAD_CERTIFICATE;
  }
}

int apply_settings(SSL_CTX* ssl_context, const fv_tls_settings& settings,
                   fv_tls_text* text) noexcept {
  SSL_CTX_set_verify(ssl_context, SSL_VERIFY_PEER, look_over);
  SSL_CTX_set_cert_verify_callback(ssl_context, verify, nullptr);
  SSL_CTX_set_default_passwd_cb(ssl_context, no_password);
  if (settings.ca_file == nullptr) {
    SSL_CTX_set_default_verify_paths(ssl_context);  // none there: nothing is trusted
  } else if (!trust_file(ssl_context, settings.ca_file)) {
    say(text, "ca_file %s: %s", settings.ca_file, last_reason());
    return FV_TLS_SETUP;
  }
  return show_certificate(ssl_context, settings, text);
}

}  // namespace visa::tls
