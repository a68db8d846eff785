// SPDX-License-Identifier: MIT
// One session of HiSLIP: a client's two channels to an instrument, message ids and RMT-delivered,
// interrupted, device clear, status, service requests, its place in the lock.
//
// Owned by the HislipRegistry, from Initialize until one of its connections goes; on the bench's
// thread only. Answers are cut into messages as the synchronous channel takes them: what is not
// sent yet stays in the Link, so a new message or a device clear can take it back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/engine/link.h"
#include "tools/sim/hislip/hislip_channel.h"
#include "tools/sim/hislip/hislip_device.h"
#include "tools/sim/hislip/hislip_faults.h"
#include "tools/sim/hislip/hislip_security.h"

namespace visa::sim {

class HislipSession;

/// The table of sessions, as one of them sees it.
class HislipSessionOwner {
 public:
  virtual ~HislipSessionOwner() = default;
  /// Destroys the session: its locks and its link go now.
  virtual void close(const HislipSession& session) noexcept = 0;
};

class HislipSession : private LinkEvents, public HislipLockUser {
 public:
  /// So long an operation of the asynchronous channel waits for the message of the synchronous one
  /// that the client says it has sent before.
  static constexpr std::chrono::seconds kOrderTime{3};
  static constexpr std::uint64_t kUsualMessage = std::uint64_t{1} << 20;

  /// `time`: until the second channel has to be there, and for each step into TLS. `owner`,
  /// `device` and the channels outlive the session.
  HislipSession(HislipSessionOwner& owner, HislipDevice& device, HislipChannel& synchronous,
                std::uint16_t id, std::uint16_t version, std::chrono::milliseconds time);
  ~HislipSession() override;
  HislipSession(const HislipSession&) = delete;
  HislipSession& operator=(const HislipSession&) = delete;

  std::uint16_t id() const noexcept { return id_; }
  /// Both channels are there.
  bool complete() const noexcept { return async_ != nullptr; }

  /// InitializeResponse; the second channel with AsyncInitializeResponse.
  void greet();
  void attach(HislipChannel& asynchronous);
  /// Destroys this session.
  void channel_gone(const HislipChannel& channel);

  HislipPlan admit(const HislipChannel& channel, const HislipHeader& header);
  /// Payload of Data; returns how much was taken. `last`: it is all that the message has.
  std::size_t take(const HislipHeader& header, std::string_view payload, bool last);
  /// A message is whole. `payload`: as it was collected.
  void finish(HislipChannel& channel, const HislipHeader& header, std::string_view payload);
  /// FatalError on both channels, and their end.
  void fatal(HislipFatal code, std::string_view text);

  /// Input can be taken, as far as the answers that have not gone yet are concerned.
  bool has_room() const noexcept;
  /// Sends what the instrument has answered, as far as the channel takes it. Called when all input
  /// that has come is dealt with: an answer is interrupted when more input has come after it.
  void respond();
  void on_time(Clock::time_point now);
  std::optional<Clock::time_point> next_due() const;
  /// The asynchronous channel has sent something.
  void on_asynchronous_sent();

  /// A channel's TLS is complete, of the kind `what`; has ended; has failed.
  void on_secured(const HislipChannel& channel, const std::string& what);
  void on_cleared(const HislipChannel& channel);
  void on_tls_failed(const HislipChannel& channel, const std::string& reason);

  const FaultBoard::Active* next_fault(FaultPoint point, const WireOperation* operation);
  bool is_on(std::uint32_t fault) const noexcept {
    return device_.instrument.faults().is_on(fault);
  }

 private:
  /// What waits for a message that the client has sent before on the other channel.
  struct Deferred {
    std::uint32_t after = 0;  ///< that message's id
    Clock::time_point until;
    std::uint8_t code = 0;
  };
  using Handler = void (HislipSession::*)(const HislipHeader& header, std::string_view payload);

  void on_late_answer() override;
  void on_service_request() override;
  void on_interrupted() override;
  void on_drop(bool reset) override;
  std::string peer() const override;
  void on_lock_granted() override;
  void on_lock_changed() override;

  // hislip_session.cpp
  HislipPlan admit_known(HislipChannel& channel, const HislipHeader& header,
                         std::size_t most = HislipChannel::kMostControl);
  bool meet_fault(HislipChannel& channel, const HislipHeader& header);
  void send(HislipChannel& channel, HislipMessage message);
  void send(HislipChannel& channel, HislipMessage message, const FaultBoard::Active* active);
  void error(HislipChannel& channel, HislipError code, std::string_view text);
  void log_message(const HislipHeader& header) const;

