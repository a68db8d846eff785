// SPDX-License-Identifier: MIT
// A channel that tells an observer of everything that passes over the wire of another one, and
// changes nothing. Made at viOpen when somebody wants it; otherwise the session has the driver's
// own channel, and the cost is none. Threads as spi::Channel says.
#pragma once

#include <memory>

#include "lib/core/wire_observer.h"
#include "lib/spi/channel.h"

namespace visa::core {

class TracingChannel final : public spi::Channel,
                             private spi::BufferFacet,
                             private spi::RemoteLocalFacet,
                             private spi::RemoteLockFacet {
 public:
  TracingChannel(std::unique_ptr<spi::Channel> inner, std::unique_ptr<WireObserver> observer);
  ~TracingChannel() override;

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return inner_->traits(); }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override { inner_->wake(); }
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;
  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override {
    return inner_->get_attribute(id, call);
  }
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override {
    return inner_->set_attribute(id, value, call);
  }
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  /// The groups that move data or change the instrument's state pass through here; the others are
  /// the inner channel's own.
  spi::Facets facets() noexcept override;

 private:
  class Sink;

  Status discard_input(Call& call) override;
  Status flush_output(bool discard, Call& call) override;
  Status resize(bool input, std::uint32_t size, Call& call) override;
  Status control_ren(spi::RenMode mode, Call& call) override;
  bool carries(spi::RemoteLockKind kind) const noexcept override;
  Status lock(spi::RemoteLockKind kind, std::string_view key, Call& call) override;
  Status unlock(spi::RemoteLockKind kind, Call& call) override;

  /// Runs `body` and tells of it; the record's status and time are filled in here.
  template <class Body>
  Status observe(WireRecord record, Body&& body);
  void tell(const WireRecord& record);

  const std::unique_ptr<spi::Channel> inner_;
  const std::unique_ptr<WireObserver> observer_;
  std::unique_ptr<Sink> sink_;  // while an event is enabled
};

}  // namespace visa::core
