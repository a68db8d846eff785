// SPDX-License-Identifier: MIT
// RFC 6762: 6 (responding), 6.7 (legacy unicast), 7.1 (known answers), 8.3 (announcing), 10.1
// (goodbye). Names are not probed for: the host's label has the bench's port in it.
#include "tools/sim/discovery/mdns_responder.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "tools/sim/net/listener.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kGroup = 0xE00000FB;  // 224.0.0.251
constexpr int kPacketsInOneTurn = 64;
constexpr std::chrono::seconds kAnnounceAgain{1};
constexpr std::uint32_t kLegacyTtl = 10;

const DnsName& meta_query() {
  static const DnsName name = dns_name("_services._dns-sd._udp.local");
  return name;
}

DnsName type_name(const MdnsService& service) {
  return dns_name(service.type + ".local");
}

DnsName instance_name(const MdnsService& service) {
  DnsName name = type_name(service);
  name.insert(name.begin(), service.instance);
  return name;
}

void add(std::vector<DnsRecord>& records, DnsRecord record) {
  const bool there = std::any_of(records.begin(), records.end(), [&](const DnsRecord& one) {
    return one.type == record.type && one.data == record.data && same_name(one.name, record.name);
  });
  if (!there) records.push_back(std::move(record));
}

}  // namespace

MdnsResponder::MdnsResponder(EventLoop& loop, const std::string& address, const std::string& host,
                             std::vector<MdnsService> services, std::uint16_t port)
    : loop_(loop), host_{host, "local"}, services_(std::move(services)) {
  find_interfaces(address);
  socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  const int hops = 255;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  if (!socket_ || ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0 ||
      ::setsockopt(socket_.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) != 0 ||
      ::setsockopt(socket_.get(), IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops) != 0 ||
      ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot announce on UDP port " + std::to_string(port));
  }
  port_ = bound_port(socket_.get());
  join();
  loop_.add(socket_.get(), EPOLLIN, *this);
  loop_.add_timer(*this);
  announce_at_ = Clock::now();
}

MdnsResponder::~MdnsResponder() {
  loop_.remove_timer(*this);
  loop_.remove(socket_.get());
  try {
    announce(true);
  } catch (const std::exception&) {
    // no memory: the records run out by themselves
  }
}

void MdnsResponder::find_interfaces(const std::string& address) {
  in_addr wanted{};
  if (::inet_pton(AF_INET, address.c_str(), &wanted) != 1) {
    throw std::system_error(EAFNOSUPPORT, std::generic_category(),
                            "cannot announce " + address + ": IPv4 only");
  }
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    throw std::system_error(errno, std::generic_category(), "getifaddrs");
  }
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET ||
        (one->ifa_flags & IFF_UP) == 0) {
      continue;
    }
    sockaddr_in name{};
    std::memcpy(&name, one->ifa_addr, sizeof name);
    const bool every = wanted.s_addr == 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (every || name.sin_addr.s_addr == wanted.s_addr) {
      interfaces_.push_back(
          {static_cast<int>(::if_nametoindex(one->ifa_name)),
           std::string(reinterpret_cast<const char*>(&name.sin_addr), sizeof name.sin_addr)});
    }
  }
  ::freeifaddrs(list);
}

void MdnsResponder::join() const {
  for (const Interface& interface : interfaces_) {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(kGroup);
    request.imr_ifindex = interface.index;
    // An interface without multicast is one on which no program asks.
    static_cast<void>(
        ::setsockopt(socket_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request));
  }
}

bool MdnsResponder::within_rate(Clock::time_point now) {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    replies_ = 0;
  }
  return ++replies_ <= kMostReplies;
}

void MdnsResponder::on_events(std::uint32_t) {
  for (int i = 0; i < kPacketsInOneTurn; ++i) {
    std::array<char, 9000> bytes;
    sockaddr_in from{};
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec vector{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT);
    if (count < 0) return;
    int index = 0;
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
      if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(one), sizeof info);
        index = info.ipi_ifindex;
      }
    }
    try {
      receive_one({bytes.data(), static_cast<std::size_t>(count)}, &from, sizeof from, index);
    } catch (const std::bad_alloc&) {
      // this one is not answered
    }
  }
}

