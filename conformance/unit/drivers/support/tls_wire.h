// SPDX-License-Identifier: MIT
// A stream of the library that can be switched to TLS, and its far end in the hands of a test.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/tls_peer.h"
#include "drivers/common/connector.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/common/tls_stream.h"

namespace visa::test {

using drivers::TlsContext;
using drivers::TlsSettings;
using drivers::TlsStream;

inline constexpr std::chrono::milliseconds kLong{20000};
inline constexpr std::chrono::milliseconds kShort{60};

/// A stream of the library and the far end of it, not encrypted yet.
class Wire {
 public:
  Wire() {
    use_module_of_this_build();
    Call call(Deadline::after(kLong));
    const drivers::Endpoint endpoint = server_.endpoint();
    auto connection =
        drivers::connect_tcp(std::span(&endpoint, 1), "127.0.0.1", drivers::ConnectOptions{}, call);
    if (!connection) throw std::runtime_error(call.detail);
    far = server_.accept();
    stream = std::make_unique<TlsStream>(
        std::make_unique<drivers::TcpStream>(std::move(connection->socket), "peer"));
  }

  /// The handshake of both sides.
  Status secure(const TlsServerContext& server, const TlsSettings& settings,
                const TlsStream* earlier = nullptr, std::chrono::milliseconds time = kLong) {
    peer = TlsPeer(far, server);
    auto accepted = std::async(std::launch::async, [&] { return peer.accept(); });
    const Status status = start(settings, earlier, time);
    if (failed(status)) stream->close();
    accepted.wait();
    return status;
  }

  Status start(const TlsSettings& settings, const TlsStream* earlier = nullptr,
               std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const auto context = TlsContext::make(settings, call);
    detail = call.detail;
    if (!context) return context.status();
    const Status status = stream->start(*context, earlier, call);
    detail = call.detail;
    return status;
  }

  std::string receive(std::size_t size) {
    std::string data(size, '\0');
    std::size_t count = 0;
    while (count < size) {
      Call call(Deadline::after(kLong));
      const auto got =
          stream->receive(std::as_writable_bytes(std::span(data)).subspan(count), call);
      if (failed(got.status)) break;
      count += got.count;
    }
    data.resize(count);
    return data;
  }

  drivers::StreamResult send(std::string_view data, std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const auto sent = stream->send(std::as_bytes(std::span(data)), call);
    detail = call.detail;
    return sent;
  }

  PeerEnd far;
  TlsPeer peer;
  std::unique_ptr<TlsStream> stream;
  std::string detail;

 private:
  LoopbackServer server_;
};

}  // namespace visa::test
