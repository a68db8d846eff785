// SPDX-License-Identifier: MIT
// What a KernelWorker does with a board: each job is one operation with all memory that it needs,
// because it may go on after its caller has left. Made by the caller, run by the worker, read by
// the caller once it has run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "drivers/gpib/kernel/kernel_worker.h"

namespace visa::drivers::gpib::kernel {

/// The most that one job moves: a caller never leaves more than this behind.
inline constexpr std::size_t kPiece = 65536;

/// What a job needs of the board.
enum class Needs : std::uint8_t { mutex, nothing };

class BoardJob : public Job {
 public:
  explicit BoardJob(Deadline until, Needs needs = Needs::mutex) : until_(until), needs_(needs) {}
  void run(KernelIo& io) final {
    if (needs_ == Needs::mutex) moved.error = io.lock();
    if (moved.error != 0 || given_up.load(std::memory_order_acquire)) return;
    begun.store(true, std::memory_order_release);
    act(io, {until_, given_up});
  }
  /// How it went; `error` is an errno. The worker's until the job is over.
  Moved moved;
  /// The caller's: the job is over.
  bool ended = false;
  /// The board was free: what takes long now is the bus.
  std::atomic<bool> begun{false};

 private:
  virtual void act(KernelIo& io, const Patience& patience) = 0;
  const Deadline until_;
  const Needs needs_;
};

class CommandJob final : public BoardJob {
 public:
  CommandJob(std::span<const std::byte> bytes, Deadline until)
      : BoardJob(until), bytes_(bytes.begin(), bytes.end()) {}

 private:
  void act(KernelIo& io, const Patience& patience) override {
    moved = io.command(bytes_, patience);
  }
  const std::vector<std::byte> bytes_;
};

class WriteJob final : public BoardJob {
 public:
  WriteJob(std::span<const std::byte> data, bool eoi, Deadline until)
      : BoardJob(until), data_(data.begin(), data.end()), eoi_(eoi) {}

 private:
  void act(KernelIo& io, const Patience& patience) override {
    moved = io.write(data_, eoi_, patience);
  }
  const std::vector<std::byte> data_;
  const bool eoi_;
};

class ReadJob final : public BoardJob {
 public:
  ReadJob(std::size_t size, const spi::EndRule& rule, Deadline until)
      : BoardJob(until),
        data(size),
        stops_at_termchar_(rule.termchar_enabled),
        termchar_(rule.termchar) {}
  std::vector<std::byte> data;

 private:
  void act(KernelIo& io, const Patience& patience) override {
    moved = io.read(data, stops_at_termchar_ ? std::optional(termchar_) : std::nullopt, patience);
  }
  const bool stops_at_termchar_;
  const std::uint8_t termchar_;
};

class PollJob final : public BoardJob {
 public:
  PollJob(const Address& device, Deadline until) : BoardJob(until), device_(device) {}
  std::uint8_t status = 0;

 private:
  void act(KernelIo& io, const Patience& patience) override {
    moved.error = io.serial_poll(device_, status, patience);
  }
  const Address device_;
};

/// Short requests: `body` returns an errno.
class AskJob final : public BoardJob {
 public:
  AskJob(std::function<int(KernelIo&)> body, Deadline until, Needs needs = Needs::mutex)
      : BoardJob(until, needs), body_(std::move(body)) {}

 private:
  void act(KernelIo& io, const Patience&) override { moved.error = body_(io); }
  const std::function<int(KernelIo&)> body_;
};

}  // namespace visa::drivers::gpib::kernel
