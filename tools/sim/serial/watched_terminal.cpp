// SPDX-License-Identifier: MIT
// inotify tells of openings and not which program opens: the user asks the terminal.
#include "tools/sim/serial/watched_terminal.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace visa::sim {

WatchedTerminal::WatchedTerminal(EventLoop& loop, std::string path, User& user)
    : loop_(loop), user_(user), terminal_(std::move(path)), openings_(user) {
  openings_.notify = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!openings_.notify) throw std::system_error(errno, std::generic_category(), "inotify");
  openings_.watch(terminal_.node());
  loop_.add(openings_.notify.get(), EPOLLIN, openings_);
}

WatchedTerminal::~WatchedTerminal() {
  loop_.remove(openings_.notify.get());
  if (watched_ != 0) loop_.remove(terminal_.fd());
}

void WatchedTerminal::watch(std::uint32_t events) {
  if (events == watched_) return;
  const std::uint32_t before = std::exchange(watched_, events);
  if (before == 0) {
    loop_.add(terminal_.fd(), events, user_);
  } else if (events == 0) {
    loop_.remove(terminal_.fd());
  } else {
    loop_.modify(terminal_.fd(), events, user_);
  }
}

void WatchedTerminal::replug() {
  watch(0);
  terminal_.replug();
  openings_.watch(terminal_.node());
}

void WatchedTerminal::Openings::watch(const std::string& node) {
  if (watch_ >= 0) ::inotify_rm_watch(notify.get(), watch_);
  watch_ = ::inotify_add_watch(notify.get(), node.c_str(), IN_OPEN);
  if (watch_ < 0) throw std::system_error(errno, std::generic_category(), node);
}

void WatchedTerminal::Openings::on_events(std::uint32_t) {
  std::array<char, 4096> drained;
  while (::read(notify.get(), drained.data(), drained.size()) > 0) {
  }
  user_.on_opened();
}

}  // namespace visa::sim
