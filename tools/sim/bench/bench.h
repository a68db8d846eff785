// SPDX-License-Identifier: MIT
// The virtual bench: instruments, the wires that serve them, and the resource names under which a
// VISA program opens them. run() serves on the calling thread until stop().
//
// A Bench is used by one thread; stop() may come from any thread or a signal handler.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/description/description.h"
#include "tools/sim/discovery/mdns_responder.h"
#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire.h"
#include "tools/sim/engine/wire_log.h"
#include "tools/sim/vxi11/vxi11_server.h"

namespace visa::sim {

class Bench {
 public:
  struct Resource {
    std::string name;   // "TCPIP0::127.0.0.1::5025::SOCKET"
    std::string alias;  // "pyvisa", "pyvisa-vxi11"; the second of a name is "pyvisa2"
    std::uint16_t port = 0;
    Instrument* instrument = nullptr;
    std::shared_ptr<const Description> description;
    const Wire* wire = nullptr;
  };

  Bench() = default;
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // Adds an instrument served on SOCKET; port 0 = one the system chooses. Throws std::system_error
  // when the port cannot be had.
  const Resource& serve_socket(const std::shared_ptr<const Description>& description,
                               const std::string& address, std::uint16_t port);
  // Opens the VXI-11 server, ports 0 = ones the system chooses. From now on serve_socket() also
  // makes a VXI-11 resource of each instrument, under the alias of SOCKET and "-vxi11". Throws
  // std::system_error.
  Vxi11Server& open_vxi11(const std::string& address, std::uint16_t core_port = 0,
                          std::uint16_t abort_port = 0);
  // Null without one.
  const Vxi11Server* vxi11() const noexcept { return vxi11_.get(); }
  // Logs what crosses the wires of the instruments added from now on; the log outlives the bench.
  void set_log(WireLog* log) noexcept { log_ = log; }

  const std::deque<Resource>& resources() const noexcept { return resources_; }
  // Null if nothing is served under that alias.
  const Resource* find(std::string_view alias) const noexcept;
  // The resources as FreeVISA configuration (TOML).
  std::string configuration() const;
  // What announces them by DNS-SD: _lxi and _scpi-raw of each instrument, _vxi-11 of the one that
  // is inst0.
  std::vector<MdnsService> services() const;
  // Clients connected now, over all wires.
  std::size_t clients() const noexcept;

  void run() { loop_.run(); }
  void stop() noexcept { loop_.stop(); }
  EventLoop& loop() noexcept { return loop_; }

 private:
  std::string unused_alias(std::string_view name) const;
  const Resource& add(Instrument& instrument, const std::shared_ptr<const Description>& description,
                      std::unique_ptr<Wire> wire, const std::string& alias);

  EventLoop loop_;
  WireLog* log_ = nullptr;
  std::vector<std::unique_ptr<Instrument>> instruments_;
  std::unique_ptr<Vxi11Server> vxi11_;        // after the instruments: its links go first
  std::vector<std::unique_ptr<Wire>> wires_;  // likewise
  std::deque<Resource> resources_;            // a reference to one stays good
};

}  // namespace visa::sim
