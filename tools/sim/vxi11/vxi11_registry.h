// SPDX-License-Identifier: MIT
// What all connections to one VXI-11 server share: the devices by name, as instruments ("inst0",
// "inst1") and behind a gateway ("gpib0", "gpib0,5", "gpib0,5,2"), the links by number, and the
// memory for records.
//
// Owned by the Vxi11Server; on the bench's thread only. Memory is bounded whatever clients send:
// the records of all connections share kRecordBudget, links kMostLinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/message_reader.h"
#include "tools/sim/rpc/rpc_procedure.h"
#include "tools/sim/vxi11/gpib_interface.h"
#include "tools/sim/vxi11/vxi11_device.h"
#include "tools/sim/vxi11/vxi11_link.h"

namespace visa::sim {

class Vxi11Registry {
 public:
  static constexpr std::size_t kRecordBudget = std::size_t{64} << 20;
  static constexpr std::size_t kLongestRecord = Vxi11Description::kMostReceive + 4096;
  static constexpr std::size_t kMostLinks = 16384;

  Vxi11Registry() = default;
  Vxi11Registry(const Vxi11Registry&) = delete;
  Vxi11Registry& operator=(const Vxi11Registry&) = delete;

  /// Gives an instrument a name, and a place on the bus if it asks for one that is free. Where its
  /// name is taken it gets one that is free. The instrument outlives the registry.
  Vxi11Device& add(Instrument& instrument, Vxi11Description description);
  const std::deque<Vxi11Device>& devices() const noexcept { return devices_; }

  /// What a name of create_link stands for: a device, or the error code of VXI-11.
  struct Found {
    Vxi11Device* device = nullptr;
    std::uint32_t error = 0;
    bool gateway = false;
  };
  Found find_device(std::string_view name);
  std::vector<GpibInterface::Place> places() const;

  /// A number no live link has; nothing if there are kMostLinks.
  std::optional<std::int32_t> new_link_id();
  void add_link(Vxi11Link& link);
  void remove_link(const Vxi11Link& link) noexcept;
  /// Null if there is none.
  Vxi11Link* find_link(std::int32_t id) const noexcept;

  /// An instrument wants service: its link requests it, or all links of the gateway.
  void service_requested(Vxi11Link& link);
  /// A fault for a call that belongs to no device; null: none.
  const FaultBoard::Active* next_fault(FaultPoint point, const RpcProcedure* procedure);

  InputBudget& budget() noexcept { return budget_; }
  /// The port that create_link announces for device_abort.
  std::uint16_t abort_port = 0;

 private:
  std::string free_name() const;

  InputBudget budget_{kRecordBudget};
  std::deque<Vxi11Device> devices_;
  std::unique_ptr<Vxi11Device> bus_;  ///< "gpib0", once something is on it
  std::unordered_map<std::int32_t, Vxi11Link*> links_;
  std::int32_t next_link_ = 0;
};

}  // namespace visa::sim
