// SPDX-License-Identifier: MIT
// One link of VXI-11: a client's connection to an instrument, or to the bus behind the gateway.
//
// Owned by its Vxi11Core; on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/engine/link.h"
#include "tools/sim/vxi11/gpib_interface.h"
#include "tools/sim/vxi11/vxi11_device.h"

namespace visa::sim {

class Vxi11Link;

/// The connection of a client, as its links and the rest of the server see it. None of these
/// destroys the link.
class Vxi11LinkOwner {
 public:
  virtual ~Vxi11LinkOwner() = default;
  /// Who the client is, for people: "127.0.0.1:40000".
  virtual std::string peer() const = 0;
  /// An answer has come, or input can be taken again.
  virtual void wake_up() = 0;
  /// The connection has to end.
  virtual void drop(bool reset) = 0;
  /// The instrument of `link` wants service: its links are to request it.
  virtual void pass_service_request(Vxi11Link& link) = 0;
  /// Requests service over the interrupt channel, if `link` has it enabled.
  virtual void send_service_request(Vxi11Link& link) = 0;
  /// device_abort: what `link` is waiting for ends with error 23.
  virtual void abort(const Vxi11Link& link) = 0;
};

class Vxi11Link : private LinkEvents {
 public:
  /// `gateway`: opened by a name of the gateway. `places`: the instruments on the bus, for its
  /// link.
  Vxi11Link(Vxi11LinkOwner& owner, Vxi11Device& device, std::int32_t id, bool gateway,
            const std::vector<GpibInterface::Place>& places);
  ~Vxi11Link() override;
  Vxi11Link(const Vxi11Link&) = delete;
  Vxi11Link& operator=(const Vxi11Link&) = delete;

  std::int32_t id() const noexcept { return id_; }
  Vxi11LinkOwner& owner() noexcept { return owner_; }
  Vxi11Device& device() noexcept { return device_; }
  bool gateway() const noexcept { return gateway_; }
  /// Null for the link of a device.
  GpibInterface* bus() noexcept { return bus_.get(); }
  /// Null for the link of the bus.
  Link* link() noexcept { return link_ ? &*link_ : nullptr; }
  /// What device_read reads (may be null) and device_write reaches.
  Link* source() noexcept { return bus_ != nullptr ? bus_->talker() : &*link_; }
  std::vector<Link*> targets();
  /// Under which the faults of its instrument know it; 0 for the bus.
  std::uint64_t client() const noexcept { return link_ ? link_->id() : 0; }
  FaultBoard* faults() noexcept;
  bool service_requested() const noexcept;

  bool logged() const noexcept { return link_ && link_->logged(); }
  void log(std::string_view event, std::string_view bytes) const;

  bool srq_enabled = false;
  std::string srq_handle;

 private:
  void on_late_answer() override;
  void on_service_request() override;
  void on_drop(bool reset) override;
  std::string peer() const override;

  Vxi11LinkOwner& owner_;
  Vxi11Device& device_;
  std::int32_t id_;
  bool gateway_;
  std::optional<Link> link_;
  std::unique_ptr<GpibInterface> bus_;
};

}  // namespace visa::sim
