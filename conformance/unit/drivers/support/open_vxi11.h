// SPDX-License-Identifier: MIT
// A VXI-11 channel made by the driver, with a scripted instrument at its far end.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/fake_instrument.h"
#include "drivers/vxi11/vxi11_driver.h"
#include "lib/base/call.h"

namespace visa::test {

using std::chrono::milliseconds;
using Settings = spi::Settings;
using InitialAttributes = std::vector<std::pair<ViAttr, model::AttributeValue>>;

inline constexpr milliseconds kLong{20000};
inline constexpr milliseconds kShort{60};

/// Core procedures by number, as the wire has them.
enum : std::uint32_t {
  kDeviceAbort = 1,
  kCreateLink = 10,
  kDeviceWrite = 11,
  kDeviceRead = 12,
  kReadStb = 13,
  kTrigger = 14,
  kClear = 15,
  kRemote = 16,
  kLocal = 17,
  kLock = 18,
  kUnlock = 19,
  kEnableSrq = 20,
  kDocmd = 22,
  kDestroyLink = 23,
  kCreateIntrChan = 25,
  kDestroyIntrChan = 26,
};

inline model::ResourceName vxi11_name(std::string host, std::string device = "inst0") {
  model::ResourceName name;
  name.interface = model::Interface::tcpip;
  name.resource_class = model::ResourceClass::instr;
  name.kind = model::Kind::tcpip_vxi11;
  name.host = std::move(host);
  name.device = std::move(device);
  return name;
}

inline Result<std::unique_ptr<spi::Channel>> open_vxi11(const model::ResourceName& name, Call& call,
                                                        const Settings& settings = {},
                                                        const InitialAttributes& initial = {}) {
  return drivers::make_vxi11_driver()->open({name, settings, initial}, call);
}

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// What a read delivered, with its data as text.
struct Reading {
  Status status;
  spi::StopReason reason;
  std::string data;
  std::string detail;
};

class OpenVxi11 {
 public:
  using Prepare = std::function<void(FakeInstrument&)>;

  explicit OpenVxi11(const Prepare& prepare = {}, Settings settings = {},
                     const InitialAttributes& initial = {}) {
    if (prepare) prepare(instrument);
    settings.try_emplace("portmapper_port", std::int64_t{instrument.portmapper_port()});
    Call call(Deadline::after(kLong));
    auto opened = open_vxi11(vxi11_name("127.0.0.1"), call, settings, initial);
    if (!opened) throw std::runtime_error(call.detail);
    channel = *std::move(opened);
  }
  ~OpenVxi11() { close(); }

  void close() {
    if (!channel) return;
    Call call(Deadline::after(kLong));
    channel->close(call);
    channel.reset();
  }

  Reading read(std::size_t size, milliseconds timeout = kLong, const spi::EndRule& rule = {}) {
    Call call(Deadline::after(timeout));
    call.timeout = timeout;
    return read(size, rule, call);
  }
  Reading read(std::size_t size, const spi::EndRule& rule, Call& call) {
    std::string data(size, '\0');
    const auto result = channel->read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    return {result.status, result.reason, data, call.detail};
  }

  spi::WriteResult write(std::string_view data, milliseconds timeout = kLong,
                         spi::WriteEnd end = spi::WriteEnd::end) {
    Call call(Deadline::after(timeout));
    call.timeout = timeout;
    return channel->write(bytes(data), end, call);
  }

  /// A question and its answer, which must be right: the link is in step.
  void expect_in_step(std::string_view question = "again?") {
    instrument.says("answer to " + std::string(question));
    ASSERT_EQ(write(question).status, Status::success);
    const Reading reading = read(1000);
    EXPECT_EQ(reading.status, Status::success) << reading.detail;
    EXPECT_EQ(reading.data, "answer to " + std::string(question));
  }

  FakeInstrument instrument;
  std::unique_ptr<spi::Channel> channel;
};

/// How long `body` took.
template <class Body>
milliseconds time_of(Body&& body) {
  const auto begin = std::chrono::steady_clock::now();
  std::forward<Body>(body)();
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace visa::test
