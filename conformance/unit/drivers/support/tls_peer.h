// SPDX-License-Identifier: MIT
// The far end of a TLS connection in the hands of a test, and the certificates it shows: OpenSSL as
// a server, over the socket of a PeerEnd. It shares nothing with the module that is under test but
// OpenSSL itself. Everything is made in the test: no file of keys lies in the tree.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {

struct FreeOpenSsl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
template <class T>
using OpenSslOwned = std::unique_ptr<T, FreeOpenSsl>;

struct Identity {
  OpenSslOwned<EVP_PKEY> key;
  OpenSslOwned<X509> certificate;

  std::string certificate_pem() const;
  std::string key_pem() const;
  /// 64 hexadecimal digits.
  std::string fingerprint() const;
};

/// What a certificate says.
struct Claims {
  std::string name = "instrument";            // common name
  std::string alternatives = "IP:127.0.0.1";  // subjectAltName
  long from = -3600;                          // seconds from now
  long until = 3600;
  bool for_ever = false;  // 9999-12-31
};

/// A certificate authority that exists for one test.
class Authority {
 public:
  explicit Authority(std::string name = "test authority");

  Identity issue(const Claims& claims = {}) const;
  const Identity& own() const { return own_; }
  /// A PEM file with its certificate, and with `revoked` a revocation list that names that one.
  std::string file(const X509* revoked = nullptr);

 private:
  Identity own_;
  TempFolder folder_;
  int files_ = 0;
};

/// Writes a PEM file of certificate and key.
std::string write_identity(const TempFolder& folder, const std::string& name,
                           const Identity& identity);

struct ServerRules {
  int version = 0;                         // the one TLS version; 0: any
  const X509* client_authority = nullptr;  // clients must show a certificate of it
  int tickets = 2;
};

class TlsServerContext {
 public:
  explicit TlsServerContext(const Identity& identity, const ServerRules& rules = {});
  SSL_CTX* get() const { return context_.get(); }

 private:
  OpenSslOwned<SSL_CTX> context_;
};

/// A server connection on the socket of a PeerEnd, which stays the owner of it.
class TlsPeer {
 public:
  TlsPeer() = default;
  TlsPeer(const PeerEnd& below, const TlsServerContext& context);

  /// The handshake; false where it failed.
  bool accept();
  bool send(std::string_view data) const;
  /// `size` bytes, fewer where the client ended.
  std::string receive(std::size_t size) const;
  /// Our close_notify, and the client's.
  bool end() const;
  bool say_end() const;
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  bool has_client_certificate() const;
  /// Asks the client for new keys.
  bool update_keys() const;
  SSL* get() const { return ssl_.get(); }

 private:
  OpenSslOwned<SSL> ssl_;
};

/// Where the module of this build lies; sets TlsModule::path for the whole program.
void use_module_of_this_build();

}  // namespace visa::test
