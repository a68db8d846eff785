// SPDX-License-Identifier: MIT
// A TCP peer for a SOCKET session that follows a script of the rule, because the instruments of the
// bench are too well-behaved to close in the middle of an answer. It serves one connection on its
// own thread; all its waits are bounded.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace visa::rules {

class Peer {
 public:
  /// The connection as the script sees it, on the peer's thread.
  class Line {
   public:
    explicit Line(Peer& peer, int fd) : peer_(peer), fd_(fd) {}
    /// Waits for a line up to LF. Returns what came if the session closes or 10 s pass.
    std::string receive();
    bool send(const std::string& data);  // false if the session or this peer has closed
    /// Waits for Peer::go, at most 10 s.
    void wait();
    void close();  // closes in order
    void reset();  // closes with RST

   private:
    Peer& peer_;
    int fd_;
    std::string ahead_;
  };
  using Script = std::function<void(Line&)>;

  explicit Peer(Script script);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// "TCPIP0::127.0.0.1::50000::SOCKET"
  const std::string& resource() const { return resource_; }
  /// Lets the script go on after its next wait().
  void go();
  /// Waits until the script has ended; false after 10 s.
  bool finished();
  /// All bytes received so far.
  std::string received();
  /// Waits until `count` bytes were received, at most 5 s.
  std::string received(std::size_t count);

 private:
  void serve();

  Script script_;
  std::string resource_;
  int listener_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  int connection_ = -1;
  int go_ = 0;
  bool finished_ = false;
  std::string received_;
  std::thread thread_;
};

}  // namespace visa::rules
