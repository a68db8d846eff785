// SPDX-License-Identifier: MIT
// Everything that crosses the bench's wires, a JSON object a line, for tests to compare with what
// the client saw:
//   {"t":1.234567,"instrument":"dmm","client":1,"event":"in","bytes":6,"data":"*IDN?\n"}
// Bytes that are no ASCII stand as "\u0080".."\u00ff". Data beyond kMostData bytes of a record is
// left out, its length not.
//
// record() only puts the line into a buffer of at most kBuffer bytes, so the bench never waits for
// a disk or a reader; a thread of its own writes. When the buffer is full, records are dropped and
// counted: {"t":...,"event":"dropped","records":3}. A regular file that grows beyond its limit
// becomes FILE.1, which replaces the one before.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

class WireLog {
 public:
  static constexpr std::size_t kMostData = std::size_t{64} << 10;
  static constexpr std::size_t kBuffer = std::size_t{8} << 20;

  /// Appends to `file`; a pipe is waited for by the thread only. `limit`: of a regular file, 0:
  /// none. Throws std::system_error.
  WireLog(std::string file, std::size_t limit);
  /// Writes what is left, for two seconds at most.
  ~WireLog();
  WireLog(const WireLog&) = delete;
  WireLog& operator=(const WireLog&) = delete;

  /// `event`: "open", "in", "out", "fault", "close".
  void record(std::string_view instrument, std::uint64_t client, std::string_view event,
              std::string_view bytes);

 private:
  void run();
  void write(std::string_view text);
  void rotate();

  const std::string file_;
  const std::size_t limit_;
  const Clock::time_point start_ = Clock::now();
  FileDescriptor descriptor_;  ///< the thread's, once it runs
  std::size_t size_ = 0;       ///< of the file; the thread's
  bool regular_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string buffer_;  ///< guarded by mutex_, like all below
  std::uint64_t dropped_ = 0;
  bool ending_ = false;
  Clock::time_point end_by_;
  std::thread thread_;
};

/// `text` as the inside of a JSON string; a byte is a character.
std::string json_bytes(std::string_view text);

}  // namespace visa::sim
