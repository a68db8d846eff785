// SPDX-License-Identifier: MIT
// A sink that writes down what comes, and a print with its arguments written out.
#pragma once

#include <cstdarg>
#include <string>

#include "lib/format/print_engine.h"

namespace visa::format {

/// What would go to the device; `|` in `shown` stands for END.
class Tape : public ByteSink {
 public:
  Status end_message() override {
    shown += '|';
    return Status::success;
  }
  std::string shown;
  std::string bytes;

 private:
  Status overflow(std::string_view data) override {
    shown += data;
    bytes += data;
    return Status::success;
  }
};

inline Status print_to(ByteSink& sink, const FormatSettings& settings, const char* format,
                       std::va_list list) {
  ArgumentList arguments(list);
  return print(format, arguments, sink, settings);
}

struct Printed {
  Status status = Status::success;
  std::string text;
};

/// `format` and its arguments, as viPrintf has them.
inline Printed printed_with(const FormatSettings& settings, const char* format, ...) {
  Tape tape;
  std::va_list list;
  va_start(list, format);
  const auto status = print_to(tape, settings, format, list);
  va_end(list);
  return {status, tape.shown};
}

template <class... A>
std::string printed(const char* format, A... arguments) {
  const auto done = printed_with({}, format, arguments...);
  return failed(done.status) ? "status " + std::to_string(code(done.status)) : done.text;
}

template <class... A>
Status refused(const char* format, A... arguments) {
  return printed_with({}, format, arguments...).status;
}

}  // namespace visa::format
