// SPDX-License-Identifier: MIT
// One session on a loop device: the parts of spi::Channel a typical wire has, each in its simplest
// true form. Owned by its session; threads as spi::Channel says.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drivers/common/shared_device.h"
#include "drivers/example/loop_device.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"

namespace visa::drivers::example {

using LoopDevices = SharedDevices<LoopDevice>;

class ExampleChannel final : public spi::Channel, private spi::RemoteLockFacet {
 public:
  ExampleChannel(LoopDevices::Lease device, std::string name);

  /// Ends the connection. The destructor frees memory only: it also runs in a child of fork, which
  /// must not touch the wire.
  void close(Call& call) noexcept override;

  /// duplex: a read and a write may run at once, so the core gives them a lane each.
  /// status_beside_transfer: the status byte can be asked for during a read.
  spi::Traits traits() const noexcept override {
    return {.duplex = true, .status_beside_transfer = true};
  }

  /// Says why the read stopped; the core makes the VISA status of it. Every wait ends at
  /// call.deadline and soon after call.cancelled(). What was received is delivered with its count,
  /// whatever the status.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;

  /// Any thread, never blocks, may come too early or too late.
  void wake() noexcept override;

  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  /// Attributes whose home is "driver": one constant table, in both directions.
  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;

  /// Occurrences go to `sink` from a thread that the wire owns or is in; never under a lock that a
  /// channel operation takes.
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;

  /// A wire offers the groups of operations it has; the rest answers "not supported".
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<ExampleChannel>> bindings() noexcept;

 private:
  bool carries(spi::RemoteLockKind) const noexcept override { return true; }
  Status lock(spi::RemoteLockKind kind, std::string_view key, Call& call) override;
  Status unlock(spi::RemoteLockKind kind, Call& call) override;

  Result<model::AttributeValue> device_name(Call& call);
  Result<model::AttributeValue> status_byte(Call& call);
  Status set_status_byte(const model::AttributeValue& value, Call& call);

  LoopDevices::Lease device_;
  const std::string name_;
  std::vector<std::pair<ViEventType, spi::EventSink*>> enabled_;
};

}  // namespace visa::drivers::example
