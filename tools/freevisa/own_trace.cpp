// SPDX-License-Identifier: MIT
// The file is a temporary one with a name, because the library opens its trace by name.
#include "tools/freevisa/own_trace.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "tools/freevisa/environment.h"
#include "tools/freevisa/started_program.h"

namespace visa::tool {
namespace {

const TemporaryFile* kept_file(bool make) {
  static std::unique_ptr<const TemporaryFile> file;
  if (file == nullptr && make)
    file = std::make_unique<const TemporaryFile>("freevisa-trace", ".log");
  return file.get();
}

}  // namespace

void keep_trace(bool instead) {
  if (kept_file(false) != nullptr || (!instead && environment("FREEVISA_TRACE"))) return;
  const std::string& path = kept_file(true)->path();
  ::setenv("FREEVISA_TRACE", path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
}

std::string kept_trace() {
  const TemporaryFile* const file = kept_file(false);
  if (file == nullptr) return "";
  std::ifstream stream(file->path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace visa::tool
