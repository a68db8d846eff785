// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/fake_enet.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace visa::test {
namespace {

constexpr std::array<std::uint16_t, 4> kOffsets = {0, 3, 5, 15};
constexpr std::uint16_t kBroken = 0x8000;
constexpr std::uint16_t kTimeout = 0x4000;
constexpr std::uint16_t kEnd = 0x2000;
constexpr std::uint16_t kComplete = 0x0100;
/// After the status of a poll that failed.
constexpr std::string_view kNoByte("\0", 1);

int bind_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(fd, 8) == 0) {
    return fd;
  }
  ::close(fd);
  return -1;
}

bool receive_all(int fd, void* into, std::size_t size) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::recv(fd, at, size, 0);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::uint16_t port_of_client(int fd) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
  return ntohs(peer.sin_port);
}

std::uint32_t number(const std::vector<std::uint8_t>& frame, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | frame[at + i];
  return value;
}

void append(std::string& text, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  }
}

}  // namespace

FakeEnet::FakeEnet() {
  // Four ports with the distances of the real ones, below those that the system gives to clients:
  // other tests have thousands of connections.
  for (int attempt = 0; attempt < 200 && listeners_.size() < kOffsets.size(); ++attempt) {
    for (const int one : listeners_) ::close(one);
    listeners_.clear();
    port_ = static_cast<std::uint16_t>(10000 + (97 * ::getpid() + 131 * attempt) % 20000);
    for (std::size_t i = 0; i < kOffsets.size(); ++i) {
      const int fd = bind_to(static_cast<std::uint16_t>(port_ + kOffsets[i]));
      if (fd < 0) break;
      listeners_.push_back(fd);
    }
  }
  if (listeners_.size() < kOffsets.size()) throw std::runtime_error("no ports");
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    threads_.emplace_back([this, i] { listen_on(listeners_[i], kOffsets[i]); });
  }
}

FakeEnet::~FakeEnet() {
  ends_ = true;
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    for (const int one : listeners_) ::shutdown(one, SHUT_RDWR);
    for (const int one : fds_) ::shutdown(one, SHUT_RDWR);
    changed_.notify_all();
  }
  for (bool more = true; more;) {
    {
      const std::lock_guard lock(mutex_);
      threads.swap(threads_);
      for (const int one : fds_) ::shutdown(one, SHUT_RDWR);
    }
    for (auto& one : threads) one.join();
    threads.clear();
    const std::lock_guard lock(mutex_);
    more = !threads_.empty();
  }
  for (const int one : listeners_) ::close(one);
  for (const int one : fds_) ::close(one);
}

void FakeEnet::with(const std::function<void(FakeEnet&)>& use) {
  const std::lock_guard lock(mutex_);
  use(*this);
  changed_.notify_all();
}

std::vector<std::string> FakeEnet::diary() {
  const std::lock_guard lock(mutex_);
  return diary_;
}

void FakeEnet::listen_on(int listener, int which) {
  while (!ends_) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    fds_.push_back(fd);
    if (which == 0) ++connections;
    threads_.emplace_back([this, fd, which] { serve(fd, which); });
    if (ends_) ::shutdown(fd, SHUT_RDWR);
  }
}

