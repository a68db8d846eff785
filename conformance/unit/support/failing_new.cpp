// SPDX-License-Identifier: MIT
#include "conformance/unit/support/failing_new.h"

#include <cstdlib>
#include <new>

namespace visa::test {
namespace {

constexpr long kOff = -1;
constexpr long kDone = -2;
thread_local long left = kOff;

/// True when it is this one's turn to fail.
bool fails() noexcept {
  if (left < 0) return false;
  if (left == 0) {
    left = kDone;
    return true;
  }
  --left;
  return false;
}

void* allocate(std::size_t size) noexcept {
  return fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

}  // namespace

FailingNew::FailingNew(long passing) noexcept {
  left = passing;
}
FailingNew::~FailingNew() {
  left = kOff;
}
bool FailingNew::failed() const noexcept {
  return left == kDone;
}

}  // namespace visa::test

void* operator new(std::size_t size) {
  if (void* const memory = visa::test::allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return visa::test::allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
