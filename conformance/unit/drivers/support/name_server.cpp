// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/name_server.h"

#include <netdb.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

extern "C" int __real_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**);

namespace visa::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool blocked = false;
std::string still_blocked;  // after the others were released
int held = 0;
std::atomic<int> lookups{0};
std::atomic<bool> quiet{true};

int answer(std::initializer_list<const char*> addresses, addrinfo** result) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo** end = result;
  for (const char* address : addresses) {
    if (const int error = __real_getaddrinfo(address, nullptr, &hints, end); error != 0) {
      return error;
    }
    end = &(*end)->ai_next;
  }
  return 0;
}

int look_up(std::string_view name, addrinfo** result) {
  ++lookups;
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (const int signal : {SIGINT, SIGTERM, SIGALRM, SIGUSR1, SIGCHLD, SIGPIPE}) {
    if (sigismember(&mask, signal) != 1) quiet = false;
  }
  if (name == "two.test") return answer({"::1", "127.0.0.1"}, result);
  if (name == "quick.test") return answer({"127.0.0.1"}, result);
  if (name == "busy.test") return EAI_AGAIN;
  if (name == "refused.test") return EAI_FAIL;
  if (name == "bare.test") return EAI_NODATA;
  if (name == "broken.test") {
    errno = EIO;
    return EAI_SYSTEM;
  }
  if (name == "poor.test") {
    errno = EMFILE;
    return EAI_SYSTEM;
  }
  if (name == "mixed.test") {
    return answer({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"}, result);
  }
  if (name.substr(0, 7) == "blocked") {
    std::unique_lock lock(mutex);
    ++held;
    changed.notify_all();
    changed.wait(lock, [&] { return !blocked && name != still_blocked; });
    --held;
    changed.notify_all();
    return answer({"127.0.0.1"}, result);
  }
  return EAI_NONAME;
}

}  // namespace

BlockedNames::BlockedNames() {
  const std::lock_guard lock(mutex);
  blocked = true;
}

BlockedNames::~BlockedNames() {
  release();
}

void BlockedNames::release() {
  std::unique_lock lock(mutex);
  blocked = false;
  still_blocked.clear();
  changed.notify_all();
  changed.wait(lock, [] { return held == 0; });
}

void BlockedNames::release_all_but(const std::string& name) {
  const std::lock_guard lock(mutex);
  blocked = false;
  still_blocked = name;
  changed.notify_all();
}

void BlockedNames::wait_for(int count) const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return held >= count; });
}

int names_looked_up() {
  return lookups;
}

bool signals_were_blocked() {
  return quiet;
}

}  // namespace visa::test

extern "C" int __wrap_getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                                  addrinfo** result) {
  if (hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0) {
    return __real_getaddrinfo(host, service, hints, result);
  }
  return visa::test::look_up(host, result);
}
