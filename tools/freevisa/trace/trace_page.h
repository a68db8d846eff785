// SPDX-License-Identifier: MIT
// A trace as one web page that needs nothing else: a timeline of the sessions, search, and each
// call with arguments, duration and the bytes on the wire. Written as the calls come, so its size
// is bound by the disk alone; beyond kMost entries the rest is counted, because a browser would not
// show them. One thread.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace visa::tool {

/// Made by the build from trace_page.html.
std::string_view trace_page_text() noexcept;

class TracePage {
 public:
  static constexpr std::size_t kMost = 100000;

  /// Writes beside `file` until finish() puts it in its place; to a device or a pipe at once.
  /// `title`: what ran. Throws OutputFailure.
  TracePage(std::string file, std::string title);
  /// Without finish() nothing is left.
  ~TracePage();
  TracePage(const TracePage&) = delete;
  TracePage& operator=(const TracePage&) = delete;

  /// `json` is an object of trace_json().
  void add(std::string_view json);
  void finish();

 private:
  void write(std::string_view text);
  [[noreturn]] void fail(int error) const;

  std::string file_;
  std::string place_;  // the file that it takes the place of in the end
  std::string aside_;  // beside it meanwhile; empty where `file` is written as it is
  std::FILE* stream_ = nullptr;
  std::string title_;
  std::size_t entries_ = 0;
};

}  // namespace visa::tool
