// SPDX-License-Identifier: MIT
// What a port receives: decoded, with the faults of the line at their places, divided into reads.
// One thread at a time takes bytes from the port, a reader or the thread of the events; bytes that
// it has no use for are kept here for the next read of any session of the port. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "drivers/common/byte_stream.h"
#include "drivers/common/gate.h"
#include "drivers/common/poller.h"
#include "drivers/serial/line_decoder.h"
#include "drivers/serial/tty.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::serial {

/// Told of what arrives, by the thread that took it from the port, while no other one can.
class LineObserver {
 public:
  virtual ~LineObserver() = default;
  virtual void received(std::span<const std::byte> bytes) = 0;
  virtual void received_break() = 0;
};

class LineInput {
 public:
  /// Bytes that are kept at most while nobody reads, unless viSetBuf says another number.
  static constexpr std::uint32_t kUsualSize = 64 * 1024;
  static constexpr std::uint32_t kMostSize = 16 * 1024 * 1024;

  /// `observer` outlives the input.
  LineInput(Tty& tty, LineObserver& observer) noexcept : tty_(tty), observer_(observer) {}

  /// Drops what an earlier program left unread, and learns which errors the port counts. Once,
  /// before anything else.
  void start();

  /// Channel::read. `last_bit`: the bit that ends a read where rule.last_bit is set. A damaged byte
  /// is replaced by `replacement`, unless that is 0: then it is the last byte of a read that ends
  /// with error_asrl_parity or error_asrl_framing. error_asrl_overrun: bytes are missing after
  /// those of this read. A break is no byte.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, std::uint8_t last_bit,
                       std::uint8_t replacement, Call& call);

  /// Drops everything that has arrived, without waiting.
  Status discard(Call& call);
  /// Then waits until the line has been silent for 20 ms (not with an immediate deadline).
  Status discard_until_quiet(Call& call);

  /// Bytes that can be read without waiting. While a session reads, bytes that the kernel has
  /// marked may count twice.
  Result<std::uint32_t> available(Call& call);

  /// False if the size is not 1 to kMostSize.
  bool resize(std::uint32_t size);

  bool discards_nulls() const noexcept { return discard_nulls_.load(std::memory_order_relaxed); }
  void set_discard_nulls(bool on) noexcept { discard_nulls_.store(on, std::memory_order_relaxed); }
  /// Without parity a damaged byte can only be a framing error.
  void set_parity(bool on) noexcept { parity_.store(on, std::memory_order_relaxed); }

  /// Whether what arrives from now on is passed to the observer.
  void observe(bool on) noexcept { observed_.store(on, std::memory_order_relaxed); }
  /// For the thread of the events: takes what has arrived, unless a reader does that, for which it
  /// waits until `call` is cancelled.
  Status collect(Call& call);
  bool full() const noexcept {
    return kept_count_.load(std::memory_order_relaxed) >= size_.load(std::memory_order_relaxed);
  }

  void wake() noexcept;

 private:
  /// What ends a read.
  struct Ends {
    const spi::EndRule& rule;
    std::uint8_t last_bit;
    std::uint8_t replacement;
    bool any() const noexcept { return rule.termchar_enabled || rule.last_bit; }
  };
  struct Taken {
    std::size_t count = 0;
    bool over = false;
    Status status = Status::success;
    spi::StopReason reason = spi::StopReason::count;
  };
  /// The counts of errors since the port was opened, as the kernel keeps them.
  struct Counters {
    int parity = 0;
    int framing = 0;
    int overrun = 0;
    int breaks = 0;
  };
  /// What the counters say of the bytes just taken.
  struct Faults {
    LineMark::Kind damaged = LineMark::Kind::framing;
    bool zero_is_break = true;
    bool overrun = false;
  };

  static Taken find_end(std::span<const std::byte> bytes, const Ends& ends) noexcept;
  Taken take(std::span<std::byte> into, const Ends& ends);
  Status fault(LineMark::Kind kind, Call& call) const;
  /// Takes one piece from the port. `count` bytes stand in `room`; those that had to be decoded or
  /// observed are kept instead.
  StreamResult receive(std::span<std::byte> room, Call& call);
  /// One read(2): 0 bytes with success if nothing is there.
  StreamResult take_raw(std::span<std::byte> room, Call& call);
  StreamResult wait_raw(std::span<std::byte> room, Call& call);
  void make_room();
  void keep(std::span<const std::byte> bytes);
  void keep_decoded(std::span<std::byte> raw);
  Status fill(Call& call);
  Status drop(Call& call);
  bool read_counters(Counters& now) const noexcept;
  Faults new_faults();
  std::size_t kept() const noexcept { return kept_.size() - begin_; }
  void note_kept() noexcept;

  Tty& tty_;
  LineObserver& observer_;
  Gate gate_;  // admits the thread that takes bytes, which owns what follows except the atomics
  Poller poller_;
  LineDecoder decoder_;
  std::vector<std::byte> kept_;
  std::size_t begin_ = 0;
  std::uint64_t taken_ = 0;  // bytes that left kept_ so far: marks count from the first byte ever
  std::deque<LineMark> marks_;
  std::vector<LineMark> fresh_;
  bool counts_ = false;
  Counters counters_;
  bool flowing_ = false;  // the last piece was a long one: there is probably more

  std::atomic<std::size_t> kept_count_{0};
  std::atomic<std::uint32_t> size_{kUsualSize};
  std::atomic<bool> discard_nulls_{false};
  std::atomic<bool> parity_{false};
  std::atomic<bool> observed_{false};
};

}  // namespace visa::drivers::serial
