// SPDX-License-Identifier: MIT
#include "lib/abi/unavailable.h"

#include "lib/abi/guard.h"
#include "lib/core/resource.h"

namespace visa::abi {

ViStatus unavailable(const char* function, ViSession vi, ViPUInt32 count) {
  if (count != nullptr) *count = 0;
  return on<core::Resource>(function, vi, Args{in("vi", vi)},
                            [](core::Resource&) { return Status::error_nsup_oper; });
}

}  // namespace visa::abi
