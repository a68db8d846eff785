// SPDX-License-Identifier: MIT
// What multicast DNS says of instruments: collects the records of any number of messages, in any
// order, and knows what is still to be asked. No input and output of its own. Whatever comes, it
// keeps at most kMostInstances services and kMostHosts hosts. Lives for one search, on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/discovery/dns_message.h"

namespace visa::drivers {

/// What instruments announce (LXI). lxi is a web page: an instrument is there, and no more.
enum class LanService : std::uint8_t { vxi11, lxi, hislip, scpi_raw };

inline constexpr std::size_t kMostInstances = 256;
inline constexpr std::size_t kMostHosts = 256;
inline constexpr std::size_t kMostHostAddresses = 8;
/// Questions about single services and hosts: a search asks no more, whatever it is told.
inline constexpr int kMostFollowUps = 128;

/// "_vxi-11._tcp.local"
std::string_view service_name(LanService service) noexcept;

struct DnsQuestion {
  std::string name;
  DnsType type;
};

/// A service whose host has at least one address that can be used.
struct Announced {
  LanService service;
  std::string instance;  // escaped; for the trace
  std::string host;
  std::uint16_t port;
  std::string text;  // from TXT; for the trace
  std::vector<Endpoint> addresses;
};

class MdnsBrowser {
 public:
  explicit MdnsBrowser(std::vector<LanService> wanted) : wanted_(std::move(wanted)) {}

  /// "Who offers this?", one for each service wanted.
  std::vector<DnsQuestion> questions() const;

  /// Adds what a message says.
  void take(std::span<const std::byte> message);

  /// What is missing: the place of a service, the addresses of a host. Each is asked for once;
  /// `again`: also those asked for before.
  std::vector<DnsQuestion> follow_ups(bool again);

  std::vector<Announced> announced() const;

 private:
  struct Instance {
    LanService service{};
    std::string host;
    std::uint16_t port = 0;
    std::string text;
    bool asked = false;
  };
  struct Host {
    std::vector<Endpoint> addresses;
    bool asked = false;
  };

  Instance* instance_of(const std::string& name);
  void take_service(const DnsRecord& record);
  void take_address(const DnsRecord& record);

  const std::vector<LanService> wanted_;
  std::map<std::string, Instance> instances_;
  std::map<std::string, Host> hosts_;
  int follow_ups_left_ = kMostFollowUps;
};

/// False for what no name should hold: unspecified, loopback and multicast addresses, and those of
/// IPv6 that mean something on one cable only (link-local).
bool usable_address(const Endpoint& address) noexcept;

}  // namespace visa::drivers
