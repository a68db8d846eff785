// SPDX-License-Identifier: MIT
// The socket BIO is the test's own: OpenSSL's would raise SIGPIPE, which must stay deadly here so
// that the library cannot raise it unnoticed.
#include "conformance/unit/drivers/support/tls_peer.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <stdexcept>

#include "drivers/common/tls_module.h"

namespace visa::test {
namespace {

void demand(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(count));
  BIO_free(memory);
  return text;
}

X509_NAME* named(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("FreeVISA tests"), -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  return name;
}

void extend(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  demand(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Identity make_identity(const Claims& claims, const Identity* issuer, bool authority) {
  static long serial = 1000;
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  named(X509_get_subject_name(certificate), claims.name);
  X509* by = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(by));
  X509_gmtime_adj(X509_getm_notBefore(certificate), claims.from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), claims.until);
  if (claims.for_ever) ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z");
  X509_set_pubkey(certificate, made.key.get());
  extend(certificate, by, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!authority && !claims.alternatives.empty()) {
    extend(certificate, by, NID_subject_alt_name, claims.alternatives);
  }
  EVP_PKEY* key = issuer == nullptr ? made.key.get() : issuer->key.get();
  demand(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
  return made;
}

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "test socket");
    BIO_meth_set_write(made, [](BIO* bio, const char* data, int size) {
      return static_cast<int>(
          ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL));
    });
    BIO_meth_set_read(made, [](BIO* bio, char* into, int size) {
      return static_cast<int>(::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0));
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH ? 1 : 0;
    });
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

}  // namespace

std::string Identity::certificate_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate.get());
  return text_of(memory);
}

std::string Identity::key_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(memory);
}

std::string Identity::fingerprint() const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate.get(), EVP_sha256(), digest, &size);
  std::string text;
  constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 15U];
  }
  return text;
}

Authority::Authority(std::string name)
    : own_(make_identity({.name = std::move(name), .until = 7200}, nullptr, true)) {}

Identity Authority::issue(const Claims& claims) const {
  return make_identity(claims, &own_, false);
}

std::string Authority::file(const X509* revoked) {
  std::string text = own_.certificate_pem();
  if (revoked != nullptr) {
    X509_CRL* list = X509_CRL_new();
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(own_.certificate.get()));
    ASN1_TIME* now = X509_gmtime_adj(nullptr, -60);
    X509_CRL_set1_lastUpdate(list, now);
    X509_gmtime_adj(now, 3600);
    X509_CRL_set1_nextUpdate(list, now);
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_gmtime_adj(now, -30);
    X509_REVOKED_set_revocationDate(entry, now);
    auto* serial = ASN1_INTEGER_dup(X509_get0_serialNumber(revoked));
    X509_REVOKED_set_serialNumber(entry, serial);
    ASN1_INTEGER_free(serial);
    X509_CRL_add0_revoked(list, entry);
    ASN1_TIME_free(now);
    demand(X509_CRL_sign(list, own_.key.get(), EVP_sha256()) > 0, "X509_CRL_sign");
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_CRL(memory, list);
    text += text_of(memory);
    X509_CRL_free(list);
  }
  return folder_.make("authority" + std::to_string(++files_) + ".pem", text);
}

std::string write_identity(const TempFolder& folder, const std::string& name,
                           const Identity& identity) {
  return folder.make(name, identity.certificate_pem() + identity.key_pem());
}

TlsServerContext::TlsServerContext(const Identity& identity, const ServerRules& rules)
    : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX* context = context_.get();
  demand(SSL_CTX_use_certificate(context, identity.certificate.get()) == 1, "certificate");
  demand(SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1, "key");
  if (rules.version != 0) {
    SSL_CTX_set_security_level(context, 0);  // for versions that OpenSSL has given up
    SSL_CTX_set_min_proto_version(context, rules.version);
    SSL_CTX_set_max_proto_version(context, rules.version);
  }
  SSL_CTX_set_num_tickets(context, static_cast<std::size_t>(rules.tickets));
  const unsigned char kSessions[] = "tests";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  if (rules.client_authority != nullptr) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), const_cast<X509*>(rules.client_authority));
  }
}

TlsPeer::TlsPeer(const PeerEnd& below, const TlsServerContext& context)
    : ssl_(SSL_new(context.get())) {
  BIO* bio = BIO_new(socket_method());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(below.fd())));
  SSL_set_bio(ssl_.get(), bio, bio);
}

bool TlsPeer::accept() {
  const bool good = SSL_accept(ssl_.get()) == 1;
  ERR_clear_error();
  return good;
}

bool TlsPeer::send(std::string_view data) const {
  std::size_t sent = 0;
  const bool good = SSL_write_ex(ssl_.get(), data.data(), data.size(), &sent) == 1;
  ERR_clear_error();
  return good && sent == data.size();
}

std::string TlsPeer::receive(std::size_t size) const {
  std::string data(size, '\0');
  std::size_t count = 0;
  while (count < size) {
    std::size_t got = 0;
    if (SSL_read_ex(ssl_.get(), data.data() + count, size - count, &got) != 1) break;
    count += got;
  }
  ERR_clear_error();
  data.resize(count);
  return data;
}

bool TlsPeer::say_end() const {
  return SSL_shutdown(ssl_.get()) >= 0;
}

bool TlsPeer::end() const {
  char byte = 0;
  std::size_t got = 0;
  const bool said = say_end();
  const bool quiet = SSL_read_ex(ssl_.get(), &byte, 1, &got) != 1;
  const bool ended = SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN;
  ERR_clear_error();
  return said && quiet && ended;
}

bool TlsPeer::has_client_certificate() const {
  return SSL_get0_peer_certificate(ssl_.get()) != nullptr;
}

bool TlsPeer::update_keys() const {
  return SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1;
}

void use_module_of_this_build() {
  drivers::TlsModule::path = [] { return std::string(FREEVISA_TLS_MODULE); };
}

}  // namespace visa::test
