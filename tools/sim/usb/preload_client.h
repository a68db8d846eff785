// SPDX-License-Identifier: MIT
// A device file that a program has opened, of which umockdev's preload library passes the calls on:
// the library connects to a socket for each open() and sends ioctl and read as three words; the
// answer may first ask for memory of the program, or change it. The program stands still until the
// answer is complete. (The words are the same in umockdev 0.16 to 0.19.)
//
// Owned by the acceptor of the connection; on the bench's thread only, which never waits for the
// program. Memory: what one call of the program needs, kMostMemory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/output_queue.h"

namespace visa::sim {

class PreloadClient : public EventHandler {
 public:
  static constexpr std::size_t kMostMemory = std::size_t{64} << 20;
  using Then = std::function<void(const std::string& bytes)>;

  PreloadClient(EventLoop& loop, FileDescriptor socket);
  ~PreloadClient() override;
  PreloadClient(const PreloadClient&) = delete;
  PreloadClient& operator=(const PreloadClient&) = delete;

  void on_events(std::uint32_t events) override;
  /// "pid 123"
  const std::string& peer() const noexcept { return peer_; }

 protected:
  /// The program called ioctl or read; done(), now or later, answers.
  virtual void on_ioctl(unsigned long request, std::uint64_t argument) = 0;
  virtual void on_read(std::uint64_t buffer, std::size_t count) = 0;
  /// The program has closed the file, or is gone. May destroy this.
  virtual void on_closed() = 0;

  /// Fetches `count` bytes of the program's memory; one fetch at a time. More than kMostMemory
  /// ends the call with ENOMEM instead.
  void fetch(std::uint64_t address, std::size_t count, Then then);
  /// Changes the program's memory.
  void store(std::uint64_t address, std::string_view bytes);
  void store(std::uint64_t address, std::string&& bytes);
  void done(long result, int error = 0);
  /// The program executes the call itself, on the file that stands for the device.
  void leave_to_program();

 private:
  bool receive();
  bool flush();
  void put(std::uint64_t command, std::uint64_t first, std::uint64_t second);
  void understand();

  EventLoop& loop_;
  FileDescriptor socket_;
  std::string peer_;
  std::string input_;
  std::size_t have_ = 0;
  Then then_;  ///< what waits for the bytes; null: a call
  OutputQueue output_;
  bool waits_to_send_ = false;
};

/// Accepts the connections for one path.
class PreloadListener : public EventHandler {
 public:
  using Accept = std::function<void(FileDescriptor)>;
  /// Throws std::system_error.
  PreloadListener(EventLoop& loop, const std::string& path, Accept accept);
  ~PreloadListener() override;
  PreloadListener(const PreloadListener&) = delete;
  PreloadListener& operator=(const PreloadListener&) = delete;
  void on_events(std::uint32_t events) override;

 private:
  EventLoop& loop_;
  std::string path_;
  Accept accept_;
  FileDescriptor socket_;
};

}  // namespace visa::sim
