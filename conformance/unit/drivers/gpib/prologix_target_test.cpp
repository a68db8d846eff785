// SPDX-License-Identifier: MIT
// What the setting `adapter` may say, and an adapter at a serial port.
#include "drivers/gpib/prologix_target.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/adapter_model.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::drivers::gpib {
namespace {

std::string parsed(std::string_view target) {
  const auto where = parse_host(target, kPrologixPort);
  return where ? where->host + " " + std::to_string(where->port) : "-";
}

TEST(PrologixTargetTest, ReadsHostAndPort) {
  EXPECT_EQ(parsed("192.0.2.1"), "192.0.2.1 1234");
  EXPECT_EQ(parsed("gpib.lan:4321"), "gpib.lan 4321");
  EXPECT_EQ(parsed("gpib.lan/"), "gpib.lan 1234");
  EXPECT_EQ(parsed("[2001:db8::1]"), "2001:db8::1 1234");
  EXPECT_EQ(parsed("[fe80::1%eth0]:99"), "fe80::1%eth0 99");
  for (const char* bad : {"", ":1234", "a:", "a:0", "a:65536", "a:1x", "[::1", "[]:5", "[::1]x",
                          "a b", "user@a", "a/b"}) {
    EXPECT_EQ(parsed(bad), "-") << bad;
  }
}

TEST(PrologixTargetTest, KnowsAnAdapterByItsPort) {
  const spi::Settings none;
  Call call(Deadline::immediate());
  const auto& network = prologix_back_end();
  const auto one = network.identify({0, "Gpib.LAN", none}, call);
  const auto two = network.identify({5, "gpib.lan:1234", none}, call);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(*one, *two);
  const auto& serial = prologix_serial_back_end();
  const auto node = serial.identify({0, "/dev/null", none}, call);
  ASSERT_TRUE(node.has_value());
  EXPECT_EQ(*node, "prologix /dev/null");
}

// A query over a pseudo-terminal, the adapter on a thread.
TEST(PrologixTargetTest, SpeaksOverASerialPort) {
  const test::PtyMaster master;
  std::atomic<bool> stopped{false};
  std::thread adapter([&] {
    AdapterModel model;
    model.version = "AR488 GPIB controller, ver. 0.53\r\n";
    model.answers["5"] = "over a line";
    Call call(Deadline::immediate());
    while (!stopped) {
      if (!master.arrives(std::chrono::milliseconds(5))) continue;
      const std::string text = master.receive_some(4096);
      model.send(std::as_bytes(std::span(text.data(), text.size())), call);
      master.send(std::exchange(model.incoming, {}));
    }
  });
  const spi::Settings none;
  Call call(Deadline::after(std::chrono::seconds(10)));
  auto opened = prologix_serial_back_end().open({0, master.node(), none}, call);
  EXPECT_TRUE(opened.has_value()) << call.detail;
  if (opened) {
    Controller& controller = **opened;
    EXPECT_EQ(controller.name(), "AR488 at " + master.node());
    std::string data(100, '?');
    const auto result = controller.read({5}, std::as_writable_bytes(std::span(data)), {}, {}, call);
    EXPECT_EQ(result.status, Status::success) << call.detail;
    EXPECT_EQ(data.substr(0, result.count), "over a line");
    // One process has the line.
    EXPECT_EQ(prologix_serial_back_end().open({0, master.node(), none}, call).status(),
              Status::error_rsrc_busy);
    controller.close(call);
  }
  stopped = true;
  adapter.join();
}

}  // namespace
}  // namespace visa::drivers::gpib
