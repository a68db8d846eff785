// SPDX-License-Identifier: MIT
// Makes one allocation of this thread fail: linked with failing_new.cpp, which replaces operator
// new of the whole test program. One at a time per thread.
#pragma once

namespace visa::test {

class FailingNew {
 public:
  /// The allocation after `passing` further ones throws std::bad_alloc, once.
  explicit FailingNew(long passing) noexcept;
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;

  /// True when it has happened.
  bool failed() const noexcept;
};

}  // namespace visa::test
