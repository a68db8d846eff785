// SPDX-License-Identifier: MIT
#include "drivers/common/shared_device.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "conformance/unit/support/patience.h"

namespace visa::drivers {
namespace {

using namespace std::chrono_literals;

struct Port {
  std::atomic<int>& closed;
  explicit Port(std::atomic<int>& count) : closed(count) {}
  void close(Call&) noexcept { ++closed; }
};

using Ports = SharedDevices<Port>;

class SharedDeviceTest : public testing::Test {
 protected:
  Result<Ports::Lease> open(std::string_view identity, Call& call) {
    return ports_.open(identity, call, [this](Call&) -> Result<std::unique_ptr<Port>> {
      ++opened_;
      return std::make_unique<Port>(closed_);
    });
  }

  static inline constinit Ports ports_;  // its table lives as long as the process
  std::atomic<int> opened_{0};
  std::atomic<int> closed_{0};
};

TEST_F(SharedDeviceTest, SessionsOfOneIdentityShareOneDevice) {
  Call call(Deadline::after(10s));
  auto first = open("ttyS0", call);
  auto second = open("ttyS0", call);
  auto other = open("ttyS1", call);
  ASSERT_TRUE(first && second && other);
  EXPECT_EQ(&**first, &**second);
  EXPECT_EQ(&first->gate(), &second->gate());
  EXPECT_NE(&**first, &**other);
  EXPECT_EQ(opened_, 2);
  first->release(call);
  EXPECT_EQ(closed_, 0);
  second->release(call);
  EXPECT_EQ(closed_, 1);
  second->release(call);  // once only
  other->release(call);
  EXPECT_EQ(closed_, 2);
  EXPECT_EQ(ports_.size(), 0u);
}

TEST_F(SharedDeviceTest, FailedOpenLeavesNothingAndIsTheCallersAlone) {
  Call call(Deadline::after(10s));
  const auto refused = ports_.open("board", call, [](Call& inner) -> Result<std::unique_ptr<Port>> {
    return inner.fail(Status::error_rsrc_busy, "board: held by process 42");
  });
  EXPECT_EQ(refused.status(), Status::error_rsrc_busy);
  EXPECT_EQ(call.detail, "board: held by process 42");
  EXPECT_EQ(ports_.size(), 0u);
  EXPECT_THROW(
      static_cast<void>(ports_.open(
          "board", call, [](Call&) -> Result<std::unique_ptr<Port>> { throw std::bad_alloc(); })),
      std::bad_alloc);
  EXPECT_EQ(ports_.size(), 0u);
  auto lease = open("board", call);
  ASSERT_TRUE(lease);
  lease->release(call);
}

TEST_F(SharedDeviceTest, OpeningWaitsForTheOneInProgress) {
  std::atomic<bool> go{false};
  std::atomic<bool> inside{false};
  std::thread slow([&] {
    Call call(Deadline::after(test::kPatience));
    auto lease = ports_.open("port", call, [&](Call&) -> Result<std::unique_ptr<Port>> {
      inside = true;
      inside.notify_all();
      go.wait(false);
      ++opened_;
      return std::make_unique<Port>(closed_);
    });
    ASSERT_TRUE(lease);
    lease->release(call);
  });
  inside.wait(false);
  Call immediate(Deadline::immediate());
  EXPECT_EQ(open("port", immediate).status(), Status::error_tmo);
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(open("port", cancelled).status(), Status::error_abort);
  Call other(Deadline::after(test::kPatience));
  auto unrelated = open("other port", other);  // another device does not wait
  ASSERT_TRUE(unrelated);
  unrelated->release(other);
  go = true;
  go.notify_all();
  Call patient(Deadline::after(test::kPatience));
  auto lease = open("port", patient);
  ASSERT_TRUE(lease);
  slow.join();
  lease->release(patient);
  EXPECT_EQ(ports_.size(), 0u);
  EXPECT_EQ(opened_, closed_);
}

TEST_F(SharedDeviceTest, ManyThreadsNeverMeetADeviceHalfClosed) {
  std::vector<std::thread> threads;
  std::atomic<int> alive{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Call call(Deadline::after(test::kPatience));
        auto lease = ports_.open("port", call, [&](Call&) -> Result<std::unique_ptr<Port>> {
          EXPECT_EQ(opened_, closed_) << "opened while the one before is still open";
          ++opened_;
          return std::make_unique<Port>(closed_);
        });
        ASSERT_TRUE(lease);
        ++alive;
        lease->release(call);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(alive, 8 * 200);
  EXPECT_EQ(opened_, closed_);
  EXPECT_EQ(ports_.size(), 0u);
}

TEST_F(SharedDeviceTest, ChildOfForkStartsWithNoDevices) {
  Call call(Deadline::after(10s));
  auto lease = open("port", call);
  ASSERT_TRUE(lease);
  const pid_t child = ::fork();
  if (child == 0) {
    bool good = ports_.size() == 0;
    Call own(Deadline::after(10s));
    auto fresh = open("port", own);
    good = good && fresh && opened_ == 2;
    if (fresh) fresh->release(own);
    ::_exit(good && closed_ == 1 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  lease->release(call);
}

}  // namespace
}  // namespace visa::drivers
