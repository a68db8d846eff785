// SPDX-License-Identifier: MIT
// Other processes for the tests of locks: this test program, executed again, does what it is told
// over a pipe. A peer is killed when its Peer goes. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "lib/base/status.h"
#include "lib/locks/lock_domain.h"
#include "lib/locks/lock_file.h"
#include "lib/locks/lock_registry.h"

namespace visa::locks {

inline constexpr const char* kResource = "TCPIP0::bench::5025::SOCKET";

/// An empty folder that goes with its content.
class TestFolder {
 public:
  TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder();
  const std::string& path() const { return path_; }
  std::string file() const;
  LockFolder folder() const { return {path_, false}; }

 private:
  std::string path_;
};

struct PeerAnswer {
  Status status;
  std::string key;
  std::int64_t at;  // nanoseconds of the monotonic clock, when the peer had it
};

/// Nanoseconds of the monotonic clock, the same in every process.
std::int64_t monotonic_now();

class Peer {
 public:
  /// Starts the process; it opens `resource` in `folders` (separated by colons, with a plus in
  /// front of those that it may make). A `user` other than 0 is taken on first, with `group`.
  explicit Peer(const std::string& folders, const std::string& resource = kResource, uid_t user = 0,
                gid_t group = 0);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// Asks and waits for the answer.
  PeerAnswer lock(SessionId session, LockKind kind, const std::string& key = "", int timeout = 0);
  /// Asks; answer() brings it.
  void start_lock(SessionId session, LockKind kind, const std::string& key, int timeout);
  PeerAnswer answer();

  Status unlock(SessionId session);
  Status release_all(SessionId session);
  bool may_pass(SessionId session);
  LockState state();
  /// A child of the peer that does nothing; it lives a minute unless killed.
  pid_t fork_child();
  /// Takes and gives back an exclusive lock again and again, for so long; number() is how often.
  void start_cycles(int milliseconds, int timeout);
  int number();
  /// Locks so many resources exclusively, the resource's name with a number; how many it got.
  int lock_many(int count);
  /// The text of its last request.
  std::string detail();

  /// True when answer() would not wait.
  bool has_answered() const;

  pid_t pid() const { return pid_; }
  void kill();

 private:
  void send(const std::string& line);
  std::string receive();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
};

/// How many processes have said in the file that they wait. The test's way to know that a peer
/// stands in line.
int waiting_processes(const TestFolder& folder);
/// Until so many do; false after 20 s.
bool lined_up(const TestFolder& folder, int count);
/// Whether a process is in the middle of changing the file.
bool somebody_inside(const TestFolder& folder);

}  // namespace visa::locks
