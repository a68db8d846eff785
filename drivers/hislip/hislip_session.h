// SPDX-License-Identifier: MIT
// One HiSLIP session: both connections and what was agreed on when they were made (IVI-6.1, section
// 6.1). Owned by the channel; any thread as the two connections say.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "drivers/common/connector.h"
#include "drivers/common/endpoint.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/common/tls_context.h"
#include "drivers/common/tls_stream.h"
#include "drivers/hislip/async_channel.h"
#include "drivers/hislip/security_plan.h"
#include "drivers/hislip/session_state.h"
#include "drivers/hislip/sync_channel.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::hislip {

class Session {
 public:
  /// Connects twice and initializes, securely where `plan` or the instrument wants that. `host` is
  /// the host field of the resource name, `device` the sub-address. Statuses of viOpen.
  static Result<std::unique_ptr<Session>> open(std::span<const Endpoint> addresses,
                                               std::string_view host, std::string_view device,
                                               const ConnectOptions& options,
                                               std::uint32_t message_kb, SecurityPlan plan,
                                               Call& call);

  SessionState& state() noexcept { return state_; }
  AsyncChannel& async() noexcept { return *async_; }
  SyncChannel& sync() noexcept { return *sync_; }
  const Endpoint& peer() const noexcept { return peer_; }
  /// Major << 8 | minor.
  std::uint16_t version() const noexcept { return version_; }

  /// Tells the instrument the largest message that it may send, and learns the largest that it
  /// takes (6.9). Kilobytes of 1024 bytes. error_nsup_oper: the instrument refuses to agree on one.
  Status exchange_message_size(std::uint32_t kilobytes, Call& call);

  /// Switches the encryption on or off. error_nsup_attr_state: the instrument or the plan does not
  /// allow that. Messages under way may be thrown away. After a failure of a handshake the session
  /// is of no use any more.
  Status set_encryption(bool on, Call& call);
  bool encrypted() const noexcept { return encrypted_.load(std::memory_order_acquire); }
  /// Of the synchronous connection, while encrypted.
  const TlsFacts& tls_facts() const noexcept { return facts_; }

  Status set_nodelay(bool on, Call& call);
  Status set_keepalive(bool on, Call& call);
  void wake() noexcept;
  void close() noexcept;

 private:
  Session() = default;

  Status begin_security(Call& call);
  Status start_tls(Call& call);
  Status end_tls(Call& call);
  Status begin(Connection connection, std::string_view host, std::string_view device, Call& call);
  Status join(Connection connection, std::string_view host, Call& call);

  SessionState state_;
  Endpoint peer_;
  std::uint16_t version_ = 0;
  std::uint16_t id_ = 0;
  SecurityPlan plan_;
  Announced announced_;
  std::shared_ptr<const TlsContext> tls_context_;  // made when it is needed first
  TlsFacts facts_;
  std::atomic<bool> encrypted_{false};
  TcpStream* sync_stream_ = nullptr;
  TcpStream* async_stream_ = nullptr;
  TlsStream* sync_tls_ = nullptr;  // over sync_stream_
  TlsStream* async_tls_ = nullptr;
  std::unique_ptr<AsyncChannel> async_;
  std::unique_ptr<SyncChannel> sync_;  // uses async_
};

}  // namespace visa::drivers::hislip
