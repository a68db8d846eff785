// SPDX-License-Identifier: MIT
// A VXI-11 instrument in the hands of a test: portmapper (UDP and TCP), core, abort and interrupt
// channel on ports of their own, on one thread. Left alone it behaves; `next` and `always` say
// otherwise for one procedure. Any thread may script and look; the wire is the thread's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/drivers/support/vxi11_answer.h"

namespace visa::test {

/// One call as the instrument saw it.
struct RpcSeen {
  std::uint32_t program = 0;
  std::uint32_t procedure = 0;
  std::uint32_t xid = 0;
  std::string arguments;
  /// The argument word at `index`.
  std::uint32_t word(std::size_t index) const;
  /// The opaque argument whose length is the word at `index`.
  std::string opaque(std::size_t index) const;
};

class FakeInstrument {
 public:
  static constexpr std::uint32_t kLink = 0;  // the first link's id, which is like any other

  /// What becomes of a core connection beside another one.
  enum class Second {
    served,
    queued,        // is not accepted until the first has ended
    refused,       // is closed at once
    without_link,  // its create_link is error 9
  };

  explicit FakeInstrument(int family = AF_INET);
  ~FakeInstrument();

  /// The next call of `procedure` (device_abort is 1) gets this answer; several queue up.
  void next(std::uint32_t procedure, Answer answer);
  /// Every call of it, where nothing is queued.
  void always(std::uint32_t procedure, Answer answer);
  /// What a device_read brings, one message after the other, in pieces as they are asked for.
  void says(std::string message);

  // Before the client connects.
  void set_receive_buffer(int bytes);  // of the core channel
  std::atomic<std::uint32_t> max_receive = 4096;
  std::atomic<std::int64_t> abort_port = -1;  // told instead of the true one
  std::atomic<bool> udp_answers = true;
  std::atomic<bool> tcp_answers = true;
  std::atomic<bool> registered = true;

  // At any time.
  std::atomic<Second> second = Second::served;
  std::atomic<bool> out_of_order = false;  // no further core connection is served at all

  std::uint16_t core_port() const { return core_.port(); }
  std::uint16_t abort_listener() const { return abort_.port(); }
  std::uint16_t portmapper_port() const { return mapper_.port(); }

  std::vector<RpcSeen> seen(std::uint32_t procedure) const;
  std::size_t count(std::uint32_t procedure) const { return seen(procedure).size(); }
  /// Waits until `procedure` was called `count` times; false when it never was.
  bool wait_for(std::uint32_t procedure, std::size_t count = 1) const;
  /// Everything device_write brought.
  std::string written() const;
  int core_connections() const;  // accepted so far
  int abort_connections() const;
  /// Sends what stalls_at held back.
  void finish_stalled();
  /// Leaves what comes on the core channel in the socket.
  void stop_reading(bool stop);
  bool core_closed() const;
  /// Whether a link holds the device's lock.
  bool locked() const;
  bool wait_until_closed() const;

  /// device_intr_srq with the handle of the link, or any bytes, on the interrupt channel.
  void request_service();
  void send_interrupt(std::string bytes);
  std::string handle() const;
  /// What the client sent on the interrupt channel: waits for `size` bytes, for a moment only.
  std::string interrupt_reply(std::size_t size, std::chrono::milliseconds patience);

 private:
  struct Connection {
    PeerEnd end;
    int kind;
    std::string received;
    std::optional<RpcSeen> held;
    std::chrono::steady_clock::time_point held_until{};
    bool over = false;
    std::optional<Answer> late = {};  // to the call held, at held_until
  };

  void run();
  void serve(Connection& connection);
  void handle_call(Connection& connection, const RpcSeen& call);
  void accept_from(int kind);
  bool others(const Connection& connection) const;
  bool waits_in_queue(int kind) const;
  Answer default_answer(Connection& connection, const RpcSeen& call);
  Answer lock_answer(Connection& connection, bool lock);
  Answer create_channel(const RpcSeen& call);
  Answer read_answer(const RpcSeen& call);
  void send(Connection& connection, const Answer& answer, std::uint32_t xid);
  void answer_datagram();
  void release_held(bool aborted);

  LoopbackServer core_;
  LoopbackServer abort_;
  LoopbackServer mapper_;
  UniqueFd udp_;
  UniqueFd stop_;
  UniqueFd poke_;
  std::vector<std::unique_ptr<Connection>> connections_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::uint32_t, std::deque<Answer>> queued_;
  std::map<std::uint32_t, Answer> always_;
  std::deque<std::string> messages_;
  std::vector<RpcSeen> seen_;
  std::string written_;
  std::string handle_;
  std::uint32_t next_link_ = kLink;
  const Connection* holder_ = nullptr;  // of the lock
  PeerEnd interrupts_;
  std::string stalled_;
  PeerEnd* stalled_end_ = nullptr;
  std::atomic<bool> deaf_{false};
  int core_connections_ = 0;
  int abort_connections_ = 0;
  int core_closed_ = 0;
  std::thread thread_;
};

}  // namespace visa::test
