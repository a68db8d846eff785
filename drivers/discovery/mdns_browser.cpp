// SPDX-License-Identifier: MIT
// Invariant: every entry of instances_ and hosts_, and every follow-up, is counted in used_ of the
// sender that caused it, and the bounds are checked before it is made.
#include "drivers/discovery/mdns_browser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace visa::drivers {
namespace {

// In the order of LanService; in lower case, like the names in DnsRecord.
constexpr std::array<std::string_view, 4> kServiceNames = {
    "_vxi-11._tcp.local", "_lxi._tcp.local", "_hislip._tcp.local", "_scpi-raw._tcp.local"};

// True for "<instance>.<service>". If the dot before the service is escaped, it is part of a label
// and the name belongs to another service.
bool belongs_to(std::string_view name, std::string_view service) {
  if (name.size() <= service.size() + 1 || !name.ends_with(service)) return false;
  name.remove_suffix(service.size());
  return name.back() == '.' && !(name.size() >= 2 && name[name.size() - 2] == '\\');
}

}  // namespace

std::string_view service_name(LanService service) noexcept {
  return kServiceNames[static_cast<std::size_t>(service)];
}

std::vector<DnsQuestion> MdnsBrowser::questions() const {
  std::vector<DnsQuestion> list;
  for (const LanService service : wanted_) {
    list.push_back({std::string(service_name(service)), DnsType::ptr});
  }
  return list;
}

MdnsBrowser::Instance* MdnsBrowser::instance_of(const DnsRecord& record, std::size_t sender) {
  // A PTR record names the service; SRV and TXT records often come without being asked for.
  const std::string& name = record.type == DnsType::ptr ? record.target : record.name;
  const auto known = instances_.find(name);
  if (known != instances_.end()) return &known->second;
  const auto service = std::find_if(wanted_.begin(), wanted_.end(), [&](LanService one) {
    return belongs_to(name, service_name(one));
  });
  if (service == wanted_.end()) return nullptr;
  if (instances_.size() == kMostInstances || used_[sender].instances == kMostOfOneSender) {
    left_out_ = true;
    return nullptr;
  }
  ++used_[sender].instances;
  Instance& instance = instances_[name];
  instance.service = *service;
  instance.sender = sender;
  return &instance;
}

bool MdnsBrowser::take_host(const std::string& name, std::size_t sender) {
  if (hosts_.contains(name)) return true;
  if (hosts_.size() == kMostHosts || used_[sender].hosts == kMostOfOneSender) {
    left_out_ = true;
    return false;
  }
  ++used_[sender].hosts;
  hosts_[name].sender = sender;
  return true;
}

void MdnsBrowser::take_service(const DnsRecord& record, std::size_t sender) {
  Instance* const instance = instance_of(record, sender);
  if (instance == nullptr) return;
  if (record.type == DnsType::txt) {
    instance->text = record.text;
    instance->visa_address = record.visa_address;
    instance->described = true;
  } else if (record.type == DnsType::srv && record.port != 0 && take_host(record.target, sender)) {
    instance->host = record.target;
    instance->port = record.port;
  }
}

void MdnsBrowser::take_address(const DnsRecord& record) {
  const auto host = hosts_.find(record.name);
  if (host == hosts_.end() || !usable_address(record.address)) return;
  auto& addresses = host->second.addresses;
  if (addresses.size() == kMostHostAddresses) return;
  if (std::find(addresses.begin(), addresses.end(), record.address) != addresses.end()) return;
  addresses.push_back(record.address);
}

bool MdnsBrowser::take(std::span<const std::byte> message, std::size_t sender) {
  if (used_.size() <= sender) used_.resize(sender + 1);
  left_out_ = false;
  const auto records = read_dns_response(message);
  const auto is_address = [](const DnsRecord& record) {
    return record.type == DnsType::a || record.type == DnsType::aaaa;
  };
  // Addresses last: only those of hosts that have a wanted service are kept.
  for (const DnsRecord& record : records) {
    if (!is_address(record)) take_service(record, sender);
  }
  for (const DnsRecord& record : records) {
    if (is_address(record)) take_address(record);
  }
  return !left_out_;
}

std::vector<DnsQuestion> MdnsBrowser::follow_ups(bool again) {
  std::vector<DnsQuestion> list;
  const auto ask = [&](const std::string& name, DnsType type, std::size_t sender) {
    std::size_t& used = used_[sender].follow_ups;
    if (follow_ups_ == kMostFollowUps || used == kMostFollowUpsOfOneSender) return;
    ++follow_ups_;
    ++used;
    list.push_back({name, type});
  };
  for (auto& [name, instance] : instances_) {
    if (instance.host.empty() && (again || !instance.asked)) {
      instance.asked = true;
      ask(name, DnsType::srv, instance.sender);
    }
  }
  for (auto& [name, host] : hosts_) {
    if (host.addresses.empty() && (again || !host.asked)) {
      host.asked = true;
      ask(name, DnsType::a, host.sender);
      ask(name, DnsType::aaaa, host.sender);
    }
  }
  // A hint comes last, when the place is known: a sender that has used its questions up is found
  // without it.
  for (auto& [name, instance] : instances_) {
    if (instance.service != LanService::hislip || instance.described) continue;
    if (!again && instance.asked_for_text) continue;
    const auto host = hosts_.find(instance.host);
    if (host == hosts_.end() || host->second.addresses.empty()) continue;
    instance.asked_for_text = true;
    ask(name, DnsType::txt, instance.sender);
  }
  return list;
}

std::vector<Announced> MdnsBrowser::announced() const {
  std::vector<Announced> list;
  for (const auto& [name, instance] : instances_) {
    const auto host = hosts_.find(instance.host);
    if (host == hosts_.end() || host->second.addresses.empty()) continue;
    list.push_back({instance.service,
                    name.substr(0, name.size() - service_name(instance.service).size() - 1),
                    instance.host, instance.port, instance.text, host->second.addresses,
                    instance.visa_address});
  }
  return list;
}

bool usable_address(const Endpoint& address) noexcept {
  if (address.family() == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address.address(), sizeof v4);
    const std::uint32_t bits = ntohl(v4.sin_addr.s_addr);
    return bits >> 24 != 0 && bits >> 24 != IN_LOOPBACKNET && bits >> 24 < 224;
  }
  if (address.family() != AF_INET6) return false;
  sockaddr_in6 v6;
  std::memcpy(&v6, address.address(), sizeof v6);
  const in6_addr* const bits = &v6.sin6_addr;
  return !IN6_IS_ADDR_UNSPECIFIED(bits) && !IN6_IS_ADDR_LOOPBACK(bits) &&
         !IN6_IS_ADDR_MULTICAST(bits) && !IN6_IS_ADDR_LINKLOCAL(bits) &&
         !IN6_IS_ADDR_V4MAPPED(bits);
}

}  // namespace visa::drivers