void FakeEnet::serve(int fd, int which) {
  Client client{fd};
  std::vector<std::uint8_t> frame(12);
  while (receive_all(fd, frame.data(), frame.size())) {
    if (!request(client, frame, which)) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

bool FakeEnet::send_all(int fd, std::string bytes) {
  bool goes_on = true;
  bool flood = false;
  {
    const std::lock_guard lock(mutex_);
    if (hangs) return true;
    if (replies_left == 0) return false;
    if (replies_left > 0) --replies_left;
    flood = floods;
    if (!instead.empty()) bytes = std::exchange(instead, "");
    if (drops_after >= 0) {
      bytes.resize(std::min(bytes.size(), static_cast<std::size_t>(drops_after)));
      drops_after = -1;
      goes_on = false;
    }
  }
  while (flood && !ends_) {
    constexpr char kOutOfBand[] = {0, 2, 0, 1, 'x'};
    if (::send(fd, kOutOfBand, sizeof kOutOfBand, MSG_NOSIGNAL) <= 0) return false;
  }
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return goes_on;
}

std::string FakeEnet::chunk_of(const std::string& data, std::uint16_t flags) const {
  std::string text;
  if (out_of_band) {
    append(text, 2, 2);
    append(text, 1, 2);
    text += 'x';
  }
  append(text, flags, 2);
  append(text, static_cast<std::uint32_t>(data.size()), 2);
  return text + data;
}

std::string FakeEnet::status(std::uint16_t state, std::uint16_t error, std::uint32_t count,
                             std::string_view after) const {
  std::string text;
  append(text, state, 2);
  append(text, error, 2);
  append(text, 0, 4);
  append(text, count, 4);
  return chunk_of(text.append(after));
}

std::string FakeEnet::read(Client& client, std::uint32_t time) {
  std::unique_lock lock(mutex_);
  std::string reply = status(kComplete, 0xFFFF, 0);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(time);
  const auto at = instruments.find(client.device);
  while (at == instruments.end() || at->second.answers.empty()) {
    if (ends_ || changed_.wait_until(lock, until) == std::cv_status::timeout) {
      return reply + status(kBroken | kTimeout | kComplete, 6, 0);
    }
  }
  const std::string answer = at->second.answers.front();
  at->second.answers.pop_front();
  for (std::size_t i = 0; i < answer.size(); i += chunk) {
    reply += chunk_of(answer.substr(i, chunk));
  }
  return reply + chunk_of("", 1) +
         status(kEnd | kComplete, 0xFFFF, static_cast<std::uint32_t>(answer.size()));
}

std::string FakeEnet::write(Client& client, std::uint32_t count, bool& lost) {
  std::string data(count, '\0');
  lost = !receive_all(client.fd, data.data(), data.size());
  const std::lock_guard lock(mutex_);
  if (const std::string reply = failed(0x62); !reply.empty()) return reply;
  const auto at = instruments.find(client.device);
  if (at == instruments.end()) return status(kBroken | kComplete, 2, 0);
  at->second.messages.push_back(data);
  at->second.answers.clear();
  if (at->second.answer) at->second.answers.push_back(at->second.answer(data));
  return status(kComplete, 0xFFFF, count);
}

/// The reply that a test wants instead; "" where it wants none.
std::string FakeEnet::failed(std::uint8_t operation) {
  if (!failure || failure->operation != operation) return {};
  const Failure one = *std::exchange(failure, std::nullopt);
  const auto state = static_cast<std::uint16_t>(one.state | kBroken | kComplete);
  return status(state, one.error, 0, operation == 0x19 ? kNoByte : "");
}

std::string FakeEnet::poll(const Client& client) {
  const auto at = instruments.find(client.device);
  if (at == instruments.end()) return status(kBroken | kTimeout | kComplete, 6, 0, kNoByte);
  const auto byte = static_cast<char>(at->second.status);
  at->second.status &= 0xBFU;
  return status(kComplete, 0xFFFF, 1, {&byte, 1});
}

std::uint16_t FakeEnet::requests(const Client& client) const {
  std::uint16_t state = kComplete;
  for (const auto& [address, device] : instruments) {
    if ((device.status & 0x40U) == 0) continue;
    const auto at = devices_.find(client.of_port);
    if (tells_line) state |= 0x1000;
    if (at != devices_.end() && at->second == address) state |= 0x0800;
  }
  return state;
}

bool FakeEnet::request(Client& client, const std::vector<std::uint8_t>& frame, int which) {
  const std::uint8_t operation = frame[0];
  const bool detailed = operation == 0x50 || operation == 0x55 || operation == 0x07 ||
                        operation == 0x58 || operation == 0x4E || operation == 0x4F;
  {
    char text[8];
    std::snprintf(text, sizeof text, detailed ? "%02X %02X" : "%02X", operation, frame[1]);
    const std::lock_guard lock(mutex_);
    diary_.emplace_back(text);
    if (operation == 0x07 && frame[1] == 0x02) {
      client.device = frame[4] + 256U * frame[5];
      devices_[port_of_client(client.fd)] = client.device;
    }
    if (operation == 0x55) client.of_port = static_cast<std::uint16_t>(number(frame, 6, 2));
    if (operation == 0x4F && which == 5) ++interface_clears;
  }
  std::string reply;
  if (operation == 0x62) {
    bool lost = false;
    reply = write(client, number(frame, 4, 4), lost);
    return !lost && send_all(client.fd, reply);
  }
  {
    const std::lock_guard lock(mutex_);
    reply = failed(operation);
  }
  if (!reply.empty()) return send_all(client.fd, reply);
  if (operation == 0x16) return send_all(client.fd, read(client, number(frame, 4, 4)));
  {
    const std::lock_guard lock(mutex_);
    EnetInstrument nothing;
    const auto at = instruments.find(client.device);
    EnetInstrument& one = at == instruments.end() ? nothing : at->second;
    if (operation == 0x04) ++one.clears;
    if (operation == 0x04) one.answers.clear();
    if (operation == 0x20) ++one.triggers;
    if (operation == 0x10) ++one.locals;
    reply = status(operation == 0x54 ? requests(client) : kComplete, 0xFFFF, 0);
    if (operation == 0x19) reply = poll(client);
  }
  return send_all(client.fd, reply);
}

}  // namespace visa::test