  // hislip_secure_channel.cpp
  using Stage = HislipSecurity::Stage;
  bool secure_capable() const noexcept;
  std::uint8_t features(bool overlapped) const noexcept;
  std::string_view closed_because() const noexcept;
  std::optional<HislipPlan> admit_secure(const HislipChannel& channel, const HislipHeader& header);
  HislipPlan insecure(const std::string& text);
  bool quiet(const HislipHeader& header, std::string_view payload) const;
  const FaultBoard::Active* turn_fault(HislipType response, std::uint8_t& answer);
  std::uint8_t turn_answer(const HislipHeader& header, std::string_view payload, Stage from);
  void async_start_tls(const HislipHeader& header, std::string_view payload);
  void start_tls();
  void begin_handshake(HislipChannel& channel, Stage stage, const FaultBoard::Active* active);
  void enter(Stage stage);
  void async_end_tls(const HislipHeader& header, std::string_view payload);
  void end_tls();
  void note_tls_error(std::string_view text);
  void get_descriptors(HislipChannel& channel);
  void turn(const HislipHeader& header);
  void change_encryption(std::uint8_t wanted);

  // hislip_authentication.cpp
  void authenticate(const HislipHeader& header, std::string_view payload);
  void mechanism_list();
  void authentication_start(std::string_view mechanism);
  void authentication_exchange(std::string_view response);
  void finish_authentication(const SaslStep& step, const FaultBoard::Active* active);

  // hislip_synchronous.cpp
  HislipPlan admit_synchronous(const HislipHeader& header);
  HislipPlan admit_input(const HislipHeader& header);
  void begin_message(const HislipHeader& header);
  void finish_synchronous(const HislipHeader& header, std::string_view payload);
  void finish_input(const HislipHeader& header);
  void complete_clear(const HislipHeader& header);
  std::size_t answer_limit() const noexcept;
  void send_answer(OutputQueue payload, bool end);

  // hislip_asynchronous.cpp
  static Handler asynchronous_handler(HislipType type) noexcept;
  HislipPlan admit_asynchronous(const HislipHeader& header);
  void maximum_size(const HislipHeader& header, std::string_view payload);
  void lock(const HislipHeader& header, std::string_view key);
  void lock_info(const HislipHeader& header, std::string_view payload);
  void remote_local(const HislipHeader& header, std::string_view payload);
  void status_query(const HislipHeader& header, std::string_view payload);
  void device_clear(const HislipHeader& header, std::string_view payload);
  void lock_response(std::uint8_t code);
  void release_lock(bool tell);
  /// The client's message `id` has been executed, or none of that number can be expected.
  bool has_executed(std::uint32_t id) const noexcept;
  void perform_deferred(Clock::time_point now);
  void touch() noexcept;

  HislipSessionOwner& owner_;
  HislipDevice& device_;
  HislipChannel* sync_;
  HislipChannel* async_ = nullptr;
  const std::uint16_t id_;
  const std::uint16_t version_;
  const std::chrono::milliseconds step_time_;
  const Clock::time_point complete_by_;
  bool overlap_;
  Link link_;

  std::uint64_t client_maximum_ = kUsualMessage;
  std::uint32_t message_id_ = kHislipNoId;    ///< of the message that came last
  std::uint32_t executed_id_ = kHislipNoId;   ///< of the last one that is executed
  std::uint32_t server_id_ = kHislipFirstId;  ///< overlap: of the next message of the server
  std::uint32_t sent_id_ = kHislipNoId;       ///< of the last Data or DataEND of the server
  bool rmt_expected_ = false;                 ///< synchronized: a DataEND was sent
  bool answered_ = false;                     ///< the answer that is unread now was sent to its end
  bool clearing_ = false;                     ///< between AsyncDeviceClear and DeviceClearComplete
  bool srq_sent_ = false;                     ///< and not polled since
  bool ended_ = false;                        ///< the link's ending is on its way
  std::optional<Clock::time_point> lock_until_;  ///< how long the lock is waited for
  std::optional<Deferred> release_;
  std::optional<Deferred> remote_;
  HislipSecurity security_;
};

}  // namespace visa::sim
