// SPDX-License-Identifier: MIT
// Names that need no server: the hosts file as people write it, broken and hostile ones, and what
// nsswitch.conf says of it.
#include "drivers/common/local_names.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace visa::test {
namespace {

using drivers::addresses_in_hosts;
using drivers::hosts_file_comes_first;
using drivers::local_addresses;

constexpr std::string_view kHosts =
    "# the lab\n"
    "127.0.0.1\tlocalhost\n"
    "::1 localhost ip6-localhost\n"
    "10.0.0.7   scope.lab  Scope   # the good one: meter\r\n"
    "#10.0.0.8  meter\n"
    "10.0.0.9 meter#10.0.0.10 meter\n"
    "  10.0.0.11 scope\n"
    "10.0.0.7 scope again\n"
    "fe80::1%lo link\n"
    "010.0.0.1 octal\n"
    "nonsense scope\n"
    "10.0.0.12\n"
    "\n"
    "10.0.0.13 last";

std::string find(std::string_view name, std::string_view hosts = kHosts) {
  std::string text;
  for (const auto& one : addresses_in_hosts(hosts, name)) {
    EXPECT_EQ(one.port(), 0);
    text += one.numeric() + " ";
  }
  return text;
}

TEST(LocalNames, AHostsFileGivesEveryAddressOfANameOnceInItsOrder) {
  EXPECT_EQ(find("scope.lab"), "10.0.0.7 ");
  EXPECT_EQ(find("SCOPE"), "10.0.0.7 10.0.0.11 ");
  EXPECT_EQ(find("scope."), "10.0.0.7 10.0.0.11 ");
  EXPECT_EQ(find("localhost"), "127.0.0.1 ::1 ");
  EXPECT_EQ(find("meter"), "10.0.0.9 ");
  EXPECT_EQ(find("link"), "fe80::1%lo ");
  EXPECT_EQ(find("last"), "10.0.0.13 ");
}

TEST(LocalNames, WhatIsNotInAHostsFileIsNotFound) {
  for (const char* name :
       {"octal", "10.0.0.12", "good", "one:", "#", "", "lab", "scop", "scope.la"}) {
    EXPECT_EQ(find(name), "") << name;
  }
  EXPECT_EQ(find("scope", ""), "");
  EXPECT_EQ(find("scope", "\n\n \t\n#"), "");
}

TEST(LocalNames, NoHostsFileBreaksTheReader) {
  std::mt19937 random(1);
  constexpr std::string_view kPieces[] = {
      "10.0.0.1", " ",   "\t",   "\n", "#", "a", "::1", "%", ".", "\r", std::string_view("\0", 1),
      "\xff",     "b.c", "256.1"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto pieces = random() % 30; pieces > 0; --pieces) {
      text += kPieces[random() % std::size(kPieces)];
    }
    for (const auto& one : addresses_in_hosts(text, "a")) EXPECT_NE(one.family(), 0) << text;
    hosts_file_comes_first(text);
    hosts_file_comes_first("hosts:" + text);
  }
}

TEST(LocalNames, TheHostsFileIsAskedFirstWhereNsswitchHasItFirst) {
  for (const char* text :
       {"", "passwd: files\n", "hosts: files dns\n", "# hosts: dns\nhosts:\tfiles",
        "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n",
        "  hosts:files mdns4_minimal [NOTFOUND=return] dns\n",
        "hosts: mymachines [ NOTFOUND=continue SUCCESS=return ] myhostname files dns\n"}) {
    EXPECT_TRUE(hosts_file_comes_first(text)) << text;
  }
  for (const char* text :
       {"hosts: dns files\n", "hosts:\n", "hosts: mdns4_minimal [NOTFOUND=return] dns files",
        "hosts: mdns4 files", "hosts: dns # files\n"}) {
    EXPECT_FALSE(hosts_file_comes_first(text)) << text;
  }
}

TEST(LocalNames, LocalhostAndNothingElseIsTheLoopback) {
  for (const char* name : {"localhost", "LOCALHOST", "localhost.", "scope.localhost"}) {
    EXPECT_FALSE(local_addresses(name).empty()) << name;
  }
  for (const char* name : {"notlocalhost", "localhost.example", "nowhere.invalid", ".", ""}) {
    EXPECT_TRUE(local_addresses(name).empty()) << name;
  }
}

}  // namespace
}  // namespace visa::test
