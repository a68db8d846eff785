// SPDX-License-Identifier: MIT
// A connection of the TLS module by its table, and a server of OpenSSL's on the other end of two
// strings: every byte between them passes through the hands of the test. One thread.
#pragma once

#include <openssl/bio.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/tls_peer.h"
#include "drivers/common/tls_module.h"

namespace visa::test {

inline fv_tls_settings tls_settings(const char* ca_file, const char* host = nullptr) {
  fv_tls_settings settings{};
  settings.ca_file = ca_file;
  settings.host = host;
  return settings;
}

class TlsMemory {
 public:
  TlsMemory(const TlsServerContext& server, const fv_tls_settings& settings,
            const TlsMemory* earlier = nullptr)
      : module_(get_module()), server_(SSL_new(server.get())) {
    opened = table().context_open(module_.library(), &settings, &context_, &text);
    if (opened != FV_TLS_DONE) return;
    const fv_tls_io io{this, &take, &give};
    connection_ =
        table().connection_open(context_, &io, earlier == nullptr ? nullptr : earlier->connection_);
    SSL_set_bio(server_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server_.get());
  }
  ~TlsMemory() {
    table().connection_close(connection_);
    table().context_close(context_);
  }
  TlsMemory(const TlsMemory&) = delete;
  TlsMemory& operator=(const TlsMemory&) = delete;

  const fv_tls_table& table() const { return module_.table(); }
  fv_tls_connection* get() const { return connection_; }
  SSL* server() const { return server_.get(); }

  /// Lets both sides speak until the client's handshake is over. What the module says of it.
  int handshake() {
    for (int round = 0; round < 20; ++round) {
      const int code = table().handshake(connection_, &text);
      pass_on();
      SSL_do_handshake(server_.get());
      collect();
      if (code != FV_TLS_WAIT) return code;
    }
    throw std::runtime_error("a handshake without end");
  }

  /// What the client sent goes to the server, what the server has to send to `to_client`.
  void pass_on() {
    BIO_write(SSL_get_rbio(server_.get()), to_server.data(), static_cast<int>(to_server.size()));
    to_server.clear();
  }
  void collect() {
    char part[4096];
    for (int got = 0; (got = BIO_read(SSL_get_wbio(server_.get()), part, sizeof part)) > 0;) {
      to_client.append(part, static_cast<std::size_t>(got));
    }
  }
  void serve(std::string_view data) {
    SSL_write(server_.get(), data.data(), static_cast<int>(data.size()));
    collect();
  }

  int read(std::string& into, std::size_t size = 100) {
    into.assign(size, '\0');
    std::size_t count = 0;
    const int code = table().read(connection_, into.data(), size, &count, &text);
    into.resize(count);
    return code;
  }
  int write(std::string_view data) {
    std::size_t count = 0;
    const int code = table().write(connection_, data.data(), data.size(), &count, &text);
    return code == FV_TLS_DONE && count != data.size() ? -1 : code;
  }
  std::string described(int what) const {
    std::string all(table().describe(connection_, what, nullptr, 0), '\0');
    table().describe(connection_, what, all.data(), all.size());
    return all;
  }

  int opened = FV_TLS_MEMORY;  // what context_open said
  fv_tls_text text{};
  std::string to_client;
  std::string to_server;
  bool ended = false;   // the connection below ends after `to_client`
  bool broken = false;  // nothing more can be sent

 private:
  static const drivers::TlsModule& get_module() {
    use_module_of_this_build();
    Call call(Deadline::after(std::chrono::seconds(20)));
    const auto module = drivers::TlsModule::get(call);
    if (!module) throw std::runtime_error(call.detail);
    return **module;
  }
  static std::ptrdiff_t take(void* self, void* into, std::size_t size) {
    auto& own = *static_cast<TlsMemory*>(self);
    const std::size_t count = std::min(size, own.to_client.size());
    if (count == 0) return own.ended ? -1 : 0;
    std::memcpy(into, own.to_client.data(), count);
    own.to_client.erase(0, count);
    return static_cast<std::ptrdiff_t>(count);
  }
  static int give(void* self, const void* data, std::size_t size) {
    auto& own = *static_cast<TlsMemory*>(self);
    if (own.broken) return -1;
    own.to_server.append(static_cast<const char*>(data), size);
    return 0;
  }

  const drivers::TlsModule& module_;
  OpenSslOwned<SSL> server_;
  fv_tls_context* context_ = nullptr;
  fv_tls_connection* connection_ = nullptr;
};

}  // namespace visa::test