void MdnsResponder::receive_one(std::string_view packet, const void* from, std::size_t length,
                                int index) {
  const auto interface = std::find_if(interfaces_.begin(), interfaces_.end(),
                                      [index](const Interface& one) { return one.index == index; });
  if (interface == interfaces_.end()) return;
  sockaddr_in asker{};
  std::memcpy(&asker, from, std::min(length, sizeof asker));
  const bool legacy = ntohs(asker.sin_port) != kPort;
  bool unicast = false;
  const auto reply = respond(packet, interface->address, legacy, unicast);
  if (!reply || !within_rate(Clock::now())) return;
  if (unicast) {
    static_cast<void>(::sendto(socket_.get(), reply->data(), reply->size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL, static_cast<const sockaddr*>(from),
                               static_cast<socklen_t>(length)));
  } else {
    send_to_group(*reply, index);
  }
}

void MdnsResponder::answer(const DnsQuestion& question, const DnsQuery& query,
                           std::string_view address, std::vector<DnsRecord>& answers,
                           std::vector<DnsRecord>& additional) const {
  const auto asks = [&question](std::uint16_t type) {
    return question.type == type || question.type == kDnsAny;
  };
  const auto known = [&query](const DnsRecord& record, const DnsName& target) {
    return std::any_of(query.known.begin(), query.known.end(), [&](const DnsKnownAnswer& one) {
      return one.ttl >= record.ttl / 2 && same_name(one.name, record.name) &&
             same_name(one.target, target);
    });
  };
  for (const MdnsService& service : services_) {
    const DnsName type = type_name(service);
    const DnsName instance = instance_name(service);
    if (asks(kDnsPtr) && same_name(question.name, meta_query())) {
      const DnsRecord record = dns_ptr(question.name, type);
      if (!known(record, type)) add(answers, record);
    }
    if (asks(kDnsPtr) && same_name(question.name, type)) {
      const DnsRecord record = dns_ptr(type, instance);
      if (!known(record, instance)) {
        add(answers, record);
        add(additional, dns_srv(instance, service.port, host_));
        add(additional, dns_txt(instance, service.text));
        add(additional, dns_a(host_, address));
      }
    }
    if (!same_name(question.name, instance)) continue;
    if (asks(kDnsSrv)) {
      add(answers, dns_srv(instance, service.port, host_));
      add(additional, dns_a(host_, address));
    }
    if (asks(kDnsTxt)) add(answers, dns_txt(instance, service.text));
  }
  if (asks(kDnsA) && same_name(question.name, host_)) add(answers, dns_a(host_, address));
}

std::optional<std::string> MdnsResponder::respond(std::string_view packet, std::string_view address,
                                                  bool legacy, bool& unicast) const {
  const auto query = parse_dns_query(packet);
  if (!query) return std::nullopt;
  std::vector<DnsQuestion> answered;
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> additional;
  unicast = true;
  for (const DnsQuestion& question : query->questions) {
    const std::size_t before = answers.size();
    answer(question, *query, address, answers, additional);
    if (answers.size() > before) {
      answered.push_back(question);
      unicast = unicast && (question.rdclass & kDnsTopBit) != 0;
    }
  }
  if (answers.empty()) return std::nullopt;
  unicast = unicast || legacy;
  if (!legacy) {
    return dns_response(0, {}, answers, additional, kLongestPacket);
  }
  for (auto* const records : {&answers, &additional}) {
    for (DnsRecord& record : *records) {
      record.unique = false;
      record.ttl = std::min(record.ttl, kLegacyTtl);
    }
  }
  for (DnsQuestion& question : answered) question.rdclass = kDnsInternet;
  return dns_response(query->id, answered, answers, additional, kLongestPacket);
}

void MdnsResponder::on_due(Clock::time_point now) {
  announce(false);
  announce_at_.reset();
  if (--announcements_left_ > 0) announce_at_ = now + kAnnounceAgain;
}

// A packet for each service: together they may be too long.
void MdnsResponder::announce(bool goodbye) {
  for (const Interface& interface : interfaces_) {
    for (const MdnsService& service : services_) {
      const DnsName instance = instance_name(service);
      std::vector<DnsRecord> records = {
          dns_ptr(type_name(service), instance), dns_srv(instance, service.port, host_),
          dns_txt(instance, service.text), dns_a(host_, interface.address)};
      for (DnsRecord& record : records) record.ttl = goodbye ? 0 : record.ttl;
      send_to_group(dns_response(0, {}, records, {}, kLongestPacket), interface.index);
    }
  }
}

void MdnsResponder::send_to_group(std::string_view packet, int index) const {
  ip_mreqn out{};
  out.imr_ifindex = index;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(kPort);
  name.sin_addr.s_addr = htonl(kGroup);
  if (::setsockopt(socket_.get(), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0) {
    static_cast<void>(::sendto(socket_.get(), packet.data(), packet.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&name), sizeof name));
  }
}

}  // namespace visa::sim
