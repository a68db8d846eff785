// SPDX-License-Identifier: MIT
// What goes wrong with answers on purpose. A fault is switched on for an instrument or for one
// client of it, for its next answers or until it is switched off; the Link applies it to each
// answer as a whole, whatever wire it leaves by.
//
// One board an instrument, on the bench's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace visa::sim {

enum class FaultKind : std::uint8_t {
  drop,      // the connection ends instead of the answer, or after its first `bytes`
  stall,     // nothing more goes either way until the fault is off, or `delay` is over
  split,     // the answer comes in `pieces`, `delay` between two
  truncate,  // only the first `bytes` of the answer come
  garbage,   // bytes that mean nothing instead of the answer
  late,      // the answer comes `delay` later
  previous,  // the first answer is kept back, each further one is that of the question before
};

std::string_view fault_name(FaultKind kind) noexcept;
std::optional<FaultKind> find_fault_kind(std::string_view name) noexcept;

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
  const Active* next(std::uint64_t client);
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
