// SPDX-License-Identifier: MIT
// The kernel's side of /dev/gpib0 with instruments on the bus: the gates and errors of gpib_common,
// a mutex that belongs to a thread, timeouts, EOI and EOS, serial polls, SRQ. Written from the
// description of the interface, not from the driver. Requests may come from several threads and
// block as the kernel's do. What a driver must not do is noted in violations().
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/gpib/gpib_address.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::test {

/// An instrument on the bus. `answer` is called with each message that ended with EOI.
struct ModelInstrument {
  std::function<std::optional<std::string>(const std::string&)> answer = {};
  std::string input = {};
  std::string output = {};              // what is left of the answer
  bool output_ends = true;              // EOI with the last byte of `output`
  std::size_t stalls_after = SIZE_MAX;  // bytes until the talker stops in the middle
  std::uint8_t status = 0;
  bool answers_poll = true;
  bool takes_data = true;  // false: holds NRFD for ever
  unsigned clears = 0;
  unsigned triggers = 0;
};

class GpibKernelModel {
 public:
  using Address = drivers::gpib::Address;
  struct Caller {
    int thread = 0;
    /// True once a signal has come for the thread; null: none will.
    const std::atomic<bool>* interrupted = nullptr;
  };

  /// One request: an errno, 0 on success. `buffer` is that of a transfer.
  int request(const Caller& caller, unsigned long number, void* argument, std::byte* buffer);

  /// Uses the model while no request does; waiting requests then look again.
  void with(const std::function<void(GpibKernelModel&)>& use);

  /// Each request so far: "mutex 1", "tmo 1000000", "eos", "cmd 40 3F 25", "wrt 6 end", "rd 100".
  std::vector<std::string> diary();
  std::vector<std::string> violations();
  /// Makes the next `count` requests of this number fail after they have moved `completed` bytes.
  /// 0: no more do. The first `after` do not fail.
  void fail_next(unsigned long number, int error, int count = 1, std::uint32_t completed = 0,
                 int after = 0);

  // What the board is; change it before use, or inside with().
  std::map<Address, ModelInstrument> instruments;
  bool configured = true;
  bool online = true;
  bool system_controller = true;
  bool in_charge = true;
  bool unplugged = false;  // IBWAIT shows bits that cannot be
  std::uint16_t readable_lines = 0xFF;
  std::uint32_t own_primary = 0;
  std::int32_t own_secondary = -1;
  int automatic_polls = 0;
  std::deque<std::int16_t> events;
  bool ren = false;
  bool atn = false;
  unsigned interface_clears = 0;
  int holder = 0;  // the thread that has the mutex
  /// A thread that no request comes from takes the mutex, as another program would.
  static constexpr int kOtherProgram = -1;

 private:
  struct Failure {
    int error;
    int count;
    std::uint32_t completed;
    int after;
  };
  using Lock = std::unique_lock<std::mutex>;

  int dispatch(Lock& lock, const Caller& caller, unsigned long number, void* argument,
               std::byte* buffer);
  int ungated(Lock& lock, const Caller& caller, unsigned long number, void* argument, bool& done);
  int with_mutex(Lock& lock, const Caller& caller, unsigned long number, void* argument,
                 std::byte* buffer);
  int take_mutex(Lock& lock, const Caller& caller, bool on);
  int command(drivers::gpib::kernel::Transfer& transfer, const std::byte* buffer);
  int write(Lock& lock, const Caller& caller, drivers::gpib::kernel::Transfer& transfer,
            const std::byte* buffer);
  int read(Lock& lock, const Caller& caller, drivers::gpib::kernel::Transfer& transfer,
           std::byte* buffer);
  int poll(Lock& lock, const Caller& caller, drivers::gpib::kernel::SerialPoll& poll);
  int wait(Lock& lock, const Caller& caller, drivers::gpib::kernel::Wait& wait);
  void take_byte(std::uint8_t byte);
  void universal(std::uint8_t byte);
  std::vector<ModelInstrument*> listeners();
  std::int32_t status();
  std::int16_t lines();
  bool srq() const;
  /// 0: `ready` came true; ETIMEDOUT, EINTR.
  template <class Ready>
  int sleep(Lock& lock, const Caller& caller, std::uint32_t microseconds, Ready&& ready);
  void note(std::string line);
  void violate(const std::string& what);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> diary_;
  std::vector<std::string> violations_;
  std::map<unsigned long, Failure> failures_;
  std::set<Address> listening_;
  std::optional<Address> talker_;
  std::uint8_t primary_ = 0;
  bool own_listens_ = false;
  bool own_talks_ = false;
  std::uint32_t timeout_ = 3'000'000;
  std::optional<std::uint8_t> termchar_;
  bool timeout_set_ = false;  // since the mutex was taken
  bool end_set_ = false;
  std::uint64_t tickets_ = 0;  // the mutex is given in the order in which it was asked for
  std::uint64_t served_ = 0;
};

template <class Ready>
int GpibKernelModel::sleep(Lock& lock, const Caller& caller, std::uint32_t microseconds,
                           Ready&& ready) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
  while (!ready()) {
    if (caller.interrupted != nullptr && caller.interrupted->load()) return EINTR;
    if (unplugged) return ENODEV;
    // Looks now and then, because a signal does not notify.
    const auto look = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    const bool timed = microseconds != 0;
    if (timed && std::chrono::steady_clock::now() >= until) return ETIMEDOUT;
    changed_.wait_until(lock, timed ? std::min(look, until) : look);
  }
  return 0;
}

}  // namespace visa::test
