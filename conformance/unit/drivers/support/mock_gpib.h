// SPDX-License-Identifier: MIT
// /dev/gpib0 in a mock of the system (umockdev): sysfs, the device node, and the model of the
// kernel after it. So programs and the library find and open the board by its usual name. umockdev
// does not tell threads from each other: each open file counts as one. One at a time per process.
#pragma once

#include <memory>

#include "conformance/unit/drivers/support/gpib_kernel_model.h"

namespace visa::test {

class MockGpib {
 public:
  /// Why it cannot be used here; null where it can.
  static const char* missing();

  MockGpib();
  ~MockGpib();
  MockGpib(const MockGpib&) = delete;
  MockGpib& operator=(const MockGpib&) = delete;

  GpibKernelModel& model() noexcept;

 private:
  struct Self;
  std::unique_ptr<Self> self_;
};

}  // namespace visa::test
