// SPDX-License-Identifier: MIT
// Which names share a bus, and what takes the place of one whose adapter is gone.
#include "drivers/gpib/open_buses.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "conformance/unit/drivers/support/fake_board.h"

namespace visa::drivers::gpib {
namespace {

// What the functions of the back end find; one test at a time.
int opened = 0;
FakeBoard* last = nullptr;
Status opens_with = Status::success;

Result<std::string> identify(const BoardRequest& request, Call& call) {
  if (request.target == "wrong") return call.fail(Status::error_inv_setup, "no such target");
  return "fake " + request.target;
}

Result<std::unique_ptr<Controller>> open(const BoardRequest&, Call& call) {
  if (failed(opens_with)) return call.fail(opens_with, "the adapter does not answer");
  auto made = std::make_unique<FakeBoard>();
  last = made.get();
  ++opened;
  return std::unique_ptr<Controller>(std::move(made));
}

constexpr BackEnd kBackEnd{"fake", {}, &identify, &open, nullptr};

class OpenBusesTest : public testing::Test {
 protected:
  OpenBusesTest() {
    opened = 0;
    opens_with = Status::success;
  }
  Result<Buses::Lease> lease(const std::string& target, std::uint16_t number = 0) {
    return open_bus({&kBackEnd, {number, target, settings, nullptr}}, call);
  }
  void release(Result<Buses::Lease>& one) { one->release(call); }

  const spi::Settings settings;
  Call call{Deadline::after(std::chrono::seconds(5))};
};

TEST_F(OpenBusesTest, NamesOfOneAdapterShareItsBus) {
  auto one = lease("a", 0);
  auto two = lease("a", 7);
  auto other = lease("b");
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(&**one, &**two);
  EXPECT_NE(&**one, &**other);
  EXPECT_EQ(opened, 2);
  release(one);
  auto three = lease("a");
  EXPECT_EQ(opened, 2);  // the second session still has it
  release(two);
  release(three);
  auto again = lease("a");
  EXPECT_EQ(opened, 3);
  release(again);
  release(other);
}

TEST_F(OpenBusesTest, AnAdapterThatIsGoneIsOpenedBesideItsOldSessions) {
  auto old = lease("a");
  ASSERT_TRUE(old);
  last->is_gone = true;
  auto fresh = lease("a");
  ASSERT_TRUE(fresh);
  EXPECT_NE(&**old, &**fresh);
  auto second = lease("a");
  EXPECT_EQ(&**second, &**fresh);
  release(old);
  auto third = lease("a");  // the one that is gone has no sessions any more
  EXPECT_EQ(opened, 3);
  release(fresh);
  release(second);
  release(third);
}

TEST_F(OpenBusesTest, StatusesAreThoseOfViOpen) {
  EXPECT_EQ(lease("wrong").status(), Status::error_inv_setup);
  for (const auto& [status, said] : {std::pair(Status::error_conn_lost, Status::error_rsrc_nfound),
                                     std::pair(Status::error_io, Status::error_rsrc_nfound),
                                     std::pair(Status::error_tmo, Status::error_tmo)}) {
    opens_with = status;
    EXPECT_EQ(lease("a").status(), said);
    EXPECT_EQ(call.detail, "the adapter does not answer");
  }
  opens_with = Status::success;
  auto after = lease("a");  // a failure leaves nothing
  EXPECT_EQ(opened, 1);
  release(after);
}

}  // namespace
}  // namespace visa::drivers::gpib
