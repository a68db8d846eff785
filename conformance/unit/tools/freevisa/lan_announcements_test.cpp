// SPDX-License-Identifier: MIT
#include "tools/freevisa/lan_announcements.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace visa::tool {
namespace {

std::map<std::string, std::string> models(std::string_view trace) {
  std::map<std::string, std::string> result;
  for (const Announcement& one : announcements_in(trace)) result[one.host] = one.model;
  return result;
}

TEST(LanAnnouncements, MakerAndModelOfEachHost) {
  const auto found = models(
      "12:00 find lan: mDNS: My scope._vxi-11._tcp at scope.local port 111\n"
      "12:00 find lan: mDNS: My scope._lxi._tcp at scope.local port 80 (txtvers=1, "
      "Manufacturer=Keysight Technologies, Model=DSOX1204G, SerialNumber=1)\n"
      "12:00 find lan: mDNS: My meter._hislip._tcp at meter.local port 4880 (x)\nother\n");
  EXPECT_EQ(found,
            (std::map<std::string, std::string>{{"scope.local", "Keysight Technologies DSOX1204G"},
                                                {"meter.local", "My meter"}}));
}

TEST(LanAnnouncements, OfAHostWithSeveralInstrumentsNoModelIsSaid) {
  const std::string one = "find lan: mDNS: One._hislip._tcp at bench.local port 4880 (Model=A)\n";
  const std::string two = "find lan: mDNS: Two._hislip._tcp at bench.local port 4880 (Model=B)\n";
  EXPECT_EQ(models(one + one), (std::map<std::string, std::string>{{"bench.local", "A"}}));
  EXPECT_EQ(models(one + two + one), (std::map<std::string, std::string>{{"bench.local", ""}}));
}

TEST(LanAnnouncements, WhatIsNotAsExpectedIsLeftOut) {
  EXPECT_TRUE(models("find lan: mDNS: a._lxi._tcp at b\"} || c port 80\n").empty());
  EXPECT_TRUE(models("find lan: mDNS: a\nfind lan: mDNS: a._lxi at b").empty());
  EXPECT_TRUE(models("find lan: mDNS: a._lxi._tcp at  port 80").empty());
  EXPECT_TRUE(models("").empty());
}

}  // namespace
}  // namespace visa::tool
