// SPDX-License-Identifier: MIT
// A link to one device, over a core connection of its own (locks belong to the connection, and one
// connection carries one call at a time). Owned by a channel. Any thread: every operation passes
// the gate, so operations on locks and events may be called during a transfer, and wait for its
// end.
//
// Time: the instrument gets the time left until the deadline of the call as its I/O timeout, and
// the link waits a moment longer for the answer (patience_). If none comes, the call is aborted on
// the abort channel and returns; its answer is then owed. Until the answer has come, the link sends
// nothing else, and every further call returns at its own deadline. So an answer never reaches the
// wrong question, however late it is; after it has come, the link is in step again. A lock that is
// granted late is given back as soon as the answer comes (LateWatch), even if the program makes no
// other call.
//
// viClear does not wait for an owed answer for ever: it makes a second core connection with a link
// of its own (replace(), vxi11_reconnect.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "drivers/common/connector.h"
#include "drivers/common/gate.h"
#include "drivers/common/rpc_connection.h"
#include "drivers/vxi11/abort_channel.h"
#include "drivers/vxi11/kept_answer.h"
#include "drivers/vxi11/late_watch.h"
#include "drivers/vxi11/vxi11_protocol.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/bus_facets.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::vxi11 {

class Link {
 public:
  /// `host` is what the user wrote, `round_trip` the time that connecting took, `options` those of
  /// the connection, which replace() uses again.
  Link(Connection connection, std::string host, std::chrono::nanoseconds round_trip,
       const ConnectOptions& options);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// create_link, before any other operation. Statuses of viOpen. `abort_port`, if not 0, replaces
  /// the port that the instrument names.
  Status create(std::string_view device, std::uint16_t abort_port, Call& call);

  /// Sends destroy_link if the connection still can, then closes both connections. No other
  /// operation may be in progress or follow.
  void destroy(Call& call) noexcept;

  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  spi::WriteResult write(std::span<const std::byte> data, bool end, Call& call);

  /// device_clear; after it neither side holds any byte of an earlier message.
  Status clear(Call& call);
  /// device_trigger, device_remote, device_local.
  Status operate(Procedure procedure, Call& call);
  Result<std::uint8_t> read_status_byte(Call& call);
  /// device_docmd, as DeviceCommandFacet has it.
  Result<spi::DeviceAnswer> command(std::uint32_t number, std::uint32_t item,
                                    std::span<const std::byte> data, Call& call);

  /// device_lock until the deadline: error_rsrc_locked if the deadline is immediate, else
  /// error_tmo. Success if the instrument has no locks. device_unlock: success if the lock is gone
  /// already.
  Status lock(Call& call);
  Status unlock(Call& call);

  /// create_intr_chan (success if there is a channel already) to the address at which the server of
  /// interrupt_service.h then listens for `handle`, and destroy_intr_chan.
  Status open_interrupts(const Handle& handle, Call& call);
  Status close_interrupts(Call& call);
  /// device_enable_srq with the handle of the latest open_interrupts.
  Status enable_service_requests(bool on, Call& call);

  void wake() noexcept;

  /// TCP_NODELAY and SO_KEEPALIVE, also during another operation.
  Status set_nodelay(bool on, Call& call);
  Status set_keepalive(bool on, Call& call);

  const Endpoint& peer() const noexcept { return peer_; }

 private:
  /// One call and the part of its reply that has arrived; continued after a deadline.
  struct Exchange {
    Procedure procedure;
    std::size_t wanted;              // bytes of results
    std::size_t optional = 0;        // so many of these may be missing
    std::span<std::byte> room = {};  // device_read: for the data
    std::uint32_t words[RpcRecords::kMostResults / kXdrWord] = {};
    std::size_t got = 0;    // words
    bool answered = false;  // the words have arrived
    RpcOutcome outcome = RpcOutcome::malformed;
    std::size_t data_size = 0;      // device_read: size of the data; may exceed what was asked for
    std::size_t count = 0;          // how much of the data was taken
    Status left = Status::success;  // why the call stopped waiting for the reply
    std::uint32_t error() const noexcept { return words[0]; }
    bool granted() const noexcept {
      return outcome == RpcOutcome::success && got > 0 && error() == kNoError;
    }
  };

  /// The io_timeout for the instrument, and the time by which it must have answered.
  struct TimeBudget {
    std::uint32_t io_timeout;
    Deadline until;
  };

