// SPDX-License-Identifier: MIT
// Collects what multicast DNS says about instruments: takes the records of any number of messages,
// in any order, and knows which questions remain. Does no input or output itself. What it keeps and
// asks is bounded for each sender and for all senders together, so that a sender with too many
// records does not take the room of the others. Lives for one search, on one thread.
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

/// The services that instruments announce (LXI). `lxi` is a web page: it only says that an
/// instrument is there.
enum class LanService : std::uint8_t { vxi11, lxi, hislip, scpi_raw };

/// The most services, the most hosts, and the most follow-up questions that one sender can cause.
/// Enough for a router that forwards the answers of a whole network.
inline constexpr std::size_t kMostOfOneSender = 256;
inline constexpr std::size_t kMostFollowUpsOfOneSender = 128;
/// The same for all senders of a search together.
inline constexpr std::size_t kMostInstances = 2048;
inline constexpr std::size_t kMostHosts = 2048;
inline constexpr std::size_t kMostFollowUps = 512;
inline constexpr std::size_t kMostHostAddresses = 8;

/// "_vxi-11._tcp.local"
std::string_view service_name(LanService service) noexcept;

struct DnsQuestion {
  std::string name;
  DnsType type;
};

/// A service whose host has at least one usable address.
struct Announced {
  LanService service;
  std::string instance;  // escaped; for the trace
  std::string host;
  std::uint16_t port;
  std::string text;  // from TXT; for the trace
  std::vector<Endpoint> addresses;
  std::string visa_address;  // from TXT, as anyone may have written it; empty without it
};

class MdnsBrowser {
 public:
  explicit MdnsBrowser(std::vector<LanService> wanted) : wanted_(std::move(wanted)) {}

  /// The PTR questions, one for each wanted service.
  std::vector<DnsQuestion> questions() const;

  /// Adds the records of a message. `sender` is the number that the caller has given to its sender,
  /// from 0; memory grows with the largest number. False if a record was left out because this
  /// sender, or all senders together, reached a bound.
  bool take(std::span<const std::byte> message, std::size_t sender);

  /// The questions that remain: host and port of a service, addresses of a host, the TXT record of
  /// a HiSLIP service, which may name a sub-address. Each is returned once; `again`: also those
  /// returned before.
  std::vector<DnsQuestion> follow_ups(bool again);

  std::vector<Announced> announced() const;

 private:
  struct Instance {
    LanService service{};
    std::size_t sender = 0;  // that named it first
    std::string host;
    std::uint16_t port = 0;
    std::string text;
    std::string visa_address;
    bool described = false;  // a TXT record has come
    bool asked = false;
    bool asked_for_text = false;
  };
  struct Host {
    std::size_t sender = 0;
    std::vector<Endpoint> addresses;
    bool asked = false;
  };
  /// How much of its bounds a sender has used.
  struct Used {
    std::size_t instances = 0;
    std::size_t hosts = 0;
    std::size_t follow_ups = 0;
  };

  /// The service that `record` is about; null if it is not wanted, or if there is no room for it,
  /// which sets left_out_.
  Instance* instance_of(const DnsRecord& record, std::size_t sender);
  bool take_host(const std::string& name, std::size_t sender);
  void take_service(const DnsRecord& record, std::size_t sender);
  void take_address(const DnsRecord& record);

  const std::vector<LanService> wanted_;
  std::map<std::string, Instance> instances_;
  std::map<std::string, Host> hosts_;
  std::vector<Used> used_;  // by sender
  std::size_t follow_ups_ = 0;
  bool left_out_ = false;
};

/// False for addresses that no resource name should contain: unspecified, loopback and multicast
/// addresses, IPv4 addresses written as IPv6, and IPv6 addresses valid on one link only
/// (link-local).
bool usable_address(const Endpoint& address) noexcept;

}  // namespace visa::drivers
