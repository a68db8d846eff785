// SPDX-License-Identifier: MIT
// The C library has no look-up that leaves out the name servers for one call (its setting is one
// for the whole process), so this file reads the hosts file and nsswitch.conf itself.
#include "drivers/common/local_names.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "lib/base/unique_fd.h"
#include "lib/model/ascii.h"

namespace visa::drivers {
namespace {

/// Up to kMostHostsBytes or a little more of a regular file; empty if there is none. Other kinds
/// are not read: a pipe in its place could make the read wait.
std::string read_file(const char* path) {
  std::string text;
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return text;
  std::array<char, 4096> piece;
  while (text.size() < kMostHostsBytes) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// Cuts the next line off `text`, without its comment.
std::string_view next_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line.substr(0, line.find('#'));
}

/// Cuts the next word off `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

/// "scope.lan." means scope.lan without the search domains of the system.
std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  if (name.size() < kName.size()) return false;
  const std::size_t rest = name.size() - kName.size();
  return model::equal_without_case(name.substr(rest), kName) &&
         (rest == 0 || name[rest - 1] == '.');
}

bool is_own_name(std::string_view name) {
  std::array<char, 256> own{};
  return ::gethostname(own.data(), own.size() - 1) == 0 && own[0] != '\0' &&
         model::equal_without_case(name, own.data());
}

std::vector<Endpoint> loopback() {
  return {*numeric_endpoint("::1"), *numeric_endpoint("127.0.0.1")};
}

/// The addresses of the network interfaces that are up; the loopback addresses if there are none.
std::vector<Endpoint> own_addresses() {
  std::vector<Endpoint> list;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return loopback();
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> frees(first, ::freeifaddrs);
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0 ||
        (entry->ifa_flags & IFF_LOOPBACK) != 0) {
      continue;
    }
    const int family = entry->ifa_addr->sa_family;
    if (family == AF_INET) {
      list.emplace_back(entry->ifa_addr, socklen_t{sizeof(sockaddr_in)});
    } else if (family == AF_INET6) {
      list.emplace_back(entry->ifa_addr, socklen_t{sizeof(sockaddr_in6)});
    }
  }
  return list.empty() ? loopback() : list;
}

}  // namespace

std::vector<Endpoint> addresses_in_hosts(std::string_view hosts, std::string_view name) {
  name = without_last_dot(name);
  std::vector<Endpoint> list;
  while (!hosts.empty()) {
    std::string_view line = next_line(hosts);
    const std::string_view address = next_word(line);
    bool named = false;
    for (auto word = next_word(line); !named && !word.empty(); word = next_word(line)) {
      named = model::equal_without_case(without_last_dot(word), name);
    }
    if (!named) continue;
    const std::optional<Endpoint> endpoint = numeric_endpoint(std::string(address));
    if (endpoint && std::find(list.begin(), list.end(), *endpoint) == list.end()) {
      list.push_back(*endpoint);
    }
  }
  return list;
}

bool hosts_file_comes_first(std::string_view nsswitch) {
  while (!nsswitch.empty()) {
    std::string_view line = next_line(nsswitch);
    constexpr std::string_view kKey = "hosts:";
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    bool inside = false;  // an action in brackets, which belongs to the source before it
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      inside = inside || word.front() == '[';
      if (inside) {
        inside = word.back() != ']';
      } else if (word == "files") {
        return true;
      } else if (word != "myhostname" && word != "mymachines" && word != "resolve") {
        // The other three ask this computer only; nss-resolve(8) reads the hosts file first.
        return false;
      }
    }
    return false;
  }
  return true;
}

std::vector<Endpoint> local_addresses(const std::string& name) {
  std::vector<Endpoint> list;
  if (hosts_file_comes_first(read_file("/etc/nsswitch.conf"))) {
    list = addresses_in_hosts(read_file("/etc/hosts"), name);
  }
  const std::string_view bare = without_last_dot(name);
  if (list.empty() && is_localhost(bare)) list = loopback();
  if (list.empty() && is_own_name(bare)) list = own_addresses();
  std::stable_partition(list.begin(), list.end(),
                        [](const Endpoint& one) { return one.family() == AF_INET6; });
  return list;
}

}  // namespace visa::drivers
