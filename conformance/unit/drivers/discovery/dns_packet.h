// SPDX-License-Identifier: MIT
// DNS messages as an instrument's responder, or a hostile sender, makes them: written by hand, so
// that what reads them is held to RFC 1035 and not to itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visa::test {

inline std::string wire_number(std::uint64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
  return text;
}

/// One label each; no dot has a meaning.
inline std::string wire_name(const std::vector<std::string>& labels) {
  std::string text;
  for (const auto& label : labels) text += static_cast<char>(label.size()) + label;
  return text + '\0';
}

class DnsPacket {
 public:
  static constexpr unsigned kA = 1, kPtr = 12, kTxt = 16, kAaaa = 28, kSrv = 33;

  /// 0x8400: a response that knows.
  explicit DnsPacket(unsigned flags = 0x8400) : flags_(flags) {}

  DnsPacket& record(const std::string& name, unsigned type, const std::string& data,
                    unsigned ttl = 120, unsigned dns_class = 0x8001) {
    records_ += name + wire_number(type, 2) + wire_number(dns_class, 2) + wire_number(ttl, 4) +
                wire_number(static_cast<unsigned>(data.size()), 2) + data;
    ++count_;
    return *this;
  }
  DnsPacket& raw(const std::string& text, unsigned records) {
    records_ += text;
    count_ += records;
    return *this;
  }

  std::string bytes() const {
    return wire_number(0, 2) + wire_number(flags_, 2) + wire_number(0, 2) + wire_number(count_, 2) +
           wire_number(0, 4) + records_;
  }

 private:
  unsigned flags_;
  unsigned count_ = 0;
  std::string records_;
};

inline std::string wire_srv(unsigned port, const std::string& host) {
  return wire_number(0, 4) + wire_number(port, 2) + host;
}
inline std::string wire_a(unsigned a, unsigned b, unsigned c, unsigned d) {
  return wire_number(a << 24 | b << 16 | c << 8 | d, 4);
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A string of a TXT record.
inline std::string wire_text(const std::string& text) {
  return static_cast<char>(static_cast<unsigned char>(text.size())) + text;
}

/// A whole instrument: `instance` offers `service` ("_vxi-11") on `port` of `host`.local. `text`:
/// further strings of its TXT record.
inline DnsPacket& announce(DnsPacket& packet, const std::string& instance,
                           const std::string& service, unsigned port, const std::string& host,
                           const std::string& address, const std::string& text = "") {
  const auto type = wire_name({service, "_tcp", "local"});
  const auto name = wire_name({instance, service, "_tcp", "local"});
  const auto place = wire_name({host, "local"});
  return packet.record(type, DnsPacket::kPtr, name, 4500, 1)
      .record(name, DnsPacket::kSrv, wire_srv(port, place))
      .record(name, DnsPacket::kTxt, std::string("\x09txtvers=1\x0bModel=Toy 1") + text)
      .record(place, DnsPacket::kA, address);
}

}  // namespace visa::test
