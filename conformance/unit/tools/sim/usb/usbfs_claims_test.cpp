// SPDX-License-Identifier: MIT
// Whose an interface is, in every order of claims, drivers and deaths.
#include "tools/sim/usb/usbfs_claims.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace visa::sim {
namespace {

class UsbfsClaimsTest : public ::testing::Test {
 protected:
  // Claims know a client by its address alone.
  char places[2] = {};
  const UsbfsClient& first = reinterpret_cast<const UsbfsClient&>(places[0]);
  const UsbfsClient& second = reinterpret_cast<const UsbfsClient&>(places[1]);
  UsbfsClaims claims;
};

TEST_F(UsbfsClaimsTest, AClaimIsOwnToOneAndBusyToOthers) {
  EXPECT_EQ(claims.state(0, first), UsbfsClaims::State::free);
  claims.claim(0, first);
  EXPECT_EQ(claims.state(0, first), UsbfsClaims::State::own);
  EXPECT_EQ(claims.state(0, second), UsbfsClaims::State::busy);
  EXPECT_EQ(claims.state(1, second), UsbfsClaims::State::free);
  EXPECT_EQ(claims.holder(0), &first);
  EXPECT_EQ(claims.holder(1), nullptr);
  EXPECT_FALSE(claims.release(0, second));
  EXPECT_TRUE(claims.release(0, first));
  EXPECT_FALSE(claims.release(0, first));
  EXPECT_TRUE(claims.empty());
}

TEST_F(UsbfsClaimsTest, HoldersAreCountedOnceAndForgottenWhole) {
  claims.claim(0, first);
  claims.claim(1, first);
  claims.claim(2, second);
  EXPECT_EQ(claims.holders(), 2U);
  claims.forget(first);
  EXPECT_EQ(claims.holders(), 1U);
  EXPECT_EQ(claims.state(1, second), UsbfsClaims::State::free);
}

TEST_F(UsbfsClaimsTest, TheKernelsDriverGoesAndComesBack) {
  std::vector<std::pair<int, bool>> told;
  claims.on_driver_changed = [&told](std::uint8_t interface, bool bound) {
    told.emplace_back(interface, bound);
  };
  claims.bind(3, "usbtmc");
  EXPECT_EQ(claims.kernel_driver(3), "usbtmc");
  EXPECT_EQ(claims.kernel_driver(0), "");
  EXPECT_EQ(claims.state(3, first), UsbfsClaims::State::busy);
  EXPECT_EQ(claims.attach(3), UsbfsClaims::Attached::busy);
  EXPECT_TRUE(claims.detach(3));
  EXPECT_FALSE(claims.detach(3));
  claims.claim(3, first);
  EXPECT_EQ(claims.attach(3), UsbfsClaims::Attached::busy);
  claims.forget(first);
  EXPECT_EQ(claims.kernel_driver(3), "") << "a death does not bring it back";
  EXPECT_EQ(claims.attach(3), UsbfsClaims::Attached::done);
  EXPECT_EQ(claims.attach(0), UsbfsClaims::Attached::nothing);
  EXPECT_EQ(told, (std::vector<std::pair<int, bool>>{{3, false}, {3, true}}));
}

}  // namespace
}  // namespace visa::sim
