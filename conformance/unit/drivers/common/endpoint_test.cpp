// SPDX-License-Identifier: MIT
#include "drivers/common/endpoint.h"

#include <gtest/gtest.h>

#include "drivers/common/resolver.h"

namespace visa::test {
namespace {

using drivers::Endpoint;
using drivers::is_numeric_host;

Endpoint endpoint(const std::string& host, std::uint16_t port) {
  Call call(Deadline::infinite());
  const auto found = drivers::resolve(host, port, call);
  EXPECT_TRUE(found) << host;
  return found ? found->front() : Endpoint();
}

TEST(Endpoint, SpeaksOfItselfInFigures) {
  EXPECT_EQ(endpoint("192.0.2.1", 5025).numeric(), "192.0.2.1");
  EXPECT_EQ(endpoint("2001:DB8:0::1", 5025).numeric(), "2001:db8::1");
  EXPECT_EQ(endpoint("fe80::1%lo", 5025).numeric(), "fe80::1%lo");
  EXPECT_EQ(endpoint("192.0.2.1", 5025).port(), 5025);
  EXPECT_EQ(endpoint("::1", 65535).port(), 65535);
  EXPECT_EQ(Endpoint().numeric(), "");
}

TEST(Endpoint, IsEqualByAddressPortAndScope) {
  EXPECT_TRUE(endpoint("192.0.2.1", 1) == endpoint("192.0.2.1", 1));
  EXPECT_FALSE(endpoint("192.0.2.1", 1) == endpoint("192.0.2.1", 2));
  EXPECT_FALSE(endpoint("192.0.2.1", 1) == endpoint("192.0.2.2", 1));
  EXPECT_FALSE(endpoint("127.0.0.1", 1) == endpoint("::1", 1));
  EXPECT_TRUE(endpoint("::1", 1) == endpoint("::1", 1));
  EXPECT_FALSE(endpoint("fe80::1", 1) == endpoint("fe80::1%lo", 1));
}

TEST(Endpoint, KnowsAnAddressFromAName) {
  EXPECT_TRUE(is_numeric_host("127.0.0.1"));
  EXPECT_TRUE(is_numeric_host("::1"));
  EXPECT_TRUE(is_numeric_host("fe80::1%lo"));
  EXPECT_FALSE(is_numeric_host("scope.example"));
  EXPECT_FALSE(is_numeric_host("10.0.0.1.example"));
  // inet_aton takes them for addresses, the first two for octal ones.
  for (const char* odd : {"010.0.0.7", "10.0.0.010", "127.1", "0x7f.0.0.1", "2130706433", ""}) {
    EXPECT_FALSE(is_numeric_host(odd)) << odd;
  }
}

}  // namespace
}  // namespace visa::test
