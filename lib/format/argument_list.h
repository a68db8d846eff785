// SPDX-License-Identifier: MIT
// The arguments that follow a format, taken one after the other. It is passed by reference, because
// in viQueryf the print half takes some and the scan half the rest. It copies the va_list of a
// variadic entry point or the ViVAList of a viV* one, so the caller's list is not advanced. The
// arguments that the format asks for must be there: C has no way to check. One thread.
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
