// SPDX-License-Identifier: MIT
// A search goes out as broadcast (VXI-11, UDP port 111) and multicast (mDNS, 5353). The answers
// come from the instruments' own addresses, so a firewall that lets in answers alone does not know
// them.
#include "tools/freevisa/doctor/network_checks.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace visa::tool {
namespace {

using Level = Finding::Level;

/// Whether a line of the file begins with `key` and has `word`.
bool file_says(const std::string& path, std::string_view key, std::string_view word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key) && line.find(word) != std::string::npos) return true;
  }
  return false;
}

bool has_network() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return false;
  bool found = false;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    found = found || (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET &&
                      (one->ifa_flags & IFF_LOOPBACK) == 0 && (one->ifa_flags & IFF_UP) != 0);
  }
  ::freeifaddrs(list);
  return found;
}

/// What the thread that asks the resolver leaves; it may live longer than the one that waits.
struct Look {
  std::mutex mutex;
  std::condition_variable done;
  bool finished = false;
  HostAddress result;
};

HostAddress look_up(const std::string& host) {
  HostAddress result;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list);
  if (code != 0) {
    result.error = ::gai_strerror(code);
    return result;
  }
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(list->ai_addr, list->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
    result.resolved = true;
    result.address = text.data();
  }
  ::freeaddrinfo(list);
  return result;
}

PortAnswer answer_of(int error) {
  const std::string text = std::generic_category().message(error);
  if (error == 0) return {PortAnswer::Kind::open, "open"};
  if (error == ECONNREFUSED) return {PortAnswer::Kind::refused, "connection refused"};
  if (error == ETIMEDOUT || error == EINPROGRESS) return {PortAnswer::Kind::silent, "no answer"};
  return {PortAnswer::Kind::unreachable, text};
}

int connect_within(const addrinfo& to, std::chrono::milliseconds limit) {
  const int fd = ::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  int error = 0;
  if (::connect(fd, to.ai_addr, to.ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    pollfd ready{fd, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (::poll(&ready, 1, static_cast<int>(limit.count())) == 1) {
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  ::close(fd);
  return error;
}

}  // namespace

Findings check_network(const SystemView& system) {
  Findings found;
  if (has_network()) {
    found.push_back({Level::good, "network", "there is a network to search"});
  } else {
    found.push_back({Level::note, "network",
                     "no network but this computer's own: a search finds no instruments",
                     "ip -brief address shows the interfaces; is the cable in?"});
  }
  struct Firewall {
    bool runs;
    const char* name;
    const char* fix;
  };
  const Firewall firewalls[] = {
      {file_says(system.root + "/etc/ufw/ufw.conf", "ENABLED=", "yes"), "ufw",
       "sudo ufw allow proto udp from any port 111 to any && sudo ufw allow proto udp from any "
       "port "
       "5353 to any"},
      {is_running(system, "firewalld"), "firewalld",
       "sudo firewall-cmd --permanent --add-source-port=111/udp --add-source-port=5353/udp && sudo "
       "firewall-cmd --reload"},
  };
  for (const Firewall& one : firewalls) {
    if (!one.runs) continue;
    found.push_back({Level::note, "firewall",
                     std::string(one.name) +
                         " is on: it may swallow what instruments answer to a search (UDP from "
                         "ports 111 and 5353), and their requests for service; names that you type "
                         "work all the same",
                     one.fix});
  }
  return found;
}

HostAddress address_of(const std::string& host, std::chrono::milliseconds limit) {
  const auto look = std::make_shared<Look>();
  std::thread([look, host] {
    HostAddress result = look_up(host);
    const std::lock_guard lock(look->mutex);
    look->result = std::move(result);
    look->finished = true;
    look->done.notify_all();
  }).detach();
  std::unique_lock lock(look->mutex);
  if (look->done.wait_for(lock, limit, [&look] { return look->finished; })) return look->result;
  return {false, "", "the name server does not answer"};
}

Findings check_host_name(const SystemView& system, const std::string& host,
                         const HostAddress& address) {
  if (address.resolved) {
    const bool numeric = address.address == host;
    return {
        {Level::good, "name", numeric ? host + " is an address" : host + " is " + address.address}};
  }
  std::string fix =
      "use the address of the instrument (its menu shows it) instead of the name, or add "
      "it: echo 'ADDRESS " +
      host + "' | sudo tee -a /etc/hosts";
  if (host.ends_with(".local") &&
      !file_says(system.root + "/etc/nsswitch.conf", "hosts:", "mdns")) {
    fix =
        "names in .local need mDNS, which this computer does not ask: sudo apt install libnss-mdns";
  } else if (!file_says(system.root + "/etc/resolv.conf", "nameserver", "")) {
    fix = "no name server is set in /etc/resolv.conf; " + fix;
  }
  return {{Level::problem, "name", host + ": " + address.error, fix}};
}

PortAnswer try_port(const std::string& address, std::uint16_t port,
                    std::chrono::milliseconds limit) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &list) != 0) {
    return {PortAnswer::Kind::unreachable, "not an address"};
  }
  const int error = connect_within(*list, limit);
  ::freeaddrinfo(list);
  return answer_of(error);
}

}  // namespace visa::tool
