// SPDX-License-Identifier: MIT
// A session with an instrument that can be spoken to securely. The instrument's part runs on a
// thread of its own while the driver opens or changes the session.
#pragma once

#include <functional>
#include <future>
#include <string>
#include <utility>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/hislip_tls_peer.h"

namespace visa::test {

// Of InitializeResponse.
inline constexpr std::uint8_t kMandatory = 2;
inline constexpr std::uint8_t kInitial = 4;

struct Opened {
  Status status = Status::success;
  std::string detail;
  std::unique_ptr<spi::Channel> channel;
};

class HislipSecurity : public testing::Test {
 protected:
  HislipSecurity() { use_module_of_this_build(); }
  ~HislipSecurity() override {
    if (!opened.channel) return;
    Call call(Deadline::after(kLong));
    opened.channel->close(call);
  }

  using Play = std::function<void(SecureInstrument&)>;

  /// Opens with what `credential` and `settings` say, while the instrument plays its part after the
  /// initialization.
  void open(const SecureGreeting& greeting, const Play& play,
            std::chrono::milliseconds time = kLong) {
    auto played = std::async(std::launch::async, [&] {
      instrument.initialize(server, greeting);
      play(instrument);
    });
    auto name = hislip_name(server.port());
    name.has_credential = by_name;
    name.credential = by_name ? credential.name : "";
    Call call(Deadline::after(time));
    auto made = drivers::make_hislip_driver()->open(
        {name, settings, initial, {}, by_name || by_setting ? &credential : nullptr}, call);
    opened.status = made.status();
    opened.detail = call.detail;
    if (made) opened.channel = *std::move(made);
    played.get();
  }

  void open_securely() {
    by_name = true;
    open({}, [](SecureInstrument& device) {
      device.start_tls();
      device.authenticate("ANONYMOUS");
      device.agree_on_size();
    });
    ASSERT_EQ(opened.status, Status::success) << opened.detail;
  }

  void open_in_clear() {
    open({}, [](SecureInstrument& device) { device.agree_on_size(); });
    ASSERT_EQ(opened.status, Status::success) << opened.detail;
  }

  std::pair<Status, std::string> set_encryption(bool on, std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const Status status = opened.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN,
                                                        std::uint64_t{on ? 1U : 0U}, call);
    return {status, call.detail};
  }

  /// One query and its answer.
  void talk(const std::string& query = "*IDN?\n", const std::string& answer = "ACME\n") {
    auto answered = std::async(std::launch::async, [&] {
      const Message message = instrument.sync.take();
      EXPECT_EQ(message.payload, query);
      instrument.sync.put({MessageType::data_end, 0, message.parameter, answer});
      return message;
    });
    Call call(Deadline::after(kLong));
    EXPECT_EQ(opened.channel
                  ->write(std::as_bytes(std::span(query)), spi::WriteRule{spi::WriteEnd::end}, call)
                  .status,
              Status::success)
        << call.detail;
    last_message = answered.get();
    std::string data(1000, '\0');
    const auto got =
        opened.channel->read(std::as_writable_bytes(std::span(data)), spi::EndRule{}, call);
    EXPECT_EQ(got.status, Status::success) << call.detail;
    EXPECT_EQ(data.substr(0, got.count), answer);
  }

  LoopbackServer server;
  Authority authority;
  TlsServerContext context{authority.issue()};
  SecureInstrument instrument{context};
  spi::Credential credential{.name = "lab", .ca_file = authority.file()};
  spi::Settings settings;
  InitialAttributes initial;
  bool by_name = false;
  bool by_setting = false;
  Opened opened;
  Message last_message{};
};

}  // namespace visa::test
