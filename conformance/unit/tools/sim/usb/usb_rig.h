// SPDX-License-Identifier: MIT
// For the tests of the USB devices: an instrument's device, plugged into a host that does what the
// test says, transfer by transfer, without an operating system between them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/description/description.h"
#include "tools/sim/usb/usb_raw_function.h"
#include "tools/sim/usb/usb_server.h"

namespace visa::sim {

inline std::string usb_bytes(std::initializer_list<int> bytes) {
  std::string result;
  for (const int byte : bytes) result += static_cast<char>(byte);
  return result;
}

inline std::shared_ptr<const Description> usb_described(const std::string& rest) {
  return read_description(
      "[instrument]\nname = \"rig\"\nidentity = \"A,B,C,D\"\ntrigger = \"acquire\"\n"
      "[[dialogue]]\nquery = \"LATE?\"\nanswer = \"late\"\ndelay_ms = 30\n"
      "[[property]]\nname = \"text\"\ntype = \"string\"\nheader = \"TEXT\"\nlongest = 65536\n"
      "[[record]]\nquery = \"CURVe?\"\npoints = 4000\nstart = 0\ninterval = 1\n"
      "[[record.signal]]\nshape = \"ramp\"\namplitude = 1\nfrequency = 1\n"
      "[[record.encoding]]\ntype = \"int8\"\nstep = 0.01\n" +
          rest,
      "rig.toml");
}

class UsbRig : public ::testing::Test, public UsbHost {
 protected:
  /// `rest`: of an instrument file, "[usb]\n..."
  explicit UsbRig(const std::string& rest = "") { plug_in(rest); }

  void plug_in(const std::string& rest) {
    device.reset();
    one.reset();
    instrument.reset();
    description = usb_described(rest);
    instrument = make_instrument(description);
    const WireKind* kind = nullptr;
    for (const WireKind* const wire : builtin_wires()) {
      if (wire->name() == "usb") kind = wire;
    }
    const auto* const section = dynamic_cast<const UsbDescription*>(description->section(*kind));
    one = std::make_unique<UsbInstrument>(*instrument,
                                          section != nullptr ? *section : UsbDescription());
    one->identity = usb_identity(one->description, 1);
    device = std::make_unique<UsbDevice>(
        one->identity, *this,
        [this](std::optional<std::chrono::milliseconds> time) { unplugged.emplace(time); });
    furnish_usb_device(*device, *one, [](std::uint8_t) { return std::string("tester"); });
  }

  void on_transfer(UsbTransfer transfer) override { finished.push_back(std::move(transfer)); }

  /// Hands a transfer in; nothing while the device does not answer, and it then stays under way.
  std::optional<UsbTransfer> put(UsbTransfer transfer) {
    transfer.id = ++last_id;
    device->submit(std::move(transfer));
    return take();
  }
  std::optional<UsbTransfer> take() {
    if (finished.empty()) return std::nullopt;
    UsbTransfer first = std::move(finished.front());
    finished.pop_front();
    return first;
  }
  /// What is due is done, at once or within a second.
  std::optional<UsbTransfer> wait() {
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (finished.empty() && Clock::now() < end) {
      if (const auto due = device->due(); due && *due <= Clock::now()) {
        device->on_due(Clock::now());
      }
    }
    return take();
  }
  void settle() {
    for (auto due = device->due(); due && *due <= Clock::now(); due = device->due()) {
      device->on_due(Clock::now());
    }
  }

  std::optional<UsbTransfer> control(int type, int request, int value, int index, int length,
                                     std::string data = {}) {
    return put({.setup = {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(request),
                          static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(index),
                          static_cast<std::uint16_t>(length)},
                .room = static_cast<std::size_t>(length),
                .data = std::move(data)});
  }
  /// A request of USBTMC to the interface, or to an endpoint.
  std::string ask(UsbtmcRequest request, int value, int length, int endpoint = 0) {
    const auto answer =
        control(endpoint != 0 ? 0xA2 : 0xA1, static_cast<int>(request), value, endpoint, length);
    if (!answer) return "nothing";
    return answer->status == UsbStatus::success ? answer->data : "stall";
  }

  std::string header(UsbtmcId id, std::size_t size, int attributes = 0, int termchar = 0) {
    tag = static_cast<std::uint8_t>(tag == 255 ? 1 : tag + 1);
    std::string result =
        usbtmc_header_bytes(static_cast<std::uint8_t>(id), tag, static_cast<std::uint32_t>(size),
                            static_cast<std::uint8_t>(attributes));
    result[9] = static_cast<char>(termchar);
    return result;
  }
  std::string message(std::string_view text, bool end = true) {
    std::string bytes = header(UsbtmcId::dev_dep_msg_out, text.size(), end ? 1 : 0);
    bytes += text;
    return bytes + std::string(usbtmc_padding(text.size()), '\0');
  }
  std::optional<UsbTransfer> send(std::string bytes) {
    return put({.endpoint = UsbtmcFunction::kOut, .data = std::move(bytes)});
  }
  UsbStatus write(std::string_view text, bool end = true) {
    const auto done = send(message(text, end));
    return done ? done->status : UsbStatus::cancelled;
  }
  void request(std::size_t size, int attributes = 0, int termchar = 0) {
    EXPECT_TRUE(send(header(UsbtmcId::dev_dep_msg_in, size, attributes, termchar)));
  }
  std::optional<UsbTransfer> receive(std::size_t room = 65536,
                                     std::uint8_t endpoint = UsbtmcFunction::kIn) {
    return put({.endpoint = endpoint, .room = room});
  }
  /// One answer with its header taken off.
  std::string read(std::size_t size = 65000) {
    request(size);
    const auto done = receive(size + kUsbtmcHeader + 1024);
    if (!done) return "nothing";
    last_header = done->data.substr(0, kUsbtmcHeader);
    return done->data.size() < kUsbtmcHeader ? "no header" : done->data.substr(kUsbtmcHeader);
  }
  std::string query(std::string_view text) {
    EXPECT_EQ(write(text), UsbStatus::success);
    return read();
  }
  bool end_of_message() const { return (last_header.at(8) & 1) != 0; }

  std::uint32_t fault(const FaultKind& kind, Fault rest = {}) {
    rest.kind = &kind;
    return instrument->faults().add(rest).value();
  }
  void no_fault(std::uint32_t id) {
    instrument->faults().remove(id);
    instrument->faults_changed();
    settle();
  }

  std::shared_ptr<const Description> description;
  std::unique_ptr<Instrument> instrument;
  std::unique_ptr<UsbInstrument> one;
  std::unique_ptr<UsbDevice> device;
  std::deque<UsbTransfer> finished;
  std::optional<std::optional<std::chrono::milliseconds>> unplugged;
  std::string last_header;
  std::uint64_t last_id = 0;
  std::uint8_t tag = 0;
};

inline constexpr char kUsbIdentity[] = "A,B,C,D\n";

}  // namespace visa::sim
