// SPDX-License-Identifier: MIT
// As much of DNS messages (RFC 1035, RFC 6762) as a responder needs: reads queries from any
// host, with every length, pointer and count bounded, and writes answers. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

inline constexpr std::uint16_t kDnsA = 1;
inline constexpr std::uint16_t kDnsPtr = 12;
inline constexpr std::uint16_t kDnsTxt = 16;
inline constexpr std::uint16_t kDnsSrv = 33;
inline constexpr std::uint16_t kDnsAny = 255;
inline constexpr std::uint16_t kDnsInternet = 1;
/// In a question: the answer may be unicast. In a record: it replaces what was known.
inline constexpr std::uint16_t kDnsTopBit = 0x8000;

/// A name by its labels, of which the first may have dots and blanks.
using DnsName = std::vector<std::string>;
/// "_lxi._tcp.local"
DnsName dns_name(std::string_view dotted);
bool same_name(const DnsName& one, const DnsName& other) noexcept;

struct DnsQuestion {
  DnsName name;
  std::uint16_t type = 0;
  std::uint16_t rdclass = 0;
};

/// What the asker knows already: a PTR.
struct DnsKnownAnswer {
  DnsName name;
  DnsName target;
  std::uint32_t ttl = 0;
};

struct DnsQuery {
  static constexpr std::size_t kMostQuestions = 32;
  static constexpr std::size_t kMostAnswers = 64;
  std::uint16_t id = 0;
  std::vector<DnsQuestion> questions;
  std::vector<DnsKnownAnswer> known;
};

/// Nothing if `packet` is a response, or broken. More than the two limits is left out.
std::optional<DnsQuery> parse_dns_query(std::string_view packet);

struct DnsRecord {
  DnsName name;
  std::uint16_t type = 0;
  bool unique = false;  ///< the cache-flush bit
  std::uint32_t ttl = 120;
  std::string data;
};

DnsRecord dns_ptr(const DnsName& name, const DnsName& target);
DnsRecord dns_srv(const DnsName& name, std::uint16_t port, const DnsName& host);
/// Strings beyond 255 bytes are cut.
DnsRecord dns_txt(const DnsName& name, const std::vector<std::string>& strings);
/// `address`: four bytes in network order.
DnsRecord dns_a(const DnsName& name, std::string_view address);

/// A response; `questions` are repeated in it (legacy unicast). What does not fit into `most` bytes
/// is left out, the last records first.
std::string dns_response(std::uint16_t id, const std::vector<DnsQuestion>& questions,
                         const std::vector<DnsRecord>& answers,
                         const std::vector<DnsRecord>& additional, std::size_t most);

}  // namespace visa::sim
