// SPDX-License-Identifier: MIT
// Where answers go: standard output, or a file that is replaced as a whole once all of them are
// there. Until then, and on every failure, that file stays as it was. What is no regular file (a
// device, a FIFO) is opened when the first answer is there and gets each as it comes. One thread.
#pragma once

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace visa::tool {

// Thrown when the file cannot be written; main() prints it.
struct OutputFailure : std::exception {
  explicit OutputFailure(std::string message) : text(std::move(message)) {}
  const char* what() const noexcept override { return text.c_str(); }
  std::string text;
};

// "cannot write FILE: " with the reason and what helps; `error` is an errno, 0 where it is not
// known.
OutputFailure output_failure(const std::string& file, int error);
// The file that a new one may take the place of: `file`, after its symbolic links. Nothing where
// `file` must be written as it is: a device, a pipe, what /dev/stdout leads to. Throws
// OutputFailure for a folder, and where it cannot be looked at.
std::optional<std::string> replaceable(const std::string& file);

class AnswerOutput {
 public:
  // Nothing or "-": standard output. Throws where it can be seen already that `file` cannot be
  // written, so that no command is sent in vain; opens nothing.
  explicit AnswerOutput(const std::optional<std::string>& file);
  ~AnswerOutput();
  AnswerOutput(const AnswerOutput&) = delete;
  AnswerOutput& operator=(const AnswerOutput&) = delete;

  // Whether what is written is read on a terminal.
  bool is_terminal();
  void write(std::string_view data);
  // All answers are written.
  void finish();

 private:
  enum class Kind { standard, whole, stream };

  std::FILE* stream();
  void close_stream();
  void replace();
  [[noreturn]] void fail(int error) const;

  std::string file_;
  Kind kind_ = Kind::standard;
  std::string pending_;  // of a whole file
  bool written_ = false;
  std::FILE* stream_ = nullptr;
};

}  // namespace visa::tool
