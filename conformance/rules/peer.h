// SPDX-License-Identifier: MIT
// A TCP peer that does what the rule says, opposite a SOCKET session: the bench's instruments are
// too well-behaved to close in the middle of an answer. It serves one connection, on a thread of
// its own; every wait of it is bounded.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace visa::rules {

class Peer {
 public:
  // What the script works with, on the peer's thread.
  class Line {
   public:
    explicit Line(Peer& peer, int fd) : peer_(peer), fd_(fd) {}
    // Waits for a line up to LF; what came when the session went away or 10 s were over.
    std::string receive();
    bool send(const std::string& data);  // false: the session, or the peer itself, is gone
    // Waits for Peer::go, 10 s at most.
    void wait();
    void close();  // an orderly end
    void reset();  // RST

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

  // "TCPIP0::127.0.0.1::50000::SOCKET"
  const std::string& resource() const { return resource_; }
  // Lets the script go on behind its next wait().
  void go();
  // Waits until the script is through; false after 10 s.
  bool finished();
  // All bytes received so far.
  std::string received();
  // Waits until `count` bytes were received, 5 s at most.
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
