// SPDX-License-Identifier: MIT
// What multicast DNS says of instruments: collects the records of any number of messages, in any
// order, and knows what is still to be asked. No input and output of its own. Whatever comes, what
// it keeps and asks is bounded, for each sender and for all of them, so that one sender that says
// too much does not take the room of the others. Lives for one search, on one thread.
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

/// Services, hosts with a service, and questions about single ones that one sender can cause. As
/// many as a router brings that passes on the answers of a whole network.
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

  /// Adds what a message of `sender` says (a number that the caller gives to each of them, from 0;
  /// it uses memory for as many as the largest number). False when something was left out because
  /// this sender, or all of them together, have said too much.
  bool take(std::span<const std::byte> message, std::size_t sender);

  /// What is missing: the place of a service, the addresses of a host. Each is asked for once;
  /// `again`: also those asked for before.
  std::vector<DnsQuestion> follow_ups(bool again);

  std::vector<Announced> announced() const;

 private:
  struct Instance {
    LanService service{};
    std::size_t sender = 0;  // that told of it first
    std::string host;
    std::uint16_t port = 0;
    std::string text;
    bool asked = false;
  };
  struct Host {
    std::size_t sender = 0;
    std::vector<Endpoint> addresses;
    bool asked = false;
  };
  /// What a sender has used up of its bounds.
  struct Used {
    std::size_t instances = 0;
    std::size_t hosts = 0;
    std::size_t follow_ups = 0;
  };

  /// The service that `record` is about; null when it is none of those wanted, or has no room,
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

/// False for what no name should hold: unspecified, loopback and multicast addresses, and those of
/// IPv6 that mean something on one cable only (link-local).
bool usable_address(const Endpoint& address) noexcept;

}  // namespace visa::drivers
