// SPDX-License-Identifier: MIT
// One client of the core channel: its links, its interrupt channel and the one call that waits, for
// a lock, for an answer or for the client to accept the interrupt channel.
//
// Owned by the Vxi11Server's TcpServer; on the bench's thread only. Memory: kMostLinks links, one
// record (see RpcConnection), and replies whose data is shared with the instrument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/rpc/rpc_connection.h"
#include "tools/sim/rpc/rpc_reply.h"
#include "tools/sim/vxi11/vxi11_arguments.h"
#include "tools/sim/vxi11/vxi11_interrupt.h"
#include "tools/sim/vxi11/vxi11_link.h"
#include "tools/sim/vxi11/vxi11_registry.h"

namespace visa::sim {

class Vxi11Core : public RpcConnection, public Vxi11LinkOwner, private Vxi11LockWaiter {
 public:
  static constexpr std::size_t kMostLinks = 256;
  static constexpr std::chrono::seconds kInterruptConnect{3};

  /// Both outlive the connection.
  Vxi11Core(Vxi11Registry& registry, TcpServer& tcp, FileDescriptor socket);
  ~Vxi11Core() override;

  std::string peer() const override;
  void wake_up() override { wake(); }
  void drop(bool reset) override { end(reset); }
  void pass_service_request(Vxi11Link& link) override { registry_.service_requested(link); }
  void send_service_request(Vxi11Link& link) override;
  void abort(const Vxi11Link& link) override;
  /// What is on the fault boards has changed.
  void faults_changed();

 private:
  enum class Stage : std::uint8_t { lock, data, connect };
  /// A call under way.
  struct Work {
    std::uint32_t xid = 0;
    const RpcProcedure* procedure = nullptr;
    Vxi11Arguments arguments;
    Vxi11Link* link = nullptr;      ///< none for create_link and the interrupt channel
    Vxi11Device* device = nullptr;  ///< of the link, or to be linked to
    Stage stage = Stage::lock;
    Clock::time_point deadline;
    OutputQueue data;                          ///< read so far
    std::optional<std::uint32_t> max_receive;  ///< a fault's
    bool no_end = false;                       ///< likewise
  };

  void on_call(const RpcCall& call, std::string_view record) override;
  bool busy() const noexcept override { return waiting_.has_value(); }
  void on_time(Clock::time_point now) override;
  std::optional<Clock::time_point> next_due() const override;
  void try_lock_again() override;

  Vxi11Link* find_link(std::int32_t id) noexcept;
  bool find_subject(Work& work);
  /// The call is for the device as a whole, such as device_docmd of a gateway.
  static bool of_no_instrument(const Work& work) noexcept;
  /// True when a fault has taken the place of the call.
  bool meet_fault(Work& work);
  /// Asks for the lock where one is needed, then performs.
  void begin(Work work, std::string_view record);
  bool lock_in_the_way(const Work& work) const noexcept;
  void perform(Work work);
  void wait(Work work, Stage stage, std::chrono::milliseconds time);
  void stop_waiting();

  void create_link(Work& work);
  void destroy_link(Work& work);
  void write(Work& work);
  void read(Work work);
  /// True when the read is over; `reason` says why then.
  bool take_answer(Work& work, Clock::time_point now, std::uint32_t& reason);
  void go_on_reading(Clock::time_point now);
  void finish_read(Work& work, std::uint32_t error, std::uint32_t reason);
  void end_answer(Work& work);
  void act_on_device(Work& work);
  void command_bus(Work& work);
  void lock(Work& work);
  void unlock(Work& work);
  void enable_srq(Work& work);
  void create_interrupt(Work work);
  bool may_connect_to(std::uint32_t host) const;
  void destroy_interrupt(Work& work);

  /// The reply with `error` and, where the procedure has more results, zeros.
  void fail(Work& work, std::uint32_t error);
  void send(Work& work, RpcReply reply);

  Vxi11Registry& registry_;
  std::vector<std::unique_ptr<Vxi11Link>> links_;
  std::unique_ptr<InterruptChannel> interrupt_;
  std::optional<Work> waiting_;
};

}  // namespace visa::sim