  /// What happens to an unread answer when another operation begins.
  enum class Rest : std::uint8_t {
    keep,     // the next read will get it
    deliver,  // this operation is the next read
    drop,     // the instrument drops it too; the part that has not come is skipped later
    skip,     // likewise, but the operation first waits until all of it has come
  };

  /// The interrupt channel as the session has set it up at the instrument.
  struct Interrupts {
    bool open = false;
    bool enabled = false;
    Handle handle{};
  };

  // vxi11_link.cpp
  TimeBudget budget(const Call& call, bool first) const noexcept;
  Status enter(const GatePass& pass, Call& call) const;
  Status begin(Call& call) const;
  Status go_on(const Exchange& ex, TimeBudget& budget, Call& call);
  Status exchange(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                  Deadline until, Call& call);
  Status exchange_once(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                       Deadline until, Call& call);
  Status receive(Exchange& ex, Call& call);
  static Status receive_results(RpcConnection& rpc, Exchange& ex, Call& call);
  Status conclude(Exchange& ex, Call& call);
  Status call_for_error(Procedure procedure, RpcRequest& request, Deadline until, Call& call);
  Status instrument_error(const Exchange& ex, Call& call) const;
  Status late(Status status, Call& call) const;

  // vxi11_recovery.cpp
  Status abort_and_receive(Exchange& ex, Call& call);
  void set_owed(const Exchange& ex);
  bool in_step() const noexcept;
  Status resynchronise(Call& call, Rest rest = Rest::keep);
  Status await_owed(Call& call, Rest rest);
  Status await_reply(Call& call);
  Status still_owed(Status status, Call& call) const;
  Status keep_rest(Call& call);
  Status drop_rest(Call& call, bool at_once);
  void close_owed();
  Status give_back();
  void watch_late_lock();
  void start_watch();
  bool strayed(const Exchange& ex) noexcept;
  void say_goodbye(Call& call);

  // vxi11_reconnect.cpp
  Status clear_inside(Call& call);
  Status resynchronise_or_replace(Call& call);
  Status replace(Call& call);
  Status join(Call& call);
  Status dial(Call& call);
  void drop_next() noexcept;
  void break_off();
  void adopt();
  Status restore(Call& call);
  Status restore_interrupts(Call& call);

  // vxi11_transfer.cpp
  bool deliver_rest(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result,
                    Call& call);
  Status stream(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result,
                Call& call);
  spi::ReadResult read_on(std::span<std::byte> into, const spi::EndRule& rule, std::size_t count,
                          Call& call);
  bool may_go_on(const Exchange& ex, const Call& call) noexcept;

  // vxi11_control.cpp
  Status operate_inside(Procedure procedure, Call& call);
  void put_create_link(RpcRequest& request) const;
  void take_link(const Exchange& ex);
  Result<std::uint32_t> try_lock(Call& call);
  Status acquire(Call& call);
  Status create_channel(Call& call);
  Status send_enable(bool on, Call& call);

  const Endpoint peer_;
  const std::string host_;
  const std::string name_;  // for details
  const std::chrono::milliseconds patience_;
  std::string device_;
  std::uint16_t abort_port_ = 0;  // as configured
  Gate gate_;
  // Held only briefly. rpc_ and next_ are replaced only inside the gate and under this mutex.
  Mutex wires_;
  ConnectOptions options_ VISA_GUARDED_BY(wires_);
  // Used only inside the gate:
  std::unique_ptr<RpcConnection> rpc_;   // never null
  std::unique_ptr<RpcConnection> next_;  // a second connection, while it has no link yet
  Exchange joining_{Procedure::create_link, 4 * kXdrWord};  // create_link on next_
  AbortChannel abort_;
  std::uint32_t id_ = 0;  // any number is valid, also 0
  bool linked_ = false;
  std::size_t piece_ = 0;  // the most data of one device_write
  std::optional<Exchange> owed_;
  int aborts_left_ = 0;        // further attempts to abort the call whose reply is owed
  bool abort_astray_ = false;  // an unconfirmed abort was sent, which may still end any call
  KeptAnswer kept_;            // read before the owed reply
  bool unlock_due_ = false;    // a lock was granted after its viLock had given up
  bool lockless_ = false;      // the instrument knows no locks
  // The session's state at the instrument, and the parts that a new link still lacks:
  bool locked_ = false;
  Interrupts interrupts_;
  bool lock_missing_ = false;
  bool interrupts_missing_ = false;
  LateWatch watch_;
};

}  // namespace visa::drivers::vxi11
