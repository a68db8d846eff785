// SPDX-License-Identifier: MIT
// One TLS connection over the callbacks of fv_tls_io. The callbacks never wait and take every byte
// to be sent, so OpenSSL is never left in the middle of a record that it wants to have repeated.
// TLS 1.2 and 1.3; no renegotiation, no compression, nothing read ahead.
#include <algorithm>
#include <climits>
#include <cstring>

#include "drivers/tls/tls_internal.h"

namespace visa::tls {
namespace {

fv_tls_connection* connection_of(BIO* bio) noexcept {
  return static_cast<fv_tls_connection*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* count) {
  *count = 0;
  BIO_clear_retry_flags(bio);
  fv_tls_connection* connection = connection_of(bio);
  const std::ptrdiff_t got = connection->io.take(connection->io.owner, into, size);
  if (got > 0) {
    *count = static_cast<std::size_t>(got);
    return 1;
  }
  if (got == 0) {
    BIO_set_retry_read(bio);
  } else {
    connection->ended_below = true;
  }
  return 0;
}

int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* count) {
  *count = 0;
  BIO_clear_retry_flags(bio);
  fv_tls_connection* connection = connection_of(bio);
  if (connection->io.give(connection->io.owner, data, size) != 0) {
    connection->failed_below = true;
    return 0;
  }
  *count = size;
  return 1;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return connection_of(bio)->ended_below ? 1 : 0;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* connection = static_cast<fv_tls_connection*>(SSL_get_app_data(ssl));
  if (connection == nullptr) return 0;
  SSL_SESSION_free(connection->session);
  connection->session = session;
  return 1;  // it is ours now
}

/// The server wants to see the certificate of this computer.
int note_question(SSL* ssl, void*) {
  auto* connection = static_cast<fv_tls_connection*>(SSL_get_app_data(ssl));
  if (connection != nullptr) connection->asked_for_certificate = true;
  return 1;
}

/// Alerts by which a server says that it does not accept the client.
bool refuses_us(const fv_tls_connection& connection, int reason) noexcept {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // in TLS 1.2 also: no certificate came
      return connection.asked_for_certificate;
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
      return true;
    default:
      return false;
  }
}

/// The FV_TLS_ number of a call of OpenSSL that returned `code`.
int result_of(fv_tls_connection* connection, int code, fv_tls_text* text) noexcept {
  switch (SSL_get_error(connection->ssl, code)) {
    case SSL_ERROR_WANT_READ:
      return FV_TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
      return FV_TLS_CLOSED;
    default:
      break;
  }
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const long verification = SSL_get_verify_result(connection->ssl);
  if (verification != X509_V_OK) {
    say(text, "%s", X509_verify_cert_error_string(verification));
    return certificate_result(verification);
  }
  if (connection->failed_below) return FV_TLS_LOST;
  if (connection->ended_below || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return FV_TLS_CUT;
  }
  say(text, "%s", last_reason());
  return refuses_us(*connection, reason) ? FV_TLS_REFUSED : FV_TLS_FAILED;
}

bool expect_host(SSL* ssl, const fv_tls_context& context) noexcept {
  if (context.host == nullptr) return true;
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  if (context.host_is_address) return X509_VERIFY_PARAM_set1_ip_asc(wanted, context.host) == 1;
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, context.host, 0) == 1 &&
         SSL_set_tlsext_host_name(ssl, context.host) == 1;
}

bool prepare(fv_tls_connection* connection, const fv_tls_connection* earlier) noexcept {
  fv_tls_context* context = connection->context;
  connection->ssl = SSL_new(context->ssl);
  if (connection->ssl == nullptr) return false;
  SSL_set_app_data(connection->ssl, connection);
  SSL_set_cert_cb(connection->ssl, note_question, nullptr);
  BIO* bio = BIO_new(context->library->bio);
  if (bio == nullptr) return false;
  BIO_set_data(bio, connection);
  SSL_set_bio(connection->ssl, bio, bio);  // frees it with the connection
  SSL_set_connect_state(connection->ssl);
  if (earlier != nullptr && earlier->session != nullptr) {
    OwnedSession copy(SSL_SESSION_dup(earlier->session));
    if (copy != nullptr) SSL_set_session(connection->ssl, copy.get());
  }
  return expect_host(connection->ssl, *context);
}

}  // namespace

BIO_METHOD* make_bio_method() noexcept {
  BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "freevisa");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read_ex(method, bio_read);
  BIO_meth_set_write_ex(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  BIO_meth_set_create(method, bio_create);
  return method;
}

void keep_sessions(SSL_CTX* ssl_context) noexcept {
  SSL_CTX_set_session_cache_mode(ssl_context,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(ssl_context, keep_session);
}

fv_tls_connection* connection_open(fv_tls_context* context, const fv_tls_io* io,
                                   const fv_tls_connection* earlier) noexcept {
  const CleanErrors clean;
  auto* connection = make<fv_tls_connection>();
  if (connection == nullptr) return nullptr;
  connection->context = context;
  connection->io = *io;
  if (prepare(connection, earlier)) return connection;
  connection_close(connection);
  return nullptr;
}

void connection_close(fv_tls_connection* connection) noexcept {
  if (connection == nullptr) return;
  const CleanErrors clean;
  SSL_free(connection->ssl);
  SSL_SESSION_free(connection->session);
  OPENSSL_free(connection);
}

int handshake(fv_tls_connection* connection, fv_tls_text* text) noexcept {
  const CleanErrors clean;
  const int code = SSL_do_handshake(connection->ssl);
  return code == 1 ? static_cast<int>(FV_TLS_DONE) : result_of(connection, code, text);
}

int read(fv_tls_connection* connection, void* into, std::size_t size, std::size_t* count,
         fv_tls_text* text) noexcept {
  const CleanErrors clean;
  *count = 0;
  const int code = SSL_read_ex(connection->ssl, into, size, count);
  return code == 1 ? static_cast<int>(FV_TLS_DONE) : result_of(connection, code, text);
}

int write(fv_tls_connection* connection, const void* data, std::size_t size, std::size_t* count,
          fv_tls_text* text) noexcept {
  const CleanErrors clean;
  *count = 0;
  const int code = SSL_write_ex(connection->ssl, data, size, count);
  return code == 1 ? static_cast<int>(FV_TLS_DONE) : result_of(connection, code, text);
}

int take_session(fv_tls_connection* connection) noexcept {
  const CleanErrors clean;
  char byte = 0;
  std::size_t count = 0;
  SSL_peek_ex(connection->ssl, &byte, 1, &count);  // a failure comes again with the next read
  return connection->session != nullptr ? 1 : 0;
}

int end(fv_tls_connection* connection, fv_tls_text* text) noexcept {
  const CleanErrors clean;
  const int code = SSL_shutdown(connection->ssl);
  return code >= 0 ? static_cast<int>(FV_TLS_DONE) : result_of(connection, code, text);
}

int is_resumed(const fv_tls_connection* connection) noexcept {
  return SSL_session_reused(connection->ssl);
}

}  // namespace visa::tls
