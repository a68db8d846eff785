// SPDX-License-Identifier: MIT
// Input: a search expression as viFindRsrc gets it; after the first line break the name it is held
// against, or a default one.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "conformance/fuzz/model_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string_view name = "TCPIP0::10.0.0.5::hislip0,4881::INSTR";
  if (const std::size_t end = text.find('\n'); end != std::string_view::npos) {
    name = text.substr(end + 1);
    text = text.substr(0, end);
  }
  const std::string violation = visa::fuzz::check_find_expression(text, name);
  if (!violation.empty()) {
    std::fprintf(stderr, "%s\n", violation.c_str());
    std::abort();
  }
  return 0;
}
