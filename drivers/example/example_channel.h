// SPDX-License-Identifier: MIT
// One session on a loop device: the parts of spi::Channel that a typical wire has, each in its
// simplest correct form. Owned by its session; threads as spi::Channel says.
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

  /// Ends the connection. The destructor only frees memory, because it also runs in a child of
  /// fork, which must not touch the wire.
  void close(Call& call) noexcept override;

  /// duplex: a read and a write may run at the same time, so the core gives each a lane of its own.
  /// status_beside_transfer: the status byte can be read during a transfer.
  spi::Traits traits() const noexcept override {
    return {.duplex = true, .status_beside_transfer = true};
  }

  /// The result says why the read stopped; the core derives the VISA status from that. Every wait
  /// ends at call.deadline, or soon after the call was cancelled. Whatever the status is, the bytes
  /// received are delivered and counted.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;

  /// Any thread may call it, also before or after the wait it is meant for. Never blocks.
  void wake() noexcept override;

  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  /// Attributes whose home is "driver": one constant table, in both directions.
  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;

  /// The driver posts occurrences to `sink` from a thread of its own or from the thread that is in
  /// an operation; never while it holds a lock. A service request is posted once each time the
  /// instrument asserts it; read_status_byte is the serial poll that ends it.
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;

  /// The groups of operations that this wire has; the core answers "not supported" for all others.
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
