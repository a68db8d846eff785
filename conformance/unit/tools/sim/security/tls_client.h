// SPDX-License-Identifier: MIT
// For the tests of TLS: a client's end of OpenSSL over memory, so that both ends run in one thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "tools/sim/security/openssl_handles.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

// The files of an authority, which go when the test does.
class Folder {
 public:
  Folder() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
  explicit Folder(TlsAuthority& authority) : Folder() { authority.write_files(path_); }
  ~Folder() {
    for (const char* const name : {"/ca.pem", "/client.pem", "/client.key"}) {
      ::unlink((path_ + name).c_str());
    }
    ::rmdir(path_.c_str());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string text(const std::string& name) const {
    std::ifstream in(file(name));
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

 private:
  std::string path_ = "/tmp/freevisa-tls-XXXXXX";
};

// Trusts ca.pem of `folder`; shows client.pem if `certificate`.
inline SslContextOwner client_context(const Folder& folder, bool certificate = false,
                                      int newest = 0) {
  SslContextOwner context(SSL_CTX_new(TLS_client_method()));
  EXPECT_EQ(SSL_CTX_load_verify_file(context.get(), folder.file("ca.pem").c_str()), 1);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), newest);
  if (certificate) {
    EXPECT_EQ(SSL_CTX_use_certificate_file(context.get(), folder.file("client.pem").c_str(),
                                           SSL_FILETYPE_PEM),
              1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), folder.file("client.key").c_str(),
                                          SSL_FILETYPE_PEM),
              1);
  }
  return context;
}

class TlsClient {
 public:
  explicit TlsClient(SSL_CTX& context, const char* host = "localhost") : ssl(SSL_new(&context)) {
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl.get());
    EXPECT_EQ(SSL_set1_host(ssl.get(), host), 1);
  }

  // One step each way; false when neither has anything more to say.
  bool exchange(TlsStream& server) {
    if (SSL_is_init_finished(ssl.get()) == 0) SSL_do_handshake(ssl.get());
    const std::string said = take();
    server.give(said);
    char plain[4096];
    for (std::size_t count = 0; (count = server.read(plain, sizeof plain)) > 0;) {
      received.append(plain, count);
    }
    server.keep();
    const std::string answer(server.output());
    server.consume(answer.size());
    give(answer);
    return !said.empty() || !answer.empty();
  }
  void run(TlsStream& server) {
    while (exchange(server)) {
    }
  }
  std::string take() {
    std::string bytes(std::size_t{1} << 20, '\0');
    const int count =
        BIO_read(SSL_get_wbio(ssl.get()), bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  void give(std::string_view bytes) {
    if (!bytes.empty()) {
      EXPECT_EQ(BIO_write(SSL_get_rbio(ssl.get()), bytes.data(), static_cast<int>(bytes.size())),
                static_cast<int>(bytes.size()));
    }
  }
  void write(std::string_view text) {
    EXPECT_EQ(SSL_write(ssl.get(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  std::string read() {
    std::string all;
    char bytes[16384];
    for (int count = 0; (count = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(count));
    }
    return all;
  }
  bool finished() const { return SSL_is_init_finished(ssl.get()) == 1; }
  long verified() const { return SSL_get_verify_result(ssl.get()); }

  SslOwner ssl;
  std::string received;  // by the server
};

}  // namespace visa::sim
