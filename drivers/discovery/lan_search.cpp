// SPDX-License-Identifier: MIT
// The questions are sent three times, because datagrams get lost. Incoming messages neither end the
// search before its deadline nor delay it: the sockets are read in turn, a limited number of
// messages at a time, with a check of the deadline before each, and the bytes of each sender are
// counted.
#include "drivers/discovery/lan_search.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "drivers/discovery/lan_senders.h"
#include "drivers/discovery/visa_address.h"
#include "lib/base/log.h"

namespace visa::drivers {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

constexpr std::array<Clock::duration, 3> kAskedAt = {0ms, 250ms, 750ms};
constexpr int kCancelLatency = 20;  // ms between two checks of the cancel token
constexpr int kMessagesAtOnce = 64;

// Where there is a usable hint: the host and the port are those that answered, whatever it says.
std::string sub_address(const Announced& one) {
  if (one.service != LanService::hislip || one.visa_address.empty()) return "";
  std::string hinted = sub_address_in(one.visa_address);
  if (hinted.empty() && log::enabled()) {
    log::line("find lan: " + one.instance +
              ": the VisaAddress it announces names no HiSLIP "
              "resource (" +
              one.visa_address + "); " + std::string(kUsualSubAddress) + " is listed");
  }
  return hinted == kUsualSubAddress ? "" : hinted;
}

std::vector<LanService> wanted_services(const LanPlan& plan) {
  std::vector<LanService> list;
  if (plan.vxi11) {
    list.push_back(LanService::vxi11);
    list.push_back(LanService::lxi);
  }
  if (plan.hislip) list.push_back(LanService::hislip);
  if (plan.sockets) list.push_back(LanService::scpi_raw);
  return list;
}

class LanSearch {
 public:
  LanSearch(const LanPlan& plan, Call& call)
      : plan_(plan),
        call_(call),
        sockets_(plan.interfaces, plan.mdns_port),
        browser_(wanted_services(plan)),
        xid_(random_xid()),
        broadcast_(make_getport_call(xid_, kVxi11CoreProgram, kVxi11CoreVersion, kPortmapTcp)) {}

  std::vector<LanAnswer> run() {
    const auto start = Clock::now();
    std::size_t asked = 0;
    while (!call_.cancelled()) {
      if (asked < kAskedAt.size() && Clock::now() - start >= kAskedAt[asked]) {
        ask(asked > 0);
        ++asked;
        if (sent_ == 0) break;
      }
      auto until = call_.deadline;
      if (asked < kAskedAt.size()) {
        until = std::min(until, Deadline::at(start + kAskedAt[asked]));
      }
      const bool news = wait(std::min(until.poll_milliseconds(), kCancelLatency));
      if (call_.deadline.expired()) break;
      if (news) follow_up(false);
    }
    report_troubles();
    return answers();
  }

 private:
  void ask(bool again) {
    for (const DnsQuestion& question : browser_.questions()) ask_mdns(question);
    if (again) follow_up(true);
    if (!plan_.vxi11) return;
    for (const LanInterface& interface : plan_.interfaces) {
      for (const Subnet& subnet : interface.subnets) {
        if (subnet.broadcast != 0) ask_portmapper(subnet.broadcast);
      }
    }
  }

  void ask_mdns(const DnsQuestion& question) {
    // Answers by unicast arrive at the search's own port, answers by multicast at the shared one.
    const auto direct =
        write_dns_question(question.name, question.type, true, static_cast<std::uint16_t>(xid_));
    const auto shared = write_dns_question(question.name, question.type, false, 0);
    if (direct.empty()) return;
    for (const LanSockets::Socket& socket : sockets_.all()) {
      for (const LanInterface& interface : plan_.interfaces) {
        if (socket.interface != 0 && socket.interface != interface.index) continue;
        if (sockets_.multicast(socket, interface, socket.shared ? shared : direct)) ++sent_;
      }
    }
  }

  void ask_portmapper(std::uint32_t address) {
    if (sockets_.datagram(ipv4_endpoint(address, plan_.portmapper_port), broadcast_)) ++sent_;
  }

  void follow_up(bool again) {
    for (const DnsQuestion& question : browser_.follow_ups(again)) ask_mdns(question);
    if (!plan_.vxi11) return;
    // If an instrument announces only its web page, ask its portmapper whether it has VXI-11.
    for (const Announced& one : browser_.announced()) {
      if (one.service != LanService::lxi) continue;
      const std::uint32_t address = ipv4_bits(best_address(one.addresses));
      if (!on_local_subnet(address) || vxi11_hosts_.contains(address)) continue;
      if (lxi_hosts_.insert(address).second || again) ask_portmapper(address);
    }
  }

