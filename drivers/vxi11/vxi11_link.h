// SPDX-License-Identifier: MIT
// A link to one device over a core connection of its own (locks go with the connection, and one
// connection carries one call at a time). Owned by a channel. Any thread: every operation passes
// the gate, so that what concerns locks and events may come beside a transfer and waits for it.
//
// Time: the instrument is given the deadline of the call as its I/O timeout, and the link waits for
// its answer a moment longer (patience()). Where none comes, the call is aborted on the abort
// channel, and what is owed is read through before the next call goes out: an answer never
// reaches the wrong question. A link that cannot be brought back in step is lost for good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/connector.h"
#include "drivers/common/gate.h"
#include "drivers/common/rpc_connection.h"
#include "drivers/vxi11/abort_channel.h"
#include "drivers/vxi11/vxi11_protocol.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::vxi11 {

class Link {
 public:
  /// `host` is what the user wrote, `round_trip` what connecting took.
  Link(Connection connection, std::string host, std::chrono::nanoseconds round_trip);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// create_link, before anything else. Statuses of viOpen. `abort_port`: instead of the one the
  /// instrument names, where not 0.
  Status create(std::string_view device, std::uint16_t abort_port, Call& call);

  /// destroy_link, as far as the connection still carries it, and the end of both connections. No
  /// other operation is in progress or follows.
  void destroy(Call& call) noexcept;

  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  spi::WriteResult write(std::span<const std::byte> data, bool end, Call& call);

  /// device_trigger, device_clear, device_remote, device_local.
  Status operate(Procedure procedure, Call& call);
  Result<std::uint8_t> read_status_byte(Call& call);

  /// device_lock until the deadline: error_rsrc_locked where that is immediate, else error_tmo. An
  /// instrument without locks grants them all. device_unlock: success where the lock has gone
  /// already.
  Status lock(Call& call);
  Status unlock(Call& call);

  /// create_intr_chan to an address of ours (success where there is one), and its end.
  Status open_interrupts(std::uint32_t address, std::uint16_t port, Call& call);
  Status close_interrupts(Call& call);
  Status enable_service_requests(bool on, std::span<const std::byte> handle, Call& call);

  void wake() noexcept;

  TcpStream& stream() noexcept { return rpc_.stream(); }
  const Endpoint& peer() const noexcept { return peer_; }

 private:
  /// One call and its reply as far as it got; taken up again after a deadline.
  struct Exchange {
    Procedure procedure;
    std::size_t wanted;              // bytes of results
    std::span<std::byte> room = {};  // device_read: for the data
    std::size_t asked = 0;           // device_read: how much may come
    std::uint32_t words[RpcRecords::kMostResults / kXdrWord] = {};
    std::size_t got = 0;    // words
    bool answered = false;  // words are there
    RpcOutcome outcome = RpcOutcome::malformed;
    std::size_t data_size = 0;      // device_read: how much comes
    std::size_t count = 0;          // of it, how much is there
    bool too_long = false;          // device_read: more than asked for
    Status left = Status::success;  // why the reply was no longer waited for
    std::uint32_t error() const noexcept { return words[0]; }
  };

  /// What goes to the instrument as io_timeout, and when it has answered by.
  struct Pace {
    std::uint32_t io_timeout;
    Deadline until;
  };

  Pace pace(const Call& call, bool first) const noexcept;
  Status begin(const Call& call) const;
  Status go_on(const Exchange& ex, Pace& pace, Call& call);
  Status exchange(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                  Deadline until, Call& call);
  Status receive(Exchange& ex, Call& call);
  Status receive_results(Exchange& ex, Call& call);
  Status conclude(Exchange& ex, Call& call);
  Status rescue(Exchange& ex, Call& call);
  void owe(const Exchange& ex);
  Status settle(Call& call);
  Status collect_late(Call& call);
  Status simple(Procedure procedure, RpcRequest& request, Deadline until, Call& call);
  Status instrument_error(const Exchange& ex, Call& call) const;
  Status late(Status status, Call& call) const;
  bool deliver_late(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result);
  void drop_late() noexcept;
  spi::ReadResult read_on(std::span<std::byte> into, const spi::EndRule& rule, std::size_t count,
                          Call& call);
  Result<std::uint32_t> try_lock(Call& call);
  void say_goodbye(Call& call);

  const Endpoint peer_;
  const std::string host_;
  const std::chrono::milliseconds patience_;
  Gate gate_;
  // Behind the gate:
  RpcConnection rpc_;
  AbortChannel abort_;
  std::uint32_t id_ = 0;  // any number may be one, 0 too
  bool linked_ = false;
  std::size_t piece_ = 0;  // the most data of one device_write
  std::optional<Exchange> owed_;
  bool abort_taken_ = false;  // of what is owed; since when:
  Deadline::Clock::time_point abort_time_{};
  std::vector<std::byte> late_;  // came after its read had given up
  std::size_t late_taken_ = 0;
  std::uint32_t late_reason_ = 0;
  bool lockless_ = false;  // the instrument knows no locks
};

}  // namespace visa::drivers::vxi11
