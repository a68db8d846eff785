// SPDX-License-Identifier: MIT
// Registrations with the server for service requests that fail: nothing of them is left behind.
#include <dirent.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/support/failing_new.h"
#include "drivers/vxi11/interrupt_service.h"

namespace visa::test {
namespace {

using drivers::vxi11::listen_for_interrupts;
using drivers::vxi11::register_interrupts;

class NoSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord) override {}
};

int threads() {
  DIR* const folder = ::opendir("/proc/self/task");
  int count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

/// The number of threads once it is `wanted`, or after a while: a thread that was joined is listed
/// a moment longer.
int threads_settled(int wanted) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  int count = threads();
  while (count != wanted && std::chrono::steady_clock::now() < limit) count = threads();
  return count;
}

TEST(InterruptRegistration, NobodyListensForAHandleThatIsNotRegistered) {
  Call call(Deadline::infinite());
  const LoopbackServer here;
  const auto home = listen_for_interrupts({}, here.endpoint(), call);
  EXPECT_EQ(home.status(), Status::error_system_error);
  EXPECT_NE(call.detail.find("enable the event again"), std::string::npos) << call.detail;
}

/// Takes what was just freed, so that no new object comes to lie at an address of a destroyed one.
std::vector<std::unique_ptr<char[]>> occupy_freed() {
  std::vector<std::unique_ptr<char[]>> all;
  for (std::size_t size = 16; size <= 512; size += 8) {
    for (int i = 0; i < 8; ++i) all.push_back(std::make_unique<char[]>(size));
  }
  return all;
}

// A registration for whose thread there was no memory stayed in the list of the server after it was
// destroyed, and the server with it.
TEST(InterruptRegistration, WithoutMemoryNothingIsRegistered) {
  const LoopbackServer here;
  NoSink sink;
  // With the first thread a sanitizer starts one of its own, which stays.
  std::promise<void> counted;
  std::thread first([&] { counted.get_future().wait(); });
  const int before = threads() - 1;
  counted.set_value();
  first.join();
  bool failed = true;
  for (long passing = 0; failed; ++passing) {
    ASSERT_LT(passing, 1000);
    Call call(Deadline::infinite());
    {
      const FailingNew failing(passing);
      try {
        const auto made = register_interrupts(here.endpoint(), false, sink, call);
        ASSERT_TRUE(made) << call.detail;
        const auto home = listen_for_interrupts((*made)->handle(), here.endpoint(), call);
        EXPECT_TRUE(home) << call.detail;
      } catch (const std::bad_alloc&) {
      }
      failed = failing.failed();
    }
    EXPECT_EQ(threads_settled(before), before) << passing;
    const auto occupied = occupy_freed();
    // The next one finds a server in order.
    auto next = register_interrupts(here.endpoint(), false, sink, call);
    ASSERT_TRUE(next) << call.detail;
    EXPECT_TRUE(listen_for_interrupts((*next)->handle(), here.endpoint(), call)) << call.detail;
    EXPECT_EQ(threads_settled(before + 1), before + 1) << passing;
    next->reset();
    EXPECT_EQ(threads_settled(before), before) << passing;
  }
}

}  // namespace
}  // namespace visa::test
