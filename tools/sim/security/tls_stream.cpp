// SPDX-License-Identifier: MIT
// OpenSSL asks a BIO for ciphertext and gives it ciphertext; neither ever blocks, so a write
// is never repeated. Nothing is read beyond the record that a read needs: what follows close_notify
// stays where it is.
#include "tools/sim/security/tls_stream.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <utility>

namespace visa::sim {

const BIO_METHOD* OpensslStream::bytes_method() {
  static const BIO_METHOD* const kMethod = [] {
    BioMethodOwner method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes"));
    openssl_demand(method != nullptr && BIO_meth_set_read_ex(method.get(), &bio_read) == 1 &&
                       BIO_meth_set_write_ex(method.get(), &bio_write) == 1 &&
                       BIO_meth_set_ctrl(method.get(), &bio_control) == 1,
                   "a BIO");
    return method.release();  // it lives as long as the program
  }();
  return kMethod;
}

OpensslStream::OpensslStream(SSL_CTX& context) : ssl_(SSL_new(&context)) {
  openssl_demand(ssl_ != nullptr, "a connection");
  BIO* const bio = BIO_new(bytes_method());
  openssl_demand(bio != nullptr, "a BIO");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

int OpensslStream::bio_read(BIO* bio, char* to, std::size_t most, std::size_t* count) {
  auto& self = *static_cast<OpensslStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!self.kept_.empty()) {
    *count = std::min(most, self.kept_.size());
    std::memcpy(to, self.kept_.data(), *count);
    self.kept_.erase(0, *count);
    return 1;
  }
  if (self.given_.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *count = std::min(most, self.given_.size());
  std::memcpy(to, self.given_.data(), *count);
  self.given_.remove_prefix(*count);
  return 1;
}

// Exceptions must not cross OpenSSL.
int OpensslStream::bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* count) {
  auto& self = *static_cast<OpensslStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  try {
    self.output_.append(from, size);
  } catch (const std::exception&) {
    return 0;
  }
  *count = size;
  return 1;
}

long OpensslStream::bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

void OpensslStream::give(std::string_view bytes) {
  keep();
  given_ = bytes;
}

void OpensslStream::keep() {
  kept_.append(given_);
  given_ = {};
}

std::string OpensslStream::take_rest() {
  keep();
  return std::exchange(kept_, {});
}

bool OpensslStream::went_well(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return true;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      break;
    case SSL_ERROR_ZERO_RETURN:
      state_ = State::ended;
      break;
    default:
      state_ = State::failed;
      if (error_.empty()) error_ = openssl_reason();
      if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
        error_ += std::string(", ") + X509_verify_cert_error_string(verified);
      }
      break;
  }
  return false;
}

std::size_t OpensslStream::read(char* to, std::size_t most) {
  ERR_clear_error();
  if (state_ == State::handshaking) {
    if (!went_well(SSL_do_handshake(ssl_.get()))) return 0;
    state_ = State::open;
  }
  std::size_t have = 0;
  while (state_ == State::open && have < most) {
    std::size_t count = 0;
    if (!went_well(SSL_read_ex(ssl_.get(), to + have, most - have, &count))) break;
    have += count;
  }
  return have;
}

void OpensslStream::write(std::string_view plain) {
  ERR_clear_error();
  while (!plain.empty() && state_ != State::failed) {
    std::size_t count = 0;
    if (!went_well(SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &count))) return;
    plain.remove_prefix(count);
  }
}

void OpensslStream::end() {
  ERR_clear_error();
  if (state_ == State::open || state_ == State::ended) {
    static_cast<void>(SSL_shutdown(ssl_.get()));
  }
}

void OpensslStream::consume(std::size_t count) noexcept {
  sent_ += count;
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
  }
}

std::string OpensslStream::client_name() const {
  const CertificateOwner shown(SSL_get1_peer_certificate(ssl_.get()));
  if (shown == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  X509_NAME* const subject = X509_get_subject_name(shown.get());
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) return {};
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
  if (length < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  return name;
}

std::string OpensslStream::summary() const {
  return std::string(SSL_get_version(ssl_.get())) + " " + SSL_get_cipher_name(ssl_.get()) +
         (SSL_session_reused(ssl_.get()) == 1 ? " resumed" : "");
}

}  // namespace visa::sim
