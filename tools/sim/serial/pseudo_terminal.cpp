// SPDX-License-Identifier: MIT
// The slave is never kept open here: the hang-up that the master then sees says when no program has
// the port open.
#include "tools/sim/serial/pseudo_terminal.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace visa::sim {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw std::system_error(errno, std::generic_category(),
                          path + ": " + what + " (--no-serial leaves serial ports out)");
}

// A link is replaced in one step, so that a program never finds none.
void make_link(const std::string& node, const std::string& path) {
  const std::string fresh = path + ".new";
  static_cast<void>(::unlink(fresh.c_str()));
  if (::symlink(node.c_str(), fresh.c_str()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
    fail(path, "cannot make the link of a serial port");
  }
}

}  // namespace

PseudoTerminal::PseudoTerminal(std::string path) : path_(std::move(path)) {
  open();
}

PseudoTerminal::~PseudoTerminal() {
  static_cast<void>(::unlink(path_.c_str()));
}

void PseudoTerminal::open() {
  FileDescriptor master(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!master) fail(path_, "cannot make a pseudo-terminal");
  std::array<char, 64> node{};
  if (::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0 ||
      ::ptsname_r(master.get(), node.data(), node.size()) != 0) {
    fail(path_, "cannot make a pseudo-terminal");
  }
  // Without echo, whatever the program that opens it does first.
  termios2 state{};
  if (::ioctl(master.get(), TCGETS2, &state) == 0) {
    state.c_iflag = 0;
    state.c_oflag = 0;
    state.c_lflag = 0;
    static_cast<void>(::ioctl(master.get(), TCSETS2, &state));
  }
  node_ = node.data();
  make_link(node_, path_);
  master_ = std::move(master);
}

bool PseudoTerminal::connected() const noexcept {
  pollfd watched{fd(), 0, 0};
  return ::poll(&watched, 1, 0) == 0 || (watched.revents & POLLHUP) == 0;
}

void PseudoTerminal::forget_unread() const noexcept {
  // Only the slave's side can empty its buffer.
  const FileDescriptor slave(::open(node_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (slave) static_cast<void>(::ioctl(slave.get(), TCFLSH, TCIFLUSH));
}

std::chrono::nanoseconds PseudoTerminal::byte_time() const noexcept {
  constexpr std::int64_t kBits = 10;
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  termios2 state{};
  if (::ioctl(fd(), TCGETS2, &state) != 0 || state.c_ospeed == 0) return {};
  return std::chrono::nanoseconds(kNanoseconds * kBits / state.c_ospeed);
}

void PseudoTerminal::replug() {
  master_ = FileDescriptor();
  open();
}

}  // namespace visa::sim
