// SPDX-License-Identifier: MIT
// The control socket: TCP on a numeric address or a Unix socket, requests and answers as JSON, a
// line each. Every program that reaches it controls the bench, so it is on loopback unless the
// user says otherwise.
//
// Owned by the caller that runs the Bench, which outlives it; on the bench's thread only. Memory a
// client: one line of kLongestLine and the answers to it; kMostClients of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/bench/bench.h"

namespace visa::sim {

class ControlServer : public EventHandler {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{64} << 10;
  static constexpr std::size_t kMostClients = 64;

  /// `address`: "127.0.0.1:5000", "[::1]:5000", "5000" (on loopback; 0: one the system chooses) or
  /// "unix:/path", which must not exist or be a socket nobody serves. Throws std::invalid_argument
  /// for another form and std::system_error, both with a text for people.
  ControlServer(Bench& bench, const std::string& address);
  ~ControlServer() override;
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// Where it listens, in the form of the constructor.
  const std::string& address() const noexcept { return address_; }
  std::uint16_t port() const noexcept { return port_; }

  void on_events(std::uint32_t events) override;

 private:
  class Client;
  void listen_on_path(const std::string& path);
  void listen_on_port(const std::string& host, std::uint16_t port);

  Bench& bench_;
  FileDescriptor listener_;
  std::string address_;
  std::string path_;  ///< of a Unix socket, removed at the end
  std::uint16_t port_ = 0;
  std::unordered_map<const Client*, std::unique_ptr<Client>> clients_;
};

}  // namespace visa::sim
