// SPDX-License-Identifier: MIT
// A file of lines that becomes FILE.1, FILE.2 and so on when it is full, the oldest first, and
// begins anew. No line is lost, none is cut in two by it, and no file is deleted or written over.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace visa::tool {

class RotatingFile {
 public:
  /// `limit` in bytes, 0: none. What `file` holds already is kept as if it had been full. Throws
  /// OutputFailure, as write() does.
  RotatingFile(std::string file, std::uint64_t limit);
  ~RotatingFile();
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;

  /// Adds `text`, lines that stay together, and a line feed.
  void write(std::string_view text);

 private:
  void open();
  void put_aside();
  [[noreturn]] void fail(int error) const;

  const std::string file_;
  const std::uint64_t limit_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace visa::tool
