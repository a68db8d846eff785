// SPDX-License-Identifier: MIT
// A bench on a thread of its own, for tests: started by the constructor on ports the system
// chooses, stopped and joined by the destructor. The thread blocks all signals, so the test's are
// untouched.
//
//   visa::sim::BenchServer bench;
//   viOpen(rm, bench.resource("scope").c_str(), ...);
//
// Every method may be called from any thread but the bench's own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tools/sim/bench/bench.h"

namespace visa::sim {

class BenchServer {
 public:
  struct Options {
    std::vector<std::string> instruments = {"pyvisa", "dmm", "scope"};  ///< bundled ones
    std::vector<std::shared_ptr<const Description>> described = {};     ///< and others
    WireSettings settings = {};
    std::vector<std::string> wires = {"socket"};  ///< to open, with those settings
    WireLog* log = nullptr;                       ///< outlives the server
    WireKinds wire_kinds = builtin_wires();       ///< that may be opened
  };

  /// Throws std::system_error when a port cannot be opened, std::invalid_argument for an unknown
  /// name.
  BenchServer() : BenchServer(Options()) {}
  explicit BenchServer(const Options& options);
  ~BenchServer();
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;

  /// Resource name and port by alias ("dmm"); throws std::out_of_range if it is not served.
  std::string resource(std::string_view alias) const { return find(alias).name; }
  std::uint16_t port(std::string_view alias) const { return find(alias).port; }
  /// Of a wire that was opened.
  const WireServer& server(std::string_view wire) const { return *bench_.server(wire); }
  std::string configuration() const { return bench_.configuration(); }

  /// Runs `task` on the bench's thread, between two events, and returns when it is done.
  void on_bench_thread(const std::function<void(Bench&)>& task);
  /// Clients connected now.
  std::size_t clients();

 private:
  const Bench::Resource& find(std::string_view alias) const;

  Bench bench_;
  std::thread thread_;
};

}  // namespace visa::sim
