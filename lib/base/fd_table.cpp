// SPDX-License-Identifier: MIT
// When a child closes a descriptor, the place keeps kGone and still belongs to its owner, until the
// owner gives it back.
#include "lib/base/fd_table.h"

#include <unistd.h>

namespace visa::detail {
namespace {

constexpr int kGone = -1;

}  // namespace

constinit ForkTable<int> noted_fds;

void close_noted_fds_in_child() noexcept {
  noted_fds.each([](ForkTable<int>::Place& place) {
    const int fd = place.exchange(kGone, std::memory_order_relaxed) - 1;
    if (fd >= 0) ::close(fd);
  });
}

}  // namespace visa::detail
