// SPDX-License-Identifier: MIT
// DNS messages as multicast DNS has them (RFC 6762), out: one question each, because some
// instruments read only the first; in: the records that lead to an instrument. They are taken apart
// by the C library's resolver routines; what comes from the network may be anything, and is
// bounded here. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/endpoint.h"

namespace visa::drivers {

/// The largest datagram that is read (RFC 6762 section 17).
inline constexpr std::size_t kMostDnsBytes = 9000;

/// More records of one message are not looked at.
inline constexpr std::size_t kMostDnsRecords = 512;

/// The types of RFC 1035, 3596 and 2782 that matter here.
enum class DnsType : std::uint16_t { a = 1, ptr = 12, txt = 16, aaaa = 28, srv = 33 };

struct DnsRecord {
  DnsType type{};
  /// Names are in lower case and as the resolver prints them: a dot inside a label is "\.", a byte
  /// beyond ASCII "\226". Without a dot at the end.
  std::string name;
  std::string target;      // ptr, srv
  std::uint16_t port = 0;  // srv
  Endpoint address;        // a, aaaa; port 0
  std::string text;        // txt: its strings, printable ASCII only, with ", " between them
};

/// The records of a response, of all its sections; none for anything else. Records that say
/// goodbye, that are broken or of other types are left out.
std::vector<DnsRecord> read_dns_response(std::span<const std::byte> message);

/// A query. `unicast`: the answer may come to the asker alone (RFC 6762 section 5.4). Empty when
/// `name` is none.
std::vector<std::byte> write_dns_question(std::string_view name, DnsType type, bool unicast,
                                          std::uint16_t id);

}  // namespace visa::drivers
