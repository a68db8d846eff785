// SPDX-License-Identifier: MIT
// A pseudo-terminal with the instrument's side in the hands of the test, and a session on it made
// by the driver. No operation here waits longer than kPatience.
#pragma once

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/support/patience.h"
#include "drivers/serial/serial_driver.h"
#include "lib/base/call.h"
#include "lib/base/unique_fd.h"

namespace visa::test {

inline constexpr std::chrono::milliseconds kLong{20000};
inline constexpr std::chrono::milliseconds kShort{60};

using InitialAttributes = std::vector<std::pair<ViAttr, model::AttributeValue>>;

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The instrument's side.
class PtyMaster {
 public:
  PtyMaster() : fd_(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 64> name{};
    if (!fd_ || ::grantpt(fd_.get()) != 0 || ::unlockpt(fd_.get()) != 0 ||
        ::ptsname_r(fd_.get(), name.data(), name.size()) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    node_ = name.data();
  }
  const std::string& node() const { return node_; }
  int fd() const { return fd_.get(); }

  void send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t sent = ::write(fd_.get(), data.data(), data.size());
      if (sent <= 0) throw std::runtime_error("the port is closed");
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// `size` bytes; fewer when nothing comes for kPatience.
  std::string receive(std::size_t size) const {
    std::string data(size, '\0');
    std::size_t count = 0;
    while (count < size && arrives(std::chrono::milliseconds(kPatience))) {
      const ssize_t got = ::read(fd_.get(), data.data() + count, size - count);
      if (got <= 0) break;
      count += static_cast<std::size_t>(got);
    }
    data.resize(count);
    return data;
  }
  /// What comes next, at most `size` bytes; nothing when nothing comes for kPatience.
  std::string receive_some(std::size_t size) const {
    std::string data(size, '\0');
    if (!arrives(std::chrono::milliseconds(kPatience))) return {};
    const ssize_t got = ::read(fd_.get(), data.data(), size);
    data.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return data;
  }
  bool arrives(std::chrono::milliseconds time) const {
    pollfd watched{fd_.get(), POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(time.count())) > 0 &&
           (watched.revents & POLLIN) != 0;
  }
  /// The settings of the port as this side sees them.
  termios2 state() const {
    termios2 state{};
    ::ioctl(fd_.get(), TCGETS2, &state);
    return state;
  }
  /// The converter is pulled out.
  void unplug() { fd_.reset(); }

 private:
  UniqueFd fd_;
  std::string node_;
};

inline model::ResourceName serial_name(const std::string& path) {
  return *model::parse_resource_name("ASRL" + path + "::INSTR");
}

inline Result<std::unique_ptr<spi::Channel>> open_serial(const std::string& path, Call& call,
                                                         const spi::Settings& settings = {},
                                                         const InitialAttributes& initial = {}) {
  const auto name = serial_name(path);
  return drivers::make_serial_driver()->open({name, settings, initial}, call);
}

/// Reading modes: by END_IN = TERMCHAR, LAST_BIT and NONE, as the core makes them.
inline spi::EndRule line_rule(char termchar = '\n') {
  return {.suppress_end = true,
          .termchar_enabled = true,
          .termchar = static_cast<std::uint8_t>(termchar)};
}
inline spi::EndRule last_bit_rule() {
  return {.suppress_end = true, .last_bit = true};
}
inline spi::EndRule count_rule() {
  return {.suppress_end = true};
}

/// What a read delivered, with its data as text.
struct Reading {
  Status status;
  spi::StopReason reason;
  std::string data;
  std::string detail;
};

/// A session on a port; the port goes with the last of them.
class SerialSession {
 public:
  explicit SerialSession(const std::string& path, const spi::Settings& settings = {},
                         const InitialAttributes& initial = {}) {
    Call call(Deadline::after(kLong));
    auto opened = open_serial(path, call, settings, initial);
    if (!opened) throw std::runtime_error(call.detail);
    channel = *std::move(opened);
  }
  ~SerialSession() { close(); }
  void close() {
    Call call(Deadline::after(kLong));
    if (channel) channel->close(call);
    channel.reset();
  }

  Reading read(std::size_t size, const spi::EndRule& rule, Deadline deadline) const {
    Call call(deadline);
    return read(size, rule, call);
  }
  Reading read(std::size_t size, const spi::EndRule& rule,
               std::chrono::milliseconds timeout = kLong) const {
    return read(size, rule, Deadline::after(timeout));
  }
  Reading read(std::size_t size, const spi::EndRule& rule, Call& call) const {
    std::string data(size, '\0');
    const auto result = channel->read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    return {result.status, result.reason, data, call.detail};
  }
  spi::WriteResult write(std::string_view data, const spi::WriteRule& rule = spi::WriteEnd::none,
                         std::chrono::milliseconds timeout = kLong) const {
    Call call(Deadline::after(timeout));
    return channel->write(bytes(data), rule, call);
  }
  Status set(ViAttr id, std::uint64_t value) const {
    Call call(Deadline::after(kLong));
    return channel->set_attribute(id, model::AttributeValue(value), call);
  }
  /// -1 where it has none.
  std::int64_t get(ViAttr id) const {
    Call call(Deadline::after(kLong));
    const auto value = channel->get_attribute(id, call);
    EXPECT_EQ(value.status(), Status::success) << call.detail;
    return value ? static_cast<std::int64_t>(model::number(*value)) : -1;
  }

  std::unique_ptr<spi::Channel> channel;
};

/// Both sides.
class OpenSerial : public SerialSession {
 public:
  explicit OpenSerial(const spi::Settings& settings = {}, const InitialAttributes& initial = {})
      : OpenSerial(PtyMaster(), settings, initial) {}

  PtyMaster instrument;

 private:
  OpenSerial(PtyMaster&& master, const spi::Settings& settings, const InitialAttributes& initial)
      : SerialSession(master.node(), settings, initial), instrument(std::move(master)) {}
};

}  // namespace visa::test
