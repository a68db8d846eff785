// SPDX-License-Identifier: MIT
// A context of OpenSSL for each choice that is met, kept as long as the authority: clients can
// resume on one channel the session of the other.
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <cerrno>
#include <cstdio>
#include <map>
#include <system_error>
#include <utility>

#include "tools/sim/security/tls_certificates.h"
#include "tools/sim/security/tls_stream.h"

namespace visa::sim {
namespace {

constexpr unsigned char kSessionName[] = "FreeVISA bench";

// Its file, which holds a secret if `secret`.
void write_file(const std::string& path, const std::string& text, bool secret) {
  const mode_t mode = secret ? 0600 : 0644;
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  const bool written = file >= 0 && (!secret || ::fchmod(file, mode) == 0) &&
                       ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!written) throw std::system_error(error, std::generic_category(), "cannot write " + path);
}

class OpensslAuthority final : public TlsAuthority {
 public:
  explicit OpensslAuthority(const std::string& address) : certificates_(bench_hosts(address)) {}

  std::unique_ptr<TlsStream> accept(const TlsChoice& choice) override {
    SslContextOwner& context = contexts_[choice];
    if (context == nullptr) context = make_context(choice);
    return std::make_unique<OpensslStream>(*context);
  }

  void write_files(const std::string& folder) override {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      throw std::system_error(errno, std::generic_category(), "cannot make " + folder);
    }
    const Identity client = certificates_.client("client");
    write_file(folder + "/ca.pem", pem_of(*certificates_.authority()), false);
    write_file(folder + "/client.pem", pem_of(*client.certificate), false);
    write_file(folder + "/client.key", pem_of(*client.key), true);
  }

 private:
  SslContextOwner make_context(const TlsChoice& choice) const {
    SslContextOwner context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const made = context.get();
    openssl_demand(made != nullptr && SSL_CTX_set_min_proto_version(made, choice.oldest) == 1 &&
                       SSL_CTX_set_max_proto_version(made, choice.newest) == 1,
                   "a server");
    // What is older than TLS 1.2 is only there to be refused by the client.
    if (choice.newest < TLS1_2_VERSION) {
      openssl_demand(SSL_CTX_set_cipher_list(made, "ALL:@SECLEVEL=0") == 1, "ciphers");
    }
    SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    openssl_demand(SSL_CTX_set_session_id_context(made, kSessionName, sizeof kSessionName - 1) == 1,
                   "sessions");
    use_identity(made, choice);
    if (choice.asks_for_certificate) {
      SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nullptr);
      openssl_demand(
          X509_STORE_add_cert(SSL_CTX_get_cert_store(made), certificates_.authority()) == 1 &&
              SSL_CTX_add_client_CA(made, certificates_.authority()) == 1,
          "the authority");
    }
    return context;
  }

  void use_identity(SSL_CTX* made, const TlsChoice& choice) const {
    if (choice.certificate_file.empty()) {
      const Identity server = certificates_.server(choice.certificate);
      openssl_demand(SSL_CTX_use_certificate(made, server.certificate.get()) == 1 &&
                         SSL_CTX_use_PrivateKey(made, server.key.get()) == 1,
                     "the server's certificate");
      return;
    }
    if (SSL_CTX_use_certificate_chain_file(made, choice.certificate_file.c_str()) != 1) {
      throw std::runtime_error(choice.certificate_file +
                               ": no certificate in PEM can be read: " + openssl_reason());
    }
    // An encrypted key would ask for its password on the terminal.
    SSL_CTX_set_default_passwd_cb(made, [](char*, int, int, void*) { return 0; });
    if (SSL_CTX_use_PrivateKey_file(made, choice.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      throw std::runtime_error(choice.key_file +
                               ": no private key in PEM, without a password, of " +
                               choice.certificate_file + ": " + openssl_reason());
    }
  }

  TlsCertificates certificates_;
  std::map<TlsChoice, SslContextOwner> contexts_;
};

}  // namespace

std::unique_ptr<TlsAuthority> TlsAuthority::make(const std::string& address) {
  return std::make_unique<OpensslAuthority>(address);
}

bool tls_available() noexcept {
  return true;
}

std::string tls_missing() {
  return {};
}

std::string tls_library() {
  return OpenSSL_version(OPENSSL_VERSION);
}

}  // namespace visa::sim
