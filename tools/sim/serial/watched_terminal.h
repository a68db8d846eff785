// SPDX-License-Identifier: MIT
// A pseudo-terminal in the event loop: hears that a program opens the port, and watches it while it
// is open. At other times the master would report a hang-up without end, so it is not in the loop
// then. On the bench's thread only.
#pragma once

#include <cstdint>
#include <string>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/serial/pseudo_terminal.h"

namespace visa::sim {

class WatchedTerminal {
 public:
  /// What plays the instrument's side.
  class User : public EventHandler {
   public:
    /// A program has opened the node; others may have it open already.
    virtual void on_opened() = 0;
  };

  /// `user` outlives this. Throws std::system_error.
  WatchedTerminal(EventLoop& loop, std::string path, User& user);
  ~WatchedTerminal();
  WatchedTerminal(const WatchedTerminal&) = delete;
  WatchedTerminal& operator=(const WatchedTerminal&) = delete;

  const PseudoTerminal& terminal() const noexcept { return terminal_; }
  int fd() const noexcept { return terminal_.fd(); }
  /// The user hears of these events from now on; 0: of none.
  void watch(std::uint32_t events);
  std::uint32_t watched() const noexcept { return watched_; }
  /// As PseudoTerminal::replug; nothing is watched after it.
  void replug();

 private:
  class Openings final : public EventHandler {
   public:
    explicit Openings(User& user) : user_(user) {}
    void on_events(std::uint32_t events) override;
    void watch(const std::string& node);
    FileDescriptor notify;

   private:
    User& user_;
    int watch_ = -1;
  };

  EventLoop& loop_;
  User& user_;
  PseudoTerminal terminal_;
  Openings openings_;
  std::uint32_t watched_ = 0;
};

}  // namespace visa::sim
