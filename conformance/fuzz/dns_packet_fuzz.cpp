// SPDX-License-Identifier: MIT
// Input: what a multicast DNS port receives: datagrams, each after its length in two bytes. One
// browser takes them all, as in one search. What it keeps and asks must stay within its limits, and
// a question must be one: what is asked can be read again.
#include <cstdio>
#include <cstdlib>

#include "drivers/discovery/mdns_browser.h"
#include "drivers/discovery/visa_address.h"

using visa::drivers::Announced;
using visa::drivers::DnsQuestion;
using visa::drivers::LanService;
using visa::drivers::MdnsBrowser;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool plain(const std::string& text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MdnsBrowser browser(
      {LanService::vxi11, LanService::lxi, LanService::hislip, LanService::scpi_raw});
  std::size_t asked = 0;
  while (size >= 2) {
    const std::size_t wanted = static_cast<std::size_t>(data[0]) << 8 | data[1];
    data += 2;
    size -= 2;
    const std::size_t length = wanted < size ? wanted : size;
    browser.take({reinterpret_cast<const std::byte*>(data), length}, length % 3);
    data += length;
    size -= length;
    for (const DnsQuestion& question : browser.follow_ups(length % 2 == 0)) {
      ++asked;
      require(plain(question.name), "a question that is not printable");
      const auto packet = visa::drivers::write_dns_question(question.name, question.type, true, 1);
      require(packet.size() <= 12 + 255 + 4, "a question too long");
    }
  }
  require(asked <= visa::drivers::kMostFollowUps, "too many questions");
  const auto found = browser.announced();
  require(found.size() <= visa::drivers::kMostInstances, "too many services");
  for (const Announced& one : found) {
    require(!one.addresses.empty() && one.port != 0, "a service without a place");
    require(one.addresses.size() <= visa::drivers::kMostHostAddresses, "too many addresses");
    for (const auto& address : one.addresses) {
      require(visa::drivers::usable_address(address), "an address that is no use");
    }
    require(plain(one.instance) && plain(one.host) && plain(one.text) && one.text.size() <= 300,
            "a text that is not printable");
    const std::string sub_address = visa::drivers::sub_address_in(one.visa_address);
    require(plain(one.visa_address) && one.visa_address.size() <= 255 &&
                sub_address.size() <= visa::drivers::kLongestSubAddress &&
                sub_address.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") ==
                    std::string::npos,
            "a hint that cannot be part of a name");
  }
  return 0;
}
