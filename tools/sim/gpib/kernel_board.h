// SPDX-License-Identifier: MIT
// The kernel's side of /dev/gpib0: the gates and errors of gpib_common, the mutex that all programs
// share, timers, EOI and EOS, serial polls, SRQ. Each open file counts as a thread of its own and
// has one request at a time; one that blocks is answered later.
//
// Owned by a GpibServer, after the bus and before the files; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/timer_source.h"
#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/gpib/kernel_bus.h"
#include "tools/sim/gpib/kernel_requests.h"

namespace visa::sim {

/// An open file.
class KernelFile {
 public:
  virtual ~KernelFile() = default;
  /// The answer to its request: an errno, 0 for none; the argument as it is now; of a read, the
  /// bytes from `completed` on, as it was asked.
  virtual void answer(int error, const std::string& argument, const std::string& data) = 0;
};

class KernelBoard final : public GpibWatcher, public TimerSource {
 public:
  KernelBoard(EventLoop& loop, GpibBus& bus);
  ~KernelBoard() override;
  KernelBoard(const KernelBoard&) = delete;
  KernelBoard& operator=(const KernelBoard&) = delete;

  /// `data` are the bytes [completed, requested) of what is written.
  void request(KernelFile& file, unsigned long number, std::string argument, std::string data);
  /// The file is closed; what it waits for is not answered, and the mutex is free again.
  void close(KernelFile& file);

  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

  /// Requests without the mutex, or that the board does not know: a good program makes none.
  std::uint64_t refused() const noexcept { return refused_; }
  std::uint64_t interface_clears() const noexcept { return interface_clears_; }

 private:
  /// A request that waits: for data, for the bus, for a level, or for its time to fail.
  struct Waiting {
    KernelFile* file = nullptr;
    unsigned long number = 0;
    std::string argument = {};
    std::string data = {};  // of a read, what has come
    std::optional<Clock::time_point> until = {};
    GpibStation* talker = nullptr;  // of a read; null: nothing talks
  };

  void on_bus_changed() override { changed_ = true; }
  bool ungated(KernelFile& file, unsigned long number, std::string& argument);
  void gated(KernelFile& file, unsigned long number, std::string& argument, std::string& data);
  int set(unsigned long number, const std::string& argument);
  void command(KernelFile& file, std::string& argument, const std::string& data);
  void lock(KernelFile& file, const std::string& argument);
  void hand_on();
  void write(KernelFile& file, std::string& argument, const std::string& data);
  void poll(KernelFile& file, std::string& argument);
  void wait_for(KernelFile& file, std::string argument);
  void block(Waiting waiting);
  /// True once it has been answered.
  bool go_on(Waiting& waiting, Clock::time_point now);
  bool read_on(Waiting& waiting, Clock::time_point now);
  std::int32_t status() const;
  std::int16_t lines();
  std::optional<Clock::time_point> timer() const;

  EventLoop& loop_;
  GpibBus& stations_;
  KernelBus bus_;
  KernelFile* holder_ = nullptr;
  std::deque<KernelFile*> queue_;  // for the mutex
  std::list<Waiting> waiting_;
  bool changed_ = false;
  std::uint32_t timeout_ = 3'000'000;
  std::optional<char> stop_;
  bool unterminated_ = false;  // the talker had nothing to say, and knows
  bool ren_ = false;
  std::uint64_t refused_ = 0;
  std::uint64_t interface_clears_ = 0;
};

}  // namespace visa::sim
