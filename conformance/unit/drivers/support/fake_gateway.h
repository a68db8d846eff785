// SPDX-License-Identifier: MIT
// A VXI-11 gateway as a driver above it sees one: channels by name, whose operations are written
// down and answered as the test says. Any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/spi/channel.h"
#include "lib/spi/wires.h"

namespace visa::test {

/// What one device of the gateway does.
struct GatewayDevice {
  std::deque<std::string> answers = {};
  std::string written = {};
  std::uint8_t status = 0;
  Status next = Status::success;      // of the next operation
  Status enabling = Status::success;  // of enable_event
  spi::EventSink* sink = nullptr;
};

class FakeGateway final : public spi::Wires {
 public:
  Result<std::unique_ptr<spi::Channel>> open(const model::ResourceName& name,
                                             const spi::Settings& settings, Call& call) override;

  void with(const std::function<void(FakeGateway&)>& use) {
    const std::lock_guard lock(mutex_);
    use(*this);
  }
  /// What was asked, as "gpib0,5 write", "gpib0 cmd 20003 0001", in order.
  std::vector<std::string> diary() {
    const std::lock_guard lock(mutex_);
    return diary_;
  }
  std::size_t times(const std::string& line) {
    const auto all = diary();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), line));
  }
  /// SRQ: every enabled link is notified, as some gateways do.
  void request(const std::string& device) {
    std::vector<spi::EventSink*> sinks;
    with([&](FakeGateway&) {
      devices[device].status |= 0x40U;
      for (auto& [name, one] : devices) {
        if (one.sink != nullptr) sinks.push_back(one.sink);
      }
    });
    for (auto* one : sinks) one->post({.type = VI_EVENT_SERVICE_REQ});
  }

  std::map<std::string, GatewayDevice> devices;  // by device name; others are refused
  std::map<std::uint16_t, std::uint16_t> lines = {{1, 1}, {2, 0}, {3, 0}, {4, 1},
                                                  {5, 1}, {6, 0}, {7, 0}, {8, 21}};
  std::set<std::uint8_t> listeners = {};  // primaries that hold NDAC once addressed
  bool knows_commands = true;
  Status opening = Status::success;  // of the next channel

 private:
  friend class FakeGatewayChannel;
  void note(const std::string& line) { diary_.push_back(line); }

  std::mutex mutex_;
  std::vector<std::string> diary_;
};

class FakeGatewayChannel final : public spi::Channel,
                                 private spi::DeviceCommandFacet,
                                 private spi::RemoteLocalFacet {
 public:
  FakeGatewayChannel(FakeGateway& gateway, std::string name)
      : gateway_(gateway), name_(std::move(name)) {}

  void close(Call&) noexcept override { note("close"); }
  spi::Traits traits() const noexcept override { return {}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule&, Call&) override {
    const Status status = begin("read");
    if (failed(status)) return {status};
    const std::lock_guard lock(gateway_.mutex_);
    auto& answers = gateway_.devices[name_].answers;
    if (answers.empty()) return {Status::error_tmo};
    const std::size_t count = std::min(into.size(), answers.front().size());
    std::copy_n(std::as_bytes(std::span(answers.front())).begin(), count, into.begin());
    answers.front().erase(0, count);
    const bool end = answers.front().empty();
    if (end) answers.pop_front();
    return {Status::success, count, end ? spi::StopReason::end : spi::StopReason::count};
  }
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call&) override {
    const Status status = begin(rule.end == spi::WriteEnd::end ? "write" : "write part");
    if (failed(status)) return {status};
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.devices[name_].written.append(reinterpret_cast<const char*>(data.data()), data.size());
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
  Result<std::uint8_t> read_status_byte(Call&) override {
    const Status status = begin("poll");
    if (failed(status)) return status;
    const std::lock_guard lock(gateway_.mutex_);
    auto& byte = gateway_.devices[name_].status;
    return std::exchange(byte, static_cast<std::uint8_t>(byte & 0xBFU));
  }
  Status clear(Call&) override { return begin("clear"); }
  Status trigger(const spi::TriggerRule&, Call&) override { return begin("trigger"); }
  Status enable_event(ViEventType, spi::EventSink& sink, Call&) override {
    // One step: a test that has seen the note may request service at once.
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.note(name_ + " enable");
    GatewayDevice& device = gateway_.devices[name_];
    if (ok(device.enabling)) device.sink = &sink;
    return device.enabling;
  }
  Status disable_event(ViEventType, Call&) override {
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.note(name_ + " disable");
    gateway_.devices[name_].sink = nullptr;
    return Status::success;
  }
  spi::Facets facets() noexcept override {
    spi::Facets facets;
    facets.commands = this;
    facets.remote_local = this;
    return facets;
  }

 private:
  Status begin(const std::string& operation) {
    note(operation);
    const std::lock_guard lock(gateway_.mutex_);
    return std::exchange(gateway_.devices[name_].next, Status::success);
  }
  void note(const std::string& operation) {
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.note(name_ + " " + operation);
  }
  Status control_ren(spi::RenMode mode, Call&) override {
    return begin("ren " + std::to_string(static_cast<int>(mode)));
  }
  Result<spi::DeviceAnswer> device_command(std::uint32_t number, std::uint32_t,
                                           std::span<const std::byte> data, Call&) override {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string line = "cmd ";
    for (int shift = 16; shift >= 0; shift -= 4) line += kDigits[number >> shift & 0xFU];
    line += " ";
    for (const std::byte one : data) {
      line += kDigits[std::to_integer<unsigned>(one) >> 4U];
      line += kDigits[std::to_integer<unsigned>(one) & 0xFU];
    }
    const Status status = begin(line);
    if (failed(status)) return status;
    const std::lock_guard lock(gateway_.mutex_);
    if (!gateway_.knows_commands) return Status::error_nsup_oper;
    spi::DeviceAnswer answer;
    if (number == 0x020000) take(data);
    if (number == 0x020001) {
      const auto question = std::to_integer<std::uint16_t>(data[1]);
      std::uint16_t value = gateway_.lines[question];
      if (question == 3 && listening_) value = 1;
      answer.bytes[0] = static_cast<std::byte>(value >> 8U);
      answer.bytes[1] = static_cast<std::byte>(value & 0xFFU);
      answer.size = 2;
    }
    return answer;
  }
  void take(std::span<const std::byte> commands) {
    for (const std::byte one : commands) {
      const auto byte = std::to_integer<std::uint8_t>(one);
      if (byte == 0x3F) listening_ = false;
      if (byte >= 0x20 && byte < 0x3F && gateway_.listeners.contains(byte & 0x1FU)) {
        listening_ = true;
      }
    }
  }

  FakeGateway& gateway_;
  const std::string name_;
  bool listening_ = false;
};

inline Result<std::unique_ptr<spi::Channel>> FakeGateway::open(const model::ResourceName& name,
                                                               const spi::Settings&, Call& call) {
  const std::lock_guard lock(mutex_);
  note(name.device + " open");
  const Status status = std::exchange(opening, Status::success);
  if (failed(status)) return call.fail(status, "VXI-11 error");
  if (!devices.contains(name.device)) {
    return call.fail(Status::error_rsrc_nfound, "there is no device at this address");
  }
  return std::unique_ptr<spi::Channel>(std::make_unique<FakeGatewayChannel>(*this, name.device));
}

}  // namespace visa::test
