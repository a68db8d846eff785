// SPDX-License-Identifier: MIT
// What goes wrong on purpose. A fault is switched on for an instrument or for one client of it, for
// the next times or until it is switched off. Those of answers are applied by the Link to each
// answer as a whole, whatever wire it leaves by; the others belong to the RPC wires, which apply
// them to a call, its reply or a service request.
//
// One board an instrument, on the bench's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/sim/rpc/rpc_procedure.h"

namespace visa::sim {

enum class FaultKind : std::uint8_t {
  drop,      // the connection ends instead of the answer, or after its first `bytes`
  stall,     // nothing more goes either way until the fault is off, or `delay` is over
  split,     // the answer comes in `pieces`, `delay` between two
  truncate,  // only the first `bytes` of the answer come
  garbage,   // bytes that mean nothing instead of the answer
  late,      // the answer comes `delay` later
  previous,  // the first answer is kept back, each further one is that of the question before
  // a call before it is executed
  rpc_error,    // answered with the code `error` of VXI-11 instead of being executed
  rpc_refuse,   // refused with `error`: 1 to 5 accept_stat, 6 RPC version, 7 authentication
  rpc_silence,  // neither executed nor answered
  max_receive,  // create_link announces `length` (0) as the longest write it takes
  short_write,  // device_write takes only the first `bytes` (half) and says so
  long_answer,  // device_read brings the whole answer, however little was asked for
  no_end,       // device_read knows neither termination characters nor END
  // its reply
  rpc_xid,            // has a transaction number nobody waits for
  rpc_stale,          // comes behind one of the call before
  rpc_fragments,      // in `pieces` fragments, or fragments of `bytes`, `delay` between two
  rpc_unfinished,     // its last fragment does not say that it is
  rpc_long_fragment,  // the fragment announces `length` bytes
  rpc_long_opaque,    // the data announces `length` bytes
  rpc_padding,        // `bytes` of padding behind the data, whatever its length
  rpc_split,          // in `pieces` segments of TCP, `delay` between two
  rpc_stall,          // its first `bytes` (half); the rest when the fault is off, or after `delay`
  rpc_close,          // its first `bytes` (half), then the connection ends
  rpc_late,           // comes `delay` later
  // a service request
  srq_short,  // lacks its last four bytes
  srq_twice,  // comes twice
  srq_lost,   // does not come
};
inline constexpr std::size_t kFaultKinds = 28;

// Where a fault is met.
enum class FaultPoint : std::uint8_t { answer, call, reply, service_request };
FaultPoint fault_point(FaultKind kind) noexcept;

std::string_view fault_name(FaultKind kind) noexcept;
std::optional<FaultKind> find_fault_kind(std::string_view name) noexcept;
std::span<const std::string_view> fault_names() noexcept;
// rpc_error and rpc_refuse mean nothing without `error`.
bool fault_needs_error(FaultKind kind) noexcept;

struct Fault {
  FaultKind kind = FaultKind::drop;
  std::chrono::milliseconds delay{0};  // stall: 0 = until it is off
  std::size_t pieces = 2;
  std::optional<std::size_t> bytes =
      std::nullopt;          // drop: 0, truncate: half, garbage: as many as the answer has
  bool reset = false;        // drop: by RST
  bool terminated = true;    // garbage: the line feed at the end stays
  std::uint64_t count = 0;   // answers it meets; 0: until it is off
  std::uint64_t after = 0;   // answers it lets pass first
  std::uint64_t client = 0;  // 0: all
  const RpcProcedure* procedure = nullptr;  // RPC: of this one only
  std::uint32_t error = 0;                  // rpc_error, rpc_refuse
  std::optional<std::uint32_t> length = std::nullopt;
};

class FaultBoard {
 public:
  struct Active {
    std::uint32_t id = 0;
    Fault fault;
    std::uint64_t passed = 0;
    std::uint64_t applied = 0;
  };
  static constexpr std::size_t kMost = 256;

  // Returns its number; nothing when there are kMost already.
  std::optional<std::uint32_t> add(const Fault& fault);
  // Takes the fault that the next answer of `client` meets; several take turns by age, the oldest
  // first. Valid until the board is changed.
  const Active* next(std::uint64_t client) { return next(FaultPoint::answer, client, nullptr); }
  // The same for what an RPC wire does. A call that belongs to no client is client 0; a fault that
  // names no procedure meets those of VXI-11, but not those of the portmapper.
  const Active* next(FaultPoint point, std::uint64_t client, const RpcProcedure* procedure);
  bool remove(std::uint32_t id);
  // Whether a stall goes on.
  bool is_on(std::uint32_t id) const noexcept;
  const std::vector<Active>& active() const noexcept { return active_; }
  bool empty() const noexcept { return active_.empty(); }

 private:
  std::vector<Active> active_;
  std::uint32_t last_id_ = 0;
};

}  // namespace visa::sim
