// SPDX-License-Identifier: MIT
// ns_initparse checks the whole message first and refuses one that is cut short, claims more
// records than it holds, or has names that refer to each other in a circle; ns_parserr and
// dn_expand keep every record within the message. They do not check a record against its own
// length; this file does.
#include "drivers/discovery/dns_message.h"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "lib/model/ascii.h"

namespace visa::drivers {
namespace {

constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kClassBits = 0x7fff;  // mDNS uses the top bit: cache flush, unicast answer
constexpr std::uint16_t kUnicastBit = 0x8000;
constexpr std::size_t kMostTextBytes = 300;

const unsigned char* as_octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::uint16_t number_at(std::span<const std::byte> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[offset]) << 8 |
                                    std::to_integer<unsigned>(bytes[offset + 1]));
}

// The name at `offset` of the record's data; nothing if it is broken or ends beyond the data.
std::optional<std::string> name_in(const ns_msg& message, std::span<const std::byte> data,
                                   std::size_t offset) {
  if (data.size() <= offset) return std::nullopt;
  std::array<char, NS_MAXDNAME> text{};
  const int used = ::dn_expand(ns_msg_base(message), ns_msg_end(message), as_octets(data) + offset,
                               text.data(), text.size());
  if (used <= 0 || static_cast<std::size_t>(used) > data.size() - offset) return std::nullopt;
  return model::lower_case(text.data());
}

// The next string of a TXT record's data, printable ASCII only; removes it from `data`. Empty if
// the data ends within it.
std::string next_text(std::span<const std::byte>& data) {
  const auto size = std::to_integer<std::size_t>(data.front());
  const auto rest = data.subspan(1);
  data = rest.subspan(std::min(size, rest.size()));
  std::string text;
  if (size > rest.size()) return text;
  for (const std::byte byte : rest.first(size)) {
    const char c = static_cast<char>(byte);
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text;
}

// RFC 6763, section 6.4: the case of a key means nothing, and the first of several counts.
void read_texts(std::span<const std::byte> data, DnsRecord& record) {
  constexpr std::string_view kVisaAddress = "visaaddress";
  bool has_address = false;
  while (!data.empty()) {
    const std::string text = next_text(data);
    const std::size_t key = std::min(text.find('='), text.size());
    if (!has_address && model::lower_case(text.substr(0, key)) == kVisaAddress) {
      has_address = true;
      record.visa_address = text.substr(std::min(key + 1, text.size()));
    }
    const std::size_t room = kMostTextBytes - record.text.size();
    const std::string shown = (record.text.empty() || text.empty() ? "" : ", ") + text;
    record.text.append(shown, 0, room);
  }
}

bool read_address(std::span<const std::byte> data, DnsRecord& record) {
  if (record.type == DnsType::a) {
    sockaddr_in address{};
    if (data.size() != sizeof address.sin_addr) return false;
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, data.data(), data.size());
    record.address = Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return true;
  }
  sockaddr_in6 address{};
  if (data.size() != sizeof address.sin6_addr) return false;
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, data.data(), data.size());
  record.address = Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return true;
}

// Fills in the record from its data; false if they are broken or of another type.
bool read_data(const ns_msg& message, std::span<const std::byte> data, DnsRecord& record) {
  constexpr std::size_t kSrvHeader = 6;  // priority, weight, port
  switch (record.type) {
    case DnsType::a:
    case DnsType::aaaa:
      return read_address(data, record);
    case DnsType::txt:
      read_texts(data, record);
      return true;
    case DnsType::srv:
      if (data.size() <= kSrvHeader) return false;
      record.port = number_at(data, 4);
      [[fallthrough]];
    case DnsType::ptr: {
      auto target = name_in(message, data, record.type == DnsType::srv ? kSrvHeader : 0);
      if (!target || target->empty()) return false;
      record.target = *std::move(target);
      return true;
    }
    default:
      return false;
  }
}

bool wanted(DnsType type) {
  switch (type) {
    case DnsType::a:
    case DnsType::ptr:
    case DnsType::txt:
    case DnsType::aaaa:
    case DnsType::srv:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<DnsRecord> read_dns_response(std::span<const std::byte> message) {
  std::vector<DnsRecord> records;
  if (message.size() < NS_HFIXEDSZ || message.size() > kMostDnsBytes) return records;
  ns_msg parsed;
  if (::ns_initparse(as_octets(message), static_cast<int>(message.size()), &parsed) != 0) {
    return records;
  }
  if (ns_msg_getflag(parsed, ns_f_qr) != 1 || ns_msg_getflag(parsed, ns_f_opcode) != ns_o_query ||
      ns_msg_getflag(parsed, ns_f_rcode) != ns_r_noerror) {
    return records;
  }
  std::size_t seen = 0;
  for (const ns_sect section : {ns_s_an, ns_s_ar}) {
    for (int i = 0; i < ns_msg_count(parsed, section); ++i) {
      if (++seen > kMostDnsRecords) return records;
      ns_rr rr;
      if (::ns_parserr(&parsed, section, i, &rr) != 0) break;
      DnsRecord record;
      record.type = static_cast<DnsType>(ns_rr_type(rr));
      if (!wanted(record.type) || (ns_rr_class(rr) & kClassBits) != kInternet) continue;
      if (ns_rr_ttl(rr) == 0) continue;  // goodbye
      const std::span<const std::byte> data(reinterpret_cast<const std::byte*>(ns_rr_rdata(rr)),
                                            ns_rr_rdlen(rr));
      if (!read_data(parsed, data, record)) continue;
      record.name = model::lower_case(ns_rr_name(rr));
      records.push_back(std::move(record));
    }
  }
  return records;
}

std::vector<std::byte> write_dns_question(std::string_view name, DnsType type, bool unicast,
                                          std::uint16_t id) {
  std::array<unsigned char, NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ> packet{};
  const auto put = [&packet](std::size_t at, unsigned value) {
    packet[at] = static_cast<unsigned char>(value >> 8);
    packet[at + 1] = static_cast<unsigned char>(value);
  };
  put(0, id);
  put(4, 1);  // one question
  const int used = ::dn_comp(std::string(name).c_str(), packet.data() + NS_HFIXEDSZ, NS_MAXCDNAME,
                             nullptr, nullptr);
  if (used <= 0) return {};
  const std::size_t end = NS_HFIXEDSZ + static_cast<std::size_t>(used);
  put(end, static_cast<unsigned>(type));
  put(end + 2, kInternet | (unicast ? kUnicastBit : 0U));
  const auto* const bytes = reinterpret_cast<const std::byte*>(packet.data());
  return {bytes, bytes + end + NS_QFIXEDSZ};
}

}  // namespace visa::drivers
