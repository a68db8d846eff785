// SPDX-License-Identifier: MIT
// A network of one cable, the loopback: the interface as the finder is told of it, and hosts on it
// that answer what a test wants. Ports of its own, so that tests run side by side and beside a real
// responder. The answering thread ends with the object.
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/discovery/dns_packet.h"
#include "conformance/unit/support/patience.h"
#include "drivers/discovery/lan_search.h"

namespace visa::test {

inline drivers::Endpoint loopback(std::uint16_t port) {
  return drivers::ipv4_endpoint(INADDR_LOOPBACK, port);
}

inline drivers::LanInterface loopback_interface() {
  // What is "broadcast" reaches the one host there is.
  return {
      "lo", ::if_nametoindex("lo"), true, false, {{INADDR_LOOPBACK, 0xff000000, INADDR_LOOPBACK}}};
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator list("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

/// A UDP port that answers.
class Responder {
 public:
  /// Sends answers to one question, any number of times.
  class Reply {
   public:
    Reply(const Responder& owner, const drivers::Endpoint& asker, int question)
        : owner_(owner), asker_(asker), question_(question) {}
    /// Which question it is, from 1.
    int question() const { return question_; }
    /// True once the responder is to end: for answers that do not stop by themselves.
    bool ending() const {
      pollfd stop{owner_.stop_.get(), POLLIN, 0};
      return ::poll(&stop, 1, 0) > 0;
    }
    void operator()(const std::string& answer) const { owner_.send(answer, asker_); }
    /// To everybody who has joined.
    void multicast(const std::string& answer) const {
      owner_.send(answer, drivers::ipv4_endpoint(kGroup, owner_.port_));
    }

   private:
    const Responder& owner_;
    const drivers::Endpoint asker_;
    const int question_;
  };
  using Answer = std::function<void(const std::string& question, const Reply& reply)>;

  /// With `group` it hears 224.0.0.251 on the loopback, as a responder of mDNS does; without it
  /// only what is sent to `where` (port 0: one that is free), which it answers from.
  Responder(bool group, Answer answer, const drivers::Endpoint& where = loopback(0))
      : answer_(std::move(answer)) {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto own_place = group ? drivers::ipv4_endpoint(INADDR_ANY, 0) : where;
    if (::bind(fd_.get(), own_place.address(), own_place.size()) != 0) {
      throw std::runtime_error("bind");
    }
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&own), &size);
    port_ = ntohs(own.sin_port);
    own_ = group ? loopback(port_) : drivers::Endpoint(reinterpret_cast<sockaddr*>(&own), size);
    if (group) {
      const ip_mreqn membership{{htonl(kGroup)}, {}, static_cast<int>(::if_nametoindex("lo"))};
      if (::setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership)) {
        throw std::runtime_error("the loopback has no multicast");
      }
      ::setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_IF, &membership, sizeof membership);
    }
    stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] { serve(); });
  }
  ~Responder() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  std::uint16_t port() const { return port_; }
  /// How many have come, with those that were sent before this call.
  int questions() const {
    const int before = marks_;
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    for (int i = 0; marks_ == before && std::chrono::steady_clock::now() < limit; ++i) {
      if (i % 10'000 == 0) send(std::string(kMark), own_);  // a socket keeps what comes in order
      std::this_thread::yield();
    }
    return questions_;
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  static constexpr std::uint32_t kGroup = 0xE00000FB;
  static constexpr std::string_view kMark = "what came before is counted";

  void serve() {
    for (;;) {
      pollfd watched[2] = {{fd_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (::poll(watched, 2, -1) < 0 || watched[1].revents != 0) return;
      std::array<char, 9000> buffer{};
      sockaddr_in from{};
      socklen_t size = sizeof from;
      auto* const asker = reinterpret_cast<sockaddr*>(&from);
      const auto got = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, asker, &size);
      if (got < 0) continue;
      const std::string question(buffer.data(), static_cast<std::size_t>(got));
      if (question == kMark) ++marks_;
      if (port_ == ntohs(from.sin_port)) continue;  // our own, by multicast; or the shared port
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(question);
      }
      answer_(question, Reply(*this, drivers::Endpoint(asker, size), ++questions_));
    }
  }
  void send(const std::string& message, const drivers::Endpoint& to) const {
    ::sendto(fd_.get(), message.data(), message.size(), 0, to.address(), to.size());
  }

  const Answer answer_;
  UniqueFd fd_;
  UniqueFd stop_;
  std::uint16_t port_ = 0;
  drivers::Endpoint own_;
  std::atomic<int> questions_{0};
  std::atomic<int> marks_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

/// What a portmapper says to `question`, whose number it repeats.
inline std::string getport_answer(const std::string& question, unsigned port) {
  return question.substr(0, 4) + wire_number(1, 4) + wire_number(0, 4) + wire_number(0, 8) +
         wire_number(0, 4) + wire_number(port, 4);
}

/// True when it is a question of mDNS for that name, or one that ends in it.
inline bool asks(const std::string& question, const std::string& name) {
  return question.size() > 12 &&
         question.find(name.substr(0, name.size() - 1)) != std::string::npos;
}

}  // namespace visa::test
