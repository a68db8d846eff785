// SPDX-License-Identifier: MIT
// Input: a resource name as viOpen gets it.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "conformance/fuzz/model_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string violation = visa::fuzz::check_resource_name(text);
  if (!violation.empty()) {
    std::fprintf(stderr, "%s\n", violation.c_str());
    std::abort();
  }
  return 0;
}
