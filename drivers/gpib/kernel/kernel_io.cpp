// SPDX-License-Identifier: MIT
// `completed` is valid after every error, and a request goes on at it: nothing is sent or read
// twice.
#include "drivers/gpib/kernel/kernel_io.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

using std::chrono::milliseconds;

/// The kernel moves so much at a time, with a timer of its own for each.
constexpr std::uint32_t kChunk = 16384;
/// A serial poll is not repeated: the device would see two. Many libraries wait a second for it.
constexpr milliseconds kMostPoll{1000};
/// EINTR that comes again and again without progress is no interruption.
constexpr int kMostInterruptions = 1000;

constexpr std::array<std::uint32_t, 7> kPieces = {1000, 300, 100, 30, 10, 3, 1};  // ms

std::int32_t secondary_of(const Address& address) noexcept {
  return address.secondary ? std::int32_t{*address.secondary} : kNoSecondary;
}

bool timed_out(int error) noexcept {
  return error == ETIMEDOUT || error == ETIME;
}

}  // namespace

std::uint32_t piece_of(Deadline until) noexcept {
  const auto left = until.is_infinite() ? milliseconds(kPieces.front())
                                        : std::chrono::ceil<milliseconds>(until.remaining());
  for (const std::uint32_t piece : kPieces) {
    if (left.count() >= piece) return piece * 1000;
  }
  return kPieces.back() * 1000;
}

int KernelIo::ask(unsigned long request, void* argument) noexcept {
  return ::ioctl(fd_, request, argument) < 0 ? errno : 0;
}

int KernelIo::lock() noexcept {
  if (locked_) return 0;
  std::int32_t on = 1;
  int error = 0;
  do {
    error = ask(kMutex, &on);
  } while (error == EINTR);
  locked_ = error == 0;
  timeout_.reset();
  end_.reset();
  return error;
}

void KernelIo::unlock() noexcept {
  std::int32_t off = 0;
  while (locked_ && ask(kMutex, &off) == EINTR) {
  }
  locked_ = false;
}

int KernelIo::set_timeout(std::uint32_t microseconds) noexcept {
  if (timeout_ == microseconds) return 0;
  const int error = ask(kTimeout, &microseconds);
  if (error == 0) timeout_ = microseconds;
  return error;
}

int KernelIo::set_end(std::optional<std::uint8_t> termchar) noexcept {
  const std::int32_t wanted = termchar ? std::int32_t{*termchar} : -1;
  if (end_ == wanted) return 0;
  EndOfString end;
  if (termchar) end = {wanted, kEndReads | kEightBits};
  const int error = ask(kEndOfString, &end);
  if (error == 0) end_ = wanted;
  return error;
}

int KernelIo::prepare(const Patience& patience) noexcept {
  return set_timeout(piece_of(patience.until));
}

Moved KernelIo::transfer(unsigned long request, void* bytes, std::size_t size, bool eoi,
                         const Patience& patience) noexcept {
  Moved moved;
  Transfer transfer;
  transfer.buffer = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(bytes));
  int interruptions = 0;
  for (;;) {
    if (moved.error = prepare(patience); moved.error != 0) return moved;
    const std::uint32_t before = transfer.completed;
    const auto total = static_cast<std::uint32_t>(size);
    transfer.requested = total - before > kChunk ? before + kChunk : total;
    transfer.end = eoi && transfer.requested == total ? 1 : 0;
    const int error = ask(request, &transfer);
    moved.count = std::min<std::size_t>(transfer.completed, size);
    moved.end = request == kRead && error == 0 && transfer.end != 0;
    if (error == 0 && (moved.end || moved.count == size)) return moved;
    interruptions = error == EINTR && transfer.completed == before ? interruptions + 1 : 0;
    const bool goes_on = error == 0 || timed_out(error) || error == EINTR;
    if (!goes_on || interruptions > kMostInterruptions) {
      moved.error = error;
      return moved;
    }
    if (patience.over()) {
      moved.error = ETIMEDOUT;
      return moved;
    }
  }
}

Moved KernelIo::command(std::span<const std::byte> bytes, const Patience& patience) noexcept {
  // The kernel reads the bytes only.
  return transfer(kCommand, const_cast<std::byte*>(bytes.data()), bytes.size(), false, patience);
}

Moved KernelIo::write(std::span<const std::byte> data, bool eoi,
                      const Patience& patience) noexcept {
  if (data.empty()) return {};
  if (const int error = set_end(std::nullopt); error != 0) return {error};
  return transfer(kWrite, const_cast<std::byte*>(data.data()), data.size(), eoi, patience);
}

Moved KernelIo::read(std::span<std::byte> into, std::optional<std::uint8_t> termchar,
                     const Patience& patience) noexcept {
  if (into.empty()) return {};
  if (const int error = set_end(termchar); error != 0) return {error};
  return transfer(kRead, into.data(), into.size(), false, patience);
}

int KernelIo::serial_poll(const Address& device, std::uint8_t& status,
                          const Patience& patience) noexcept {
  for (bool again = false;; again = true) {
    const auto left =
        patience.until.is_infinite()
            ? kMostPoll
            : std::min(kMostPoll, std::chrono::ceil<milliseconds>(patience.until.remaining()));
    const auto time = std::chrono::microseconds(std::max(left, milliseconds(1)));
    if (const int error = set_timeout(static_cast<std::uint32_t>(time.count())); error != 0) {
      return error;
    }
    SerialPoll poll;
    poll.primary = device.primary;
    poll.secondary = secondary_of(device);
    const int error = ask(kSerialPoll, &poll);
    status = poll.status;
    // EPIPE: the kernel's own polls had lost status bytes; it says so once.
    if (error != EPIPE || again) return error;
  }
}

}  // namespace visa::drivers::gpib::kernel
