// SPDX-License-Identifier: MIT
// One TCP connection to a HiSLIP server. Its first message says which channel of which session it
// is; what crosses it is then the HislipSession's business.
//
// Owned by the HislipServer's TcpServer; on the bench's thread only. Memory: an unfinished header,
// kMostControl bytes of a message other than Data (SaslExchange::kLongest of
// AuthenticationExchange), kReceiveBytes that wait while the session takes nothing, what the
// HislipTransport holds, and the HislipOutput. Payload of Data is handed on as it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/hislip/hislip_channel.h"
#include "tools/sim/hislip/hislip_faults.h"
#include "tools/sim/hislip/hislip_message.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class HislipRegistry;
class HislipSession;

class HislipConnection : public TcpConnection, public HislipChannel {
 public:
  /// A connection that has nothing more to say waits so long for the client to close it.
  static constexpr std::chrono::seconds kLeaveTime{1};

  /// Both outlive the connection.
  HislipConnection(HislipRegistry& registry, TcpServer& server, FileDescriptor socket);
  ~HislipConnection() override;

  void on_events(std::uint32_t events) override;
  void on_due(Clock::time_point now) override;

  std::string peer() const override;
  HislipOutput& output() noexcept override { return output_; }
  void push() override;
  void wake() override;
  void end(bool reset) override;
  void leave() override;
  void start_tls(HislipHandshake handshake) override;
  void end_tls(bool notify) override;
  void give_up_tls() override { transport_.give_up_turns(); }
  std::string client_name() const override { return transport_.client_name(); }
  void faults_changed();

 private:
  enum class Role : std::uint8_t { fresh, synchronous, asynchronous, leaving };

  /// Each returns false when the connection is over.
  bool serve(std::uint32_t events);
  bool receive();
  bool resume();
  bool send_output();
  bool send_answers();
  bool settle();
  bool finish_leaving();

  /// Bytes as they came; what the session does not take is held.
  void execute(std::string_view input);
  void execute_clear(std::string_view input);
  void execute_tls(std::string_view input);
  void execute_held(std::string_view input);
  void execute_plain(std::string_view plain);
  /// What has become of TLS is the session's to know.
  void tell_change();

  HislipPlan admit();
  HislipPlan admit_first(const HislipHeader& header);
  /// One message as far as `input` has it; false: the rest of it, or its turn, has to be waited
  /// for.
  bool advance(std::string_view& input);
  void finish_message();
  void initialize(const HislipHeader& header);
  void initialize_asynchronous(const HislipHeader& header);
  /// FatalError, and the end; for a connection that has no session.
  void refuse(HislipFatal code, std::string_view text);
  /// True when a fault has taken the place of a first message.
  bool meet_fault(const FaultBoard::Active* active);
  void detach();
  void wake_at(Clock::time_point when);
  void watch();

  HislipRegistry& registry_;
  TcpServer& server_;
  HislipTransport transport_;
  HislipOutput output_;
  HislipReader reader_;
  std::optional<HislipPlan> plan_;  ///< of the message whose header is complete
  std::string collected_;
  std::string held_;      ///< received, not yet looked at, plain
  bool holding_ = false;  ///< the session takes nothing now
  Role role_ = Role::fresh;
  HislipSession* session_ = nullptr;
  Clock::time_point first_by_;                ///< when the first message has to have come
  std::optional<Clock::time_point> over_by_;  ///< when a connection that ends has to be gone
  std::uint32_t watched_;
  bool ended_ = false;
};

}  // namespace visa::sim
