// SPDX-License-Identifier: MIT
// What goes wrong on purpose. A fault is switched on for an instrument or for one client of it, for
// the next times or until it is switched off. Those of answers are applied by the Link to each
// answer as a whole, whatever wire it leaves by; a wire brings kinds of its own (WireKind::faults)
// and meets them at the points it knows.
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

namespace visa::sim {

/// Where a fault is met: an answer of the instrument, a client's call before it is executed, the
/// reply to it, a service request.
enum class FaultPoint : std::uint8_t { answer, call, reply, service_request };

/// Something a client asks of a wire by a name ("device_read"), to which a fault may be limited.
/// A constant of the wire, known by its address.
struct WireOperation {
  std::string_view name;      ///< as the key `procedure` of a fault says it
  bool only_by_name = false;  ///< a fault that names no operation does not meet it
};

/// A kind of fault: a constant of the message exchange or of a wire, known by its address.
struct FaultKind {
  std::string_view name;  ///< as files and the control socket say it, "late"
  FaultPoint point = FaultPoint::answer;
  bool needs_error = false;             ///< means nothing without the key `error`
  const WireOperation* only = nullptr;  ///< the one operation it makes sense for; null: any
  const WireOperation* also = nullptr;  ///< beside `only`, another one
};

/// The connection ends instead of the answer, or after its first `bytes` (0).
inline constexpr FaultKind kDropFault{"drop"};
/// Nothing more goes either way until the fault is off, or `delay` is over.
inline constexpr FaultKind kStallFault{"stall"};
/// The answer comes in `pieces`, `delay` between two.
inline constexpr FaultKind kSplitFault{"split"};
/// Only the first `bytes` (half) of the answer come.
inline constexpr FaultKind kTruncateFault{"truncate"};
/// Instead of the answer `bytes` (as many as it has) that mean nothing.
inline constexpr FaultKind kGarbageFault{"garbage"};
/// The answer comes `delay` later.
inline constexpr FaultKind kLateFault{"late"};
/// The first answer is kept back, each further one is that of the question before.
inline constexpr FaultKind kPreviousFault{"previous"};
/// The answer (its first 64 KB) comes again and again and never says END, until the device is
/// cleared, a new message interrupts it, or the fault is off.
inline constexpr FaultKind kEndlessFault{"endless"};

/// The eight above, in that order.
std::span<const FaultKind* const> answer_faults() noexcept;

/// A fault that is switched on: its kind, whom it meets and how often, and values whose meaning the
/// kind says. Every kind takes every key.
struct Fault {
  const FaultKind* kind = &kDropFault;
  std::chrono::milliseconds delay{0};  ///< stall: 0 = until it is off
  std::size_t pieces = 2;
  std::optional<std::size_t> bytes = std::nullopt;
  bool reset = false;                        ///< a connection ends by RST
  bool terminated = true;                    ///< garbage: the line feed at the end stays
  std::uint64_t count = 0;                   ///< how often it is met; 0: until it is off
  std::uint64_t after = 0;                   ///< how often it is let pass first
  std::uint64_t client = 0;                  ///< 0: all
  const WireOperation* operation = nullptr;  ///< of this one only
  std::uint32_t error = 0;                   ///< a number that is answered
  std::optional<std::uint32_t> length = {};  ///< a number that is announced
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

  /// Returns its number; nothing when there are kMost already.
  std::optional<std::uint32_t> add(const Fault& fault);
  /// Takes the fault that the next answer of `client` meets; several take turns by age, the oldest
  /// first. Valid until the board is changed.
  const Active* next(std::uint64_t client) { return next(FaultPoint::answer, client, nullptr); }
  /// The same at the other points. A call that belongs to no client is client 0; a fault that
  /// names no operation meets those that are not `only_by_name`.
  const Active* next(FaultPoint point, std::uint64_t client, const WireOperation* operation);
  bool remove(std::uint32_t id);
  /// Whether a stall goes on.
  bool is_on(std::uint32_t id) const noexcept;
  const std::vector<Active>& active() const noexcept { return active_; }
  bool empty() const noexcept { return active_.empty(); }

 private:
  std::vector<Active> active_;
  std::uint32_t last_id_ = 0;
};

}  // namespace visa::sim
