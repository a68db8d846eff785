// SPDX-License-Identifier: MIT
// Announces the bench by multicast DNS (RFC 6762, DNS-SD RFC 6763) and answers programs that look
// for instruments, beside an avahi that runs on the same machine. Only on request: every host that
// hears it may use the instruments.
//
// Owned by the caller that runs the Bench; on the bench's thread only. At most kMostReplies packets
// a second, whatever is asked; a packet is at most kLongestPacket bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/discovery/dns_message.h"

namespace visa::sim {

struct MdnsService {
  std::string instance;  ///< "Virtual Multimeter - SIM-DMM-0001"
  std::string type;      ///< "_lxi._tcp"
  std::uint16_t port = 0;
  std::vector<std::string> text;  ///< "Model=Virtual Multimeter"
};

class MdnsResponder : public EventHandler, public TimerSource {
 public:
  static constexpr std::uint16_t kPort = 5353;
  static constexpr std::size_t kMostReplies = 100;
  static constexpr std::size_t kLongestPacket = 1400;

  /// On the interface that has the IPv4 `address`, on all of them for "0.0.0.0". `host`: one label,
  /// this bench's alone in its network. Another `port` is for tests. Throws std::system_error.
  MdnsResponder(EventLoop& loop, const std::string& address, const std::string& host,
                std::vector<MdnsService> services, std::uint16_t port = kPort);
  /// Says goodbye.
  ~MdnsResponder() override;
  MdnsResponder(const MdnsResponder&) = delete;
  MdnsResponder& operator=(const MdnsResponder&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  void on_events(std::uint32_t events) override;
  std::optional<Clock::time_point> due() const override { return announce_at_; }
  void on_due(Clock::time_point now) override;

  /// The response to a packet that came in at the interface of `address` (four bytes); nothing
  /// where it asks for nothing we have. `legacy`: from a port other than 5353.
  std::optional<std::string> respond(std::string_view packet, std::string_view address, bool legacy,
                                     bool& unicast) const;

 private:
  struct Interface {
    int index = 0;
    std::string address;  ///< four bytes
  };

  void find_interfaces(const std::string& address);
  void join() const;
  void receive_one(std::string_view packet, const void* from, std::size_t length, int index);
  void announce(bool goodbye);
  void send_to_group(std::string_view packet, int index) const;
  bool within_rate(Clock::time_point now);
  void answer(const DnsQuestion& question, const DnsQuery& query, std::string_view address,
              std::vector<DnsRecord>& answers, std::vector<DnsRecord>& additional) const;

  EventLoop& loop_;
  DnsName host_;
  std::vector<MdnsService> services_;
  std::vector<Interface> interfaces_;
  FileDescriptor socket_;
  std::uint16_t port_ = 0;
  std::optional<Clock::time_point> announce_at_;
  int announcements_left_ = 2;
  Clock::time_point second_;  ///< in which `replies_` were sent
  std::size_t replies_ = 0;
};

}  // namespace visa::sim
