// SPDX-License-Identifier: MIT
// Writes and reads the messages of multicast DNS (RFC 6762). A query has one question, because some
// instruments read only the first; of a response, the records that lead to an instrument are read.
// The C library's resolver routines parse the message. It comes from the network and may contain
// anything, so its size and number of records are bounded here. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/endpoint.h"

namespace visa::drivers {

/// The largest datagram that is read (RFC 6762, section 17).
inline constexpr std::size_t kMostDnsBytes = 9000;

/// Further records of one message are ignored.
inline constexpr std::size_t kMostDnsRecords = 512;

/// The types of RFC 1035, 3596 and 2782 that matter here.
enum class DnsType : std::uint16_t { a = 1, ptr = 12, txt = 16, aaaa = 28, srv = 33 };

struct DnsRecord {
  DnsType type{};
  /// Names are in lower case, without a dot at the end, escaped as the resolver prints them: a dot
  /// inside a label is "\.", a byte beyond ASCII is "\226".
  std::string name;
  std::string target;        // ptr, srv
  std::uint16_t port = 0;    // srv
  Endpoint address;          // a, aaaa; port 0
  std::string text;          // txt: its strings, printable ASCII only, with ", " between them
  std::string visa_address;  // txt: the value of its key VisaAddress, likewise; empty without it
};

/// The records of a response, from its answer and additional sections; none if the message is not a
/// valid response. Leaves out goodbye records (TTL 0), broken records and other types.
std::vector<DnsRecord> read_dns_response(std::span<const std::byte> message);

/// A query. `unicast`: asks for the answer by unicast (RFC 6762, section 5.4). Empty if `name` is
/// not a valid name.
std::vector<std::byte> write_dns_question(std::string_view name, DnsType type, bool unicast,
                                          std::uint16_t id);

}  // namespace visa::drivers
