// SPDX-License-Identifier: MIT
// One HiSLIP session (TCPIP::host::hislip0::INSTR) as the core sees it. Owned by one session;
// threads as spi::Channel says. A status query travels on the asynchronous connection and waits for
// no transfer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "drivers/common/tcp_attributes.h"
#include "drivers/hislip/hislip_session.h"
#include "lib/base/fork_stamp.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers::hislip {

/// VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB of a new session.
inline constexpr std::uint32_t kDefaultMessageKb = 1024;

class HislipChannel final : public spi::Channel,
                            private spi::RemoteLocalFacet,
                            private spi::RemoteLockFacet,
                            private TcpAttributes {
 public:
  /// `host` is the host field of the resource name, `device` the sub-address; `options` are those
  /// the sockets were connected with, `message_kb` the size that was agreed on.
  HislipChannel(std::unique_ptr<Session> session, std::string host, std::string device,
                const ConnectOptions& options, std::uint32_t message_kb);
  ~HislipChannel() override;

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override;
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;

  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<HislipChannel>> bindings() noexcept;

 private:
  Status control_ren(spi::RenMode mode, Call& call) override;
  bool carries(spi::RemoteLockKind) const noexcept override { return true; }
  Status lock(spi::RemoteLockKind kind, std::string_view key, Call& call) override;
  Status unlock(spi::RemoteLockKind kind, Call& call) override;
  /// Who keeps this session from a lock, for the user.
  std::string lock_holders(Call& call);

  Result<model::AttributeValue> device_name(Call& call);
  Result<model::AttributeValue> is_hislip(Call& call);
  Result<model::AttributeValue> overlap(Call& call);
  Status set_overlap(const model::AttributeValue& value, Call& call);
  Result<model::AttributeValue> version(Call& call);
  Result<model::AttributeValue> message_kb(Call& call);
  Status set_message_kb(const model::AttributeValue& value, Call& call);
  Result<model::AttributeValue> encryption(Call& call);
  Status set_encryption(const model::AttributeValue& value, Call& call);
  Result<model::AttributeValue> certificate_issuer(Call& call);
  Result<model::AttributeValue> certificate_subject(Call& call);
  Result<model::AttributeValue> certificate_end(Call& call);
  Result<model::AttributeValue> certificate_is_perpetual(Call& call);
  Result<model::AttributeValue> certificate(Call& call);
  Result<model::AttributeValue> certificate_size(Call& call);
  Result<model::AttributeValue> sasl_mechanism(Call& call);
  Result<model::AttributeValue> cipher_suite(Call& call);
  Status apply_nodelay(bool on, Call& call) override { return session_->set_nodelay(on, call); }
  Status apply_keepalive(bool on, Call& call) override { return session_->set_keepalive(on, call); }

  Status answered_by_error(const AsyncChannel::Answer& answer, Call& call);
  bool in_child_of_fork() const noexcept { return stamp_ != fork_stamp(); }

  const std::uint32_t stamp_ = fork_stamp();
  std::unique_ptr<Session> session_;
  const std::string device_;
  std::uint32_t message_kb_;
  bool certificate_size_read_ = false;
};

}  // namespace visa::drivers::hislip
