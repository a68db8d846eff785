// SPDX-License-Identifier: MIT
// The virtual bench: instruments, the wires that serve them, and the resource names under which a
// VISA program opens them. run() serves on the calling thread until stop().
//
// A Bench is used by one thread; stop() may come from any thread or a signal handler.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/description/description.h"
#include "tools/sim/discovery/mdns_responder.h"
#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/engine/wire_log.h"

namespace visa::sim {

class Bench {
 public:
  struct Resource {
    std::string name;   ///< "TCPIP0::127.0.0.1::5025::SOCKET"
    std::string alias;  ///< "pyvisa", "pyvisa-vxi11"; the second of a name is "pyvisa2"
    std::uint16_t port = 0;
    Instrument* instrument = nullptr;
    std::string instrument_alias;  ///< without what the wire appends to it
    std::shared_ptr<const Description> description;
    Wire* wire = nullptr;
    std::string_view wire_name;  ///< "socket"
  };

  /// `wires` are all it may have open; they outlive it.
  explicit Bench(WireKinds wires = builtin_wires()) noexcept : wire_kinds_(wires) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  WireKinds wire_kinds() const noexcept { return wire_kinds_; }
  /// Opens every wire that `settings` do not leave out. Throws what WireKind::open throws.
  void open_all(const WireSettings& settings);
  /// Opens the wire of that name; throws std::invalid_argument if there is none, and what
  /// WireKind::open throws.
  void open(std::string_view wire, const WireSettings& settings = {});
  /// Null if the wire of that name is not open.
  WireServer* server(std::string_view wire) const noexcept;

  /// Adds an instrument, served on every wire that is open; a recorded one on its own wire alone,
  /// where that is open. `port`, 0 = one the system chooses, is
  /// for the first wire that has one for each instrument. Returns the first of its resources.
  /// Throws std::system_error when a port cannot be opened, std::logic_error when no wire is open.
  const Resource& serve(const std::shared_ptr<const Description>& description, std::uint16_t port);
  /// Logs what crosses the wires of the instruments added from now on; the log outlives the bench.
  void set_log(WireLog* log) noexcept { log_ = log; }
  /// Where the instruments added from now on remark what the user has to hear of while the bench
  /// runs, with the name of the instrument before it.
  void set_remark(std::function<void(const std::string&)> remark) { remark_ = std::move(remark); }
  /// Called once, when everything is served: see WireServer::start.
  void start();

  const std::deque<Resource>& resources() const noexcept { return resources_; }
  /// Null if nothing is served under that alias.
  const Resource* find(std::string_view alias) const noexcept;
  /// The resources as FreeVISA configuration (TOML).
  std::string configuration() const;
  /// What a program needs in its environment to reach them, "NAME=value".
  std::vector<std::string> environment() const;
  /// What the user has to know beside that, a line each.
  std::vector<std::string> remarks() const;
  /// What announces the resources by DNS-SD. `host` ("bench.local"): what they call this computer.
  std::vector<MdnsService> services(const std::string& host) const;
  /// Clients connected now, over all wires.
  std::size_t clients() const noexcept;

  void run() { loop_.run(); }
  void stop() noexcept { loop_.stop(); }
  EventLoop& loop() noexcept { return loop_; }

 private:
  struct Open {
    const WireKind* kind = nullptr;
    std::unique_ptr<WireServer> server;
  };

  void open(const WireKind& kind, const WireSettings& settings);
  std::string unused_alias(std::string_view name) const;
  const Resource* stands_for_recorded(const Instrument& instrument) const;
  void append_recorded_names(std::string& text, const Resource& resource) const;

  WireKinds wire_kinds_;
  EventLoop loop_;
  WireLog* log_ = nullptr;
  std::function<void(const std::string&)> remark_;
  std::vector<std::unique_ptr<Instrument>> instruments_;
  std::vector<Open> servers_;                 ///< after the instruments: their links go first
  std::vector<std::unique_ptr<Wire>> wires_;  ///< likewise
  std::deque<Resource> resources_;            ///< a reference to one stays good
};

}  // namespace visa::sim
