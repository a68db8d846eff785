// SPDX-License-Identifier: MIT
// Names, ports and firewalls, on loopback alone.
#include "tools/freevisa/doctor/network_checks.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace visa::tool {
namespace {

using ::testing::HasSubstr;
using Level = Finding::Level;
using namespace std::chrono_literals;

TEST(NetworkChecks, PortIsOpenOrRefused) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_EQ(try_port("127.0.0.1", port, 5000ms).kind, PortAnswer::Kind::refused);
  ASSERT_EQ(::listen(fd, 1), 0);
  EXPECT_EQ(try_port("127.0.0.1", port, 5000ms).kind, PortAnswer::Kind::open);
  EXPECT_EQ(try_port("no address", port, 5000ms).kind, PortAnswer::Kind::unreachable);
  ::close(fd);
}

TEST(NetworkChecks, AddressesNeedNoNameServer) {
  EXPECT_EQ(address_of("127.0.0.1", 5000ms).address, "127.0.0.1");
  const auto none = address_of("no such host, because of blanks", 20000ms);
  EXPECT_FALSE(none.resolved);
  EXPECT_FALSE(none.error.empty());
}

TEST(NetworkChecks, NameThatMeansNothingHasAFix) {
  SystemView system;
  system.root = ::testing::TempDir() + "network_" + std::to_string(::getpid());
  std::filesystem::create_directories(system.root + "/etc/ufw");
  std::ofstream(system.root + "/etc/resolv.conf") << "nameserver 127.0.0.1\n";
  std::ofstream(system.root + "/etc/ufw/ufw.conf") << "ENABLED=yes\n";
  const HostAddress unknown{false, "", "unknown"};
  EXPECT_THAT(check_host_name(system, "scope", unknown)[0].fix, HasSubstr("/etc/hosts"));
  EXPECT_THAT(check_host_name(system, "scope.local", unknown)[0].fix, HasSubstr("libnss-mdns"));
  std::ofstream(system.root + "/etc/nsswitch.conf") << "hosts: files mdns4_minimal dns\n";
  EXPECT_THAT(check_host_name(system, "scope.local", unknown)[0].fix, HasSubstr("/etc/hosts"));
  EXPECT_EQ(check_host_name(system, "a", {true, "1.2.3.4", ""})[0].level, Level::good);
  EXPECT_THAT(check_network(system).back().fix, HasSubstr("ufw allow"));
  std::filesystem::remove_all(system.root);
}

}  // namespace
}  // namespace visa::tool