  /// True if a message of an mDNS responder arrived.
  bool wait(int milliseconds) {
    std::vector<pollfd> watched;
    for (const auto& socket : sockets_.all()) watched.push_back({socket.fd.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), milliseconds) <= 0) return false;
    bool news = false;
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (watched[i].revents != 0 && receive(sockets_.all()[i])) news = true;
    }
    return news;
  }

  bool receive(const LanSockets::Socket& socket) {
    bool news = false;
    for (int i = 0; i < kMessagesAtOnce; ++i) {
      if (call_.cancelled() || call_.deadline.expired()) break;
      sockaddr_in6 address{};
      socklen_t size = sizeof address;
      const ssize_t got = ::recvfrom(socket.fd.get(), buffer_.data(), buffer_.size(), 0,
                                     reinterpret_cast<sockaddr*>(&address), &size);
      if (got < 0) break;
      const Endpoint from(reinterpret_cast<const sockaddr*>(&address), size);
      const std::span<const std::byte> message(buffer_.data(), static_cast<std::size_t>(got));
      const auto sender = senders_.admit(from, message.size());
      if (!sender) {
        sockets_.ignore(from);
        continue;
      }
      if (socket.family == AF_INET && !socket.shared && take_port(message, from)) continue;
      if (!browser_.take(message, *sender)) note_left_out(from);
      news = true;
    }
    return news;
  }

  /// True if the message answers the broadcast.
  bool take_port(std::span<const std::byte> message, const Endpoint& from) {
    const auto reply = read_getport_reply(message, xid_);
    if (!reply) return false;
    // Every computer with a portmapper answers; port 0 means that it has no VXI-11.
    const std::uint32_t address = ipv4_bits(from);
    if (reply->port == 0 || address == 0) return true;
    if (vxi11_hosts_.size() < kMostVxi11Hosts) {
      vxi11_hosts_.insert(address);
    } else if (!vxi11_hosts_.contains(address)) {
      passed_over_ = true;
    }
    return true;
  }

  void note_left_out(const Endpoint& from) {
    constexpr std::size_t kMostNoted = 16;
    if (left_out_.size() < kMostNoted) left_out_.insert(from.numeric());
  }

  /// True for addresses on a subnet of this computer. Nothing is sent to any other address, even if
  /// an mDNS answer names it.
  bool on_local_subnet(std::uint32_t address) const {
    if (address == 0) return false;
    for (const LanInterface& interface : plan_.interfaces) {
      for (const Subnet& subnet : interface.subnets) {
        if (subnet.contains(address)) return true;
      }
    }
    return false;
  }

  /// Prefers addresses on a local subnet, then IPv4, then the lowest, so that all services of an
  /// instrument with several addresses are reported under the same address.
  Endpoint best_address(const std::vector<Endpoint>& addresses) const {
    const auto rank = [this](const Endpoint& one) {
      const std::uint32_t bits = ipv4_bits(one);
      return std::pair(on_local_subnet(bits) ? 0 : bits != 0 ? 1 : 2, one.numeric());
    };
    return *std::min_element(
        addresses.begin(), addresses.end(),
        [&](const Endpoint& a, const Endpoint& b) { return rank(a) < rank(b); });
  }

  std::vector<LanAnswer> answers() const {
    std::vector<LanAnswer> list;
    const auto add = [&list](LanAnswer answer) {
      const auto known = std::find_if(list.begin(), list.end(), [&](const LanAnswer& one) {
        return one.service == answer.service && one.address == answer.address &&
               one.sub_address == answer.sub_address;
      });
      if (known == list.end()) list.push_back(std::move(answer));
    };
    for (const Announced& one : browser_.announced()) {
      if (log::enabled()) {
        log::line("find lan: mDNS: " + one.instance + "." + std::string(service_name(one.service)) +
                  " at " + one.host + " port " + std::to_string(one.port) +
                  (one.text.empty() ? "" : " (" + one.text + ")"));
      }
      if (one.service == LanService::lxi) continue;
      LanAnswer answer{one.service, best_address(one.addresses), one.host, sub_address(one)};
      answer.address.set_port(one.service == LanService::vxi11 ? std::uint16_t{0} : one.port);
      add(std::move(answer));
    }
    for (const std::uint32_t address : vxi11_hosts_) {
      add({LanService::vxi11, ipv4_endpoint(address, 0), ""});
    }
    return list;
  }

  void report_troubles() {
    if (sent_ == 0) {
      call_.detail = "no question could be sent";
      if (!sockets_.troubles().empty()) call_.detail += "; " + sockets_.troubles().front();
    }
    if (!log::enabled()) return;
    for (const std::string& text : sockets_.troubles()) log::line("find lan: " + text);
    for (const std::string& text : senders_.cut_off()) log::line("find lan: " + text);
    for (const std::string& address : left_out_) {
      log::line("find lan: " + address + ": announces too many services; some are left out");
    }
    if (passed_over_) {
      log::line("find lan: more than " + std::to_string(kMostVxi11Hosts) +
                " hosts answer the broadcast; the others are passed over");
    }
  }

  const LanPlan& plan_;
  Call& call_;
  LanSockets sockets_;
  MdnsBrowser browser_;
  const std::uint32_t xid_;
  const GetPortCall broadcast_;
  std::set<std::uint32_t> vxi11_hosts_;  // whose portmapper named a port
  std::set<std::uint32_t> lxi_hosts_;    // whose portmapper was asked by unicast
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kMostDnsBytes);
  std::size_t sent_ = 0;
  LanSenders senders_;
  std::set<std::string> left_out_;  // addresses of senders
  bool passed_over_ = false;
};

}  // namespace

std::vector<LanAnswer> search_lan(const LanPlan& plan, Call& call) {
  return LanSearch(plan, call).run();
}

}  // namespace visa::drivers
