// SPDX-License-Identifier: MIT
// The virtual bench: instruments, the wires that serve them, and the resource names under which a
// VISA program opens them. run() serves on the calling thread until stop().
//
// A Bench is used by one thread; stop() may come from any thread or a signal handler.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/event_loop.h"
#include "tools/sim/instrument.h"
#include "tools/sim/socket_wire.h"

namespace visa::sim {

// A kind of instrument the bench has.
struct InstrumentKind {
  std::string_view name;         // "dmm", also the alias in the configuration
  std::string_view description;  // for the help text
  std::uint16_t port;            // usual port of its SOCKET
  std::unique_ptr<Instrument> (*make)();
};

std::span<const InstrumentKind> instrument_kinds() noexcept;
// Null if there is no such kind.
const InstrumentKind* find_instrument_kind(std::string_view name) noexcept;

class Bench {
 public:
  struct Resource {
    std::string name;   // "TCPIP0::127.0.0.1::5025::SOCKET"
    std::string alias;  // "pyvisa"; the second of a kind is "pyvisa2"
    std::uint16_t port = 0;
  };

  Bench() = default;
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // Adds an instrument of `kind` served on SOCKET; port 0 = one the system chooses. Throws
  // std::system_error when the port cannot be had.
  const Resource& serve_socket(const InstrumentKind& kind, const std::string& address,
                               std::uint16_t port);

  const std::deque<Resource>& resources() const noexcept { return resources_; }
  // The resources as FreeVISA configuration (TOML).
  std::string configuration() const;
  // Clients connected now, over all wires.
  std::size_t clients() const noexcept;

  void run() { loop_.run(); }
  void stop() noexcept { loop_.stop(); }
  EventLoop& loop() noexcept { return loop_; }

 private:
  std::string unused_alias(std::string_view kind) const;

  EventLoop loop_;
  std::vector<std::unique_ptr<Instrument>> instruments_;
  std::vector<std::unique_ptr<SocketWire>> wires_;  // after the instruments: their links go first
  std::deque<Resource> resources_;                  // a reference to one stays good
};

}  // namespace visa::sim
