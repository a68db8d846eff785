// SPDX-License-Identifier: MIT
// Whatever comes to the bench's multicast DNS port: what is answered is one packet of bounded size
// that is a response. First byte: from an old resolver's port or not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tools/sim/discovery/mdns_responder.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

visa::sim::MdnsResponder& responder() {
  static visa::sim::EventLoop loop;
  static visa::sim::MdnsResponder one(
      loop, "127.0.0.1", "bench",
      {{"Meter", "_lxi._tcp", 80, {"txtvers=1"}}, {"Meter", "_vxi-11._tcp", 111, {"txtvers=1"}}},
      0);
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view packet(reinterpret_cast<const char*>(data + 1), size - 1);
  bool unicast = false;
  const auto reply = responder().respond(packet, std::string_view("\x7F\0\0\x01", 4),
                                         (data[0] & 1U) != 0, unicast);
  if (reply) {
    demand(reply->size() >= 12 && reply->size() <= visa::sim::MdnsResponder::kLongestPacket + 4096);
    demand((static_cast<unsigned char>((*reply)[2]) & 0x80U) != 0);
    demand(!visa::sim::parse_dns_query(*reply));
  }
  return 0;
}
