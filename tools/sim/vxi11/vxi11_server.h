// SPDX-License-Identifier: MIT
// A VXI-11 server as one host has it: core channel, abort channel, portmapper, and the devices that
// are served, as instruments ("inst0", "inst1") and behind a gateway ("gpib0", "gpib0,5",
// "gpib0,5,2").
//
// Owned by the Bench; on the bench's thread only. Memory is bounded whatever clients send: the
// records of all connections share kRecordBudget, links kMostLinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/message_reader.h"
#include "tools/sim/engine/wire.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/rpc/portmapper.h"
#include "tools/sim/vxi11/gpib_interface.h"
#include "tools/sim/vxi11/vxi11_device.h"

namespace visa::sim {

class Vxi11Server : private FaultListener {
 public:
  static constexpr std::size_t kRecordBudget = std::size_t{64} << 20;
  static constexpr std::size_t kLongestRecord = Vxi11Description::kMostReceive + 4096;
  static constexpr std::size_t kMostLinks = 16384;

  // Ports: 0 = one the system chooses. Throws std::system_error.
  Vxi11Server(EventLoop& loop, const std::string& address, std::uint16_t core_port,
              std::uint16_t abort_port);
  ~Vxi11Server() override;
  Vxi11Server(const Vxi11Server&) = delete;
  Vxi11Server& operator=(const Vxi11Server&) = delete;

  // Serves an instrument, which outlives the server. Throws std::invalid_argument if the name or
  // the place on the bus it asks for is taken.
  std::unique_ptr<Wire> add(Instrument& instrument, Vxi11Description description);
  // What a portmapper should know.
  std::vector<Portmapper::Mapping> mappings() const;
  // Answers GETPORT; port 0: one the system chooses. Throws std::system_error.
  void open_portmapper(std::uint16_t port);

  const std::string& address() const noexcept { return address_; }
  std::uint16_t core_port() const noexcept { return core_.port(); }
  std::uint16_t abort_port() const noexcept { return abort_.port(); }
  // 0 without one.
  std::uint16_t portmapper_port() const noexcept {
    return portmapper_ != nullptr ? portmapper_->port() : std::uint16_t{0};
  }
  EventLoop& loop() noexcept { return loop_; }
  InputBudget& budget() noexcept { return budget_; }

  // What a name of create_link stands for: a device, or the error code of VXI-11.
  struct Found {
    Vxi11Device* device = nullptr;
    std::uint32_t error = 0;
    bool gateway = false;
  };
  Found find_device(std::string_view name);
  std::vector<GpibInterface::Place> places() const;

  // A number no live link has; nothing if there are kMostLinks.
  std::optional<std::int32_t> new_link_id();
  void add_link(Vxi11Link& link);
  void remove_link(const Vxi11Link& link) noexcept;
  // Null if there is none.
  Vxi11Link* find_link(std::int32_t id) const noexcept;

  // An instrument wants service: its link is told, or all links of the gateway.
  void service_requested(Vxi11Link& link);
  // A fault for a call that belongs to no device; null: none.
  const FaultBoard::Active* next_fault(FaultPoint point, const RpcProcedure* procedure);

 private:
  class Abort;
  class DeviceWire;

  void on_faults_changed() override;
  std::string free_name() const;

  EventLoop& loop_;
  std::string address_;
  InputBudget budget_{kRecordBudget};
  std::deque<Vxi11Device> devices_;
  std::unique_ptr<Vxi11Device> bus_;  // "gpib0", once something is on it
  std::unordered_map<std::int32_t, Vxi11Link*> links_;
  std::int32_t next_link_ = 0;
  TcpServer core_;
  TcpServer abort_;
  std::unique_ptr<Portmapper> portmapper_;
};

}  // namespace visa::sim
