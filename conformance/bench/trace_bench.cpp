// SPDX-License-Identifier: MIT
// What the trace costs when it is off: a function with the scope that every exported function has,
// against the same function without it, in turns. The cheapest call of the library is the yardstick
// (viGetAttribute of a manager). Judges nothing. Only an optimised build gives a number that means
// something.
//
//   trace_bench [CALLS]
#include <time.h>
#include <visa.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/abi/trace.h"
#include "lib/base/log.h"
#include "lib/base/status.h"

namespace {

using visa::Status;

// Asked for only while the trace is on.
struct Arguments {
  int number;
  std::string in() const { return "number=" + std::to_string(number); }
  std::string out(Status) const { return ""; }
};

// Not to be seen through by the compiler, as the body of a function of the library is not.
__attribute__((noinline)) Status body(int number) {
  asm volatile("" : "+r"(number) : : "memory");
  return number >= 0 ? Status::success : Status::error_io;
}
__attribute__((noinline)) Status plain(int number) {
  return body(number);
}
__attribute__((noinline)) Status traced(int number) {
  const Arguments arguments{number};
  visa::abi::TraceScope trace("traced", arguments);
  const Status status = body(number);
  trace.end(status, arguments);
  return status;
}

/// Processor time of this thread, so that other programs disturb it less.
double now() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class Call>
double nanoseconds(long calls, Call&& call) {
  const double begin = now();
  for (long i = 0; i < calls; ++i) call(static_cast<int>(i & 0xFF));
  return (now() - begin) / static_cast<double>(calls);
}

struct Row {
  double median = 0;
  double least = 0;
  double most = 0;
};

Row row_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

}  // namespace

int main(int count, char** words) {
  const long calls = count > 1 ? std::max(std::strtol(words[1], nullptr, 10), 1L) : 200000;
  constexpr int kRounds = 101;
  visa::log::redirect("");
  ViSession manager = VI_NULL;
  if (viOpenDefaultRM(&manager) < VI_SUCCESS) {
    std::fputs("trace_bench: no manager can be opened\n", stderr);
    return 2;
  }
  std::vector<double> without;
  std::vector<double> with;
  std::vector<double> whole;
  for (int round = 0; round < kRounds; ++round) {
    without.push_back(nanoseconds(calls, [](int number) { plain(number); }));
    with.push_back(nanoseconds(calls, [](int number) { traced(number); }));
    whole.push_back(nanoseconds(std::max(calls / 200, 1L), [manager](int) {
      ViVersion version = 0;
      viGetAttribute(manager, VI_ATTR_RSRC_SPEC_VERSION, &version);
    }));
  }
  viClose(manager);
  // The least of many rounds is the one that nothing disturbed.
  const auto print = [](const char* what, const Row& row) {
    std::printf("%-30s %8.2f ns  (median %.2f, most %.2f)\n", what, row.least, row.median,
                row.most);
  };
  const Row bare = row_of(without);
  const Row off = row_of(with);
  const Row call = row_of(whole);
  print("function without the trace", bare);
  print("with it, off", off);
  print("viGetAttribute of a manager", call);
  std::printf("%-30s %8.2f ns, %.4f of viGetAttribute\n", "the trace, off", off.least - bare.least,
              (off.least - bare.least) / call.least);
  return 0;
}
