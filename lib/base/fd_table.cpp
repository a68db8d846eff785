// SPDX-License-Identifier: MIT
// When a child closes a descriptor, the place keeps kGone or kClosed and still belongs to its
// owner, until the owner gives it back.
#include "lib/base/fd_table.h"

#include <sys/stat.h>
#include <unistd.h>

namespace visa::detail {
namespace {

constexpr int kGone = -1;
constexpr std::uint64_t kClosed = std::uint64_t{1} << 32;

}  // namespace

constinit ForkTable<int> noted_fds;
constinit ForkTable<std::uint64_t> closing_fds;

std::uint64_t closing_word(int fd) noexcept {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return 0;
  const std::uint64_t mixed =
      std::uint64_t{file.st_ino} ^ (std::uint64_t{file.st_dev} * 0x9E3779B97F4A7C15);
  const auto identity = static_cast<std::uint32_t>(mixed ^ (mixed >> 32));
  return (std::uint64_t{identity} << 32) | static_cast<std::uint32_t>(fd + 1);
}

void close_noted_fds_in_child() noexcept {
  noted_fds.each([](ForkTable<int>::Place& place) {
    const int fd = place.exchange(kGone, std::memory_order_relaxed) - 1;
    if (fd >= 0) ::close(fd);
  });
  closing_fds.each([](ForkTable<std::uint64_t>::Place& place) {
    const std::uint64_t word = place.exchange(kClosed, std::memory_order_relaxed);
    const int fd = closing_fd(word);
    if (fd >= 0 && closing_word(fd) == word) ::close(fd);
  });
}

}  // namespace visa::detail
