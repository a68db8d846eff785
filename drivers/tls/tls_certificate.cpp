// SPDX-License-Identifier: MIT
// What the handshake agreed on, and the certificate of the server, for the user.
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>

#include "drivers/tls/tls_objects.h"

namespace visa::tls {
namespace {

/// The end date of a certificate that never ends (RFC 5280, 4.1.2.5).
constexpr char kForEver[] = "99991231235959Z";

std::size_t put(const char* bytes, std::size_t count, char* into, std::size_t size) noexcept {
  if (bytes == nullptr) return 0;
  if (into != nullptr) std::memcpy(into, bytes, std::min(count, size));
  return count;
}

std::size_t put(const char* text, char* into, std::size_t size) noexcept {
  return text == nullptr ? 0 : put(text, std::strlen(text), into, size);
}

std::size_t put(BIO* memory, char* into, std::size_t size) noexcept {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(memory, &bytes);
  return count <= 0 ? 0 : put(bytes, static_cast<std::size_t>(count), into, size);
}

std::size_t put_name(const X509_NAME* name, char* into, std::size_t size) noexcept {
  const OwnedBio memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || name == nullptr) return 0;
  if (X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return 0;
  }
  return put(memory.get(), into, size);
}

std::size_t put_pem(X509* certificate, char* into, std::size_t size) noexcept {
  const OwnedBio memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_X509(memory.get(), certificate) != 1) return 0;
  return put(memory.get(), into, size);
}

std::size_t put_date(const X509* certificate, char* into, std::size_t size) noexcept {
  const ASN1_TIME* date = X509_get0_notAfter(certificate);
  if (date == nullptr) return 0;
  return put(reinterpret_cast<const char*>(ASN1_STRING_get0_data(date)),
             static_cast<std::size_t>(ASN1_STRING_length(date)), into, size);
}

}  // namespace

std::size_t describe(const fv_tls_connection* connection, int what, char* into,
                     std::size_t size) noexcept {
  const CleanErrors clean;
  if (what == FV_TLS_CIPHER_SUITE) {
    return put(SSL_CIPHER_standard_name(SSL_get_current_cipher(connection->ssl)), into, size);
  }
  if (what == FV_TLS_PROTOCOL) return put(SSL_get_version(connection->ssl), into, size);
  X509* certificate = SSL_get0_peer_certificate(connection->ssl);
  if (certificate == nullptr) return 0;
  switch (what) {
    case FV_TLS_ISSUER:
      return put_name(X509_get_issuer_name(certificate), into, size);
    case FV_TLS_SUBJECT:
      return put_name(X509_get_subject_name(certificate), into, size);
    case FV_TLS_NOT_AFTER:
      return put_date(certificate, into, size);
    case FV_TLS_CERTIFICATE:
      return put_pem(certificate, into, size);
    default:
      return 0;
  }
}

int is_perpetual(const fv_tls_connection* connection) noexcept {
  char date[sizeof kForEver] = {};
  const std::size_t count = describe(connection, FV_TLS_NOT_AFTER, date, sizeof date);
  return count == sizeof kForEver - 1 && std::memcmp(date, kForEver, count) == 0 ? 1 : 0;
}

}  // namespace visa::tls
