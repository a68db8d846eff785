// SPDX-License-Identifier: MIT
// /dev/gpib0 in this process: a file of the test's, whose GPIB requests the model answers, by
// wrapping ioctl at link time. Threads are who they are, so that the mutex of the board is checked.
#pragma once

#include <memory>
#include <string>

#include "conformance/unit/drivers/support/gpib_kernel_model.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {

/// One at a time.
class FakeGpib {
 public:
  FakeGpib();
  ~FakeGpib();
  FakeGpib(const FakeGpib&) = delete;
  FakeGpib& operator=(const FakeGpib&) = delete;

  GpibKernelModel& model() noexcept { return *model_; }
  /// The path of the node.
  const std::string& path() const noexcept { return path_; }

 private:
  TempFolder folder_;
  std::string path_;
  std::shared_ptr<GpibKernelModel> model_;  // a worker may still be in it
};

}  // namespace visa::test
