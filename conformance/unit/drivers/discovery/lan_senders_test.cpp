// SPDX-License-Identifier: MIT
#include "drivers/discovery/lan_senders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/discovery/lan_interfaces.h"

namespace visa::drivers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Endpoint host(std::uint32_t number, std::uint16_t port = 5353) {
  return ipv4_endpoint(0x0A000000 + number, port);
}

/// Messages of that size until the sender is cut off.
std::size_t admitted(LanSenders& senders, const Endpoint& from, std::size_t bytes) {
  std::size_t count = 0;
  while (senders.admit(from, bytes)) ++count;
  return count;
}

TEST(LanSenders, ASenderIsItsAddressWhateverItsPort) {
  LanSenders senders;
  EXPECT_EQ(senders.admit(host(1), 100), 0u);
  EXPECT_EQ(senders.admit(host(2), 100), 1u);
  EXPECT_EQ(senders.admit(host(1, 111), 100), 0u);
  EXPECT_EQ(senders.admit(*numeric_endpoint("fe80::1%lo"), 100), 2u);
  EXPECT_EQ(senders.admit(*numeric_endpoint("fe80::1"), 100), 3u);
  EXPECT_EQ(senders.admit(*numeric_endpoint("fe80::1%lo"), 100), 2u);
}

TEST(LanSenders, EachIsHeardSoFarAndNamedOnce) {
  LanSenders senders;
  EXPECT_EQ(admitted(senders, host(1), 4096), kMostBytesOfOneSender / 4096);
  EXPECT_EQ(admitted(senders, host(2), 0), kMostBytesOfOneSender / kLeastBytesOfMessage);
  EXPECT_FALSE(senders.admit(host(1), 1));
  EXPECT_TRUE(senders.admit(host(3), 1));
  EXPECT_THAT(senders.cut_off(),
              ElementsAre(HasSubstr("10.0.0.1: too many answers"), HasSubstr("10.0.0.2: ")));
}

TEST(LanSenders, MoreSendersThanCanBeToldApartCountAsOne) {
  LanSenders senders;
  for (std::uint32_t i = 0; i < kMostSenders; ++i) EXPECT_EQ(senders.admit(host(i), 1), i);
  EXPECT_EQ(senders.admit(host(70000), 1), kMostSenders);
  EXPECT_EQ(senders.admit(host(80000), 1), kMostSenders);
  EXPECT_EQ(admitted(senders, host(90000), 4096), kMostBytesOfTheRest / 4096);
  EXPECT_FALSE(senders.admit(host(70000), 1));
  EXPECT_TRUE(senders.admit(host(7), 1)) << "one that is known goes on";
  EXPECT_THAT(senders.cut_off(), ElementsAre(HasSubstr("more than 1024 senders")));
}

TEST(LanSenders, ThousandsOfThemFillNoList) {
  LanSenders senders;
  EXPECT_THAT(senders.cut_off(), IsEmpty());
  for (std::uint32_t i = 0; i < 40; ++i) admitted(senders, host(i), kMostBytesOfOneSender);
  EXPECT_THAT(senders.cut_off(), SizeIs(16));
}

}  // namespace
}  // namespace visa::drivers
