// SPDX-License-Identifier: MIT
// Plain data of one thread: no lock, no allocation of its own, and in a child of fork the copy of
// the thread that forked.
#include "lib/core/thread_failure.h"

#include <algorithm>
#include <cstddef>

namespace visa::core {
namespace {

// What viStatusDesc can show at most.
constexpr std::size_t kRoom = 255;

struct Slot {
  Status status = Status::success;
  unsigned char size = 0;
  char text[kRoom] = {};
};
constinit thread_local Slot slot;

}  // namespace

void note_thread_failure(Status status, std::string_view detail) noexcept {
  Slot& here = slot;
  here.status = status;
  here.size = static_cast<unsigned char>(std::min(detail.size(), kRoom));
  std::copy_n(detail.data(), here.size, here.text);
}

void forget_thread_failure() noexcept {
  slot.size = 0;
}

std::string thread_failure(Status status) {
  const Slot& here = slot;
  if (here.status != status) return {};
  return std::string(here.text, here.size);
}

}  // namespace visa::core
