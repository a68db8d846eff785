// SPDX-License-Identifier: MIT
// handlers PORT: handlers of VI_EVENT_EXCEPTION that return, fail themselves, throw and longjmp, on
// a machine with an unwinder of its own (lib/core/exception_delivery.cpp). The server never
// answers.
#include <visa.h>

#include <csetjmp>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

enum class Leave { returning, throwing, jumping };
Leave leave = Leave::returning;
int calls = 0;
std::jmp_buf back;

void fail(ViSession vi) {
  ViByte room[8];
  viRead(vi, room, sizeof room, nullptr);
}

// Fails too: that raises nothing, or the process would never come out of here.
ViStatus _VI_FUNCH handler(ViSession vi, ViEventType, ViEvent, ViAddr) {
  ++calls;
  if (calls < 100000) fail(vi);
  if (leave == Leave::throwing) throw std::runtime_error("of the program");
  if (leave == Leave::jumping) std::longjmp(back, 1);
  return VI_SUCCESS;
}

bool throws(ViSession vi) {
  try {
    fail(vi);
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

[[gnu::noinline]] bool jumps(ViSession vi) {
  if (setjmp(back) != 0) return true;
  fail(vi);
  return false;
}

// From ever other depths of the stack, so that an old delivery lies now below, now above.
[[gnu::noinline]] bool deeper(ViSession vi, int levels) {
  volatile char room[256] = {};
  room[0] = static_cast<char>(levels);
  const bool done = levels > 0                ? deeper(vi, levels - 1)
                    : leave == Leave::jumping ? jumps(vi)
                                              : throws(vi);
  return done && room[0] == static_cast<char>(levels);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  ViSession rm = VI_NULL;
  ViSession vi = VI_NULL;
  const std::string name = "TCPIP::127.0.0.1::" + std::string(arguments[1]) + "::SOCKET";
  if (viOpenDefaultRM(&rm) < VI_SUCCESS) return 1;
  if (viOpen(rm, name.c_str(), VI_NULL, 20000, &vi) < VI_SUCCESS) return 1;
  viSetAttribute(vi, VI_ATTR_TMO_VALUE, VI_TMO_IMMEDIATE);
  viInstallHandler(vi, VI_EVENT_EXCEPTION, handler, nullptr);
  viEnableEvent(vi, VI_EVENT_EXCEPTION, VI_HNDLR, VI_NULL);

  fail(vi);
  std::printf("returning: %d\n", calls);
  for (const Leave how : {Leave::throwing, Leave::jumping}) {
    leave = how;
    calls = 0;
    int left = 0;
    for (int i = 0; i < 200; ++i) left += deeper(vi, i % 7) ? 1 : 0;
    std::printf("%s: %d of 200, %d calls\n", how == Leave::throwing ? "throwing" : "jumping", left,
                calls);
  }
  std::printf("viClose: %d\n", static_cast<int>(viClose(vi) | viClose(rm)));
  return 0;
}
