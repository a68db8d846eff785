// SPDX-License-Identifier: MIT
// The arguments behind a format, taken one after the other: by the print half and then by the scan
// half of viQueryf, which is why it is passed by reference. Made from the va_list of a variadic
// entry point or from the ViVAList of the viV* ones; a copy, so the caller's list is not advanced.
// What the format asks for must be there: C has no way to tell. One thread.
#pragma once

#include <cstdarg>

namespace visa::format {

class ArgumentList {
 public:
  explicit ArgumentList(std::va_list list) { va_copy(list_, list); }
  ~ArgumentList() { va_end(list_); }
  ArgumentList(const ArgumentList&) = delete;
  ArgumentList& operator=(const ArgumentList&) = delete;

  /// T as C passes it: int, unsigned, long, long long, double, long double, a pointer; never char,
  /// short or float, which arrive as int and double.
  template <class T>
  T next() {
    static_assert(sizeof(T) >= sizeof(int));
    return va_arg(list_, T);
  }

 private:
  std::va_list list_;
};

}  // namespace visa::format
