// SPDX-License-Identifier: MIT
// The adapter's messages, requests for the lines, and aborts.
#include "tools/sim/dongle/xyphro_function.h"

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"

namespace visa::sim {
namespace {

class XyphroFunctionTest : public DongleRig {
 protected:
  XyphroFunctionTest() : DongleRig("xyphro") {}

  std::string line(int request, int value, int length = 1) {
    const auto done = control(0xA1, request, value, 0, length);
    return done && done->status == UsbStatus::success ? done->data : "nothing";
  }
  bool message(std::string_view data, bool end) {
    tag = static_cast<std::uint8_t>(tag % 255 + 1);
    return out(usbtmc_header_bytes(1, tag, static_cast<std::uint32_t>(data.size()), end ? 1 : 0) +
               std::string(data) + std::string(usbtmc_padding(data.size()), '\0'));
  }
  bool command(std::initializer_list<int> bytes) {
    line(0xA4, 0);
    const bool taken = message(dongle_bytes(bytes), false);
    line(0xA4, 1);
    return taken;
  }
  bool request(std::size_t size, int attributes = 0, int stop = 0) {
    tag = static_cast<std::uint8_t>(tag % 255 + 1);
    std::string header = usbtmc_header_bytes(2, tag, static_cast<std::uint32_t>(size),
                                             static_cast<std::uint8_t>(attributes));
    header[9] = static_cast<char>(stop);
    return out(header);
  }
  std::string read(std::size_t size, int attributes = 0, int stop = 0) {
    request(size, attributes, stop);
    const std::string answer = in(8192);
    if (answer.size() < kUsbtmcHeader) return answer;
    says = answer[8];
    return answer.substr(kUsbtmcHeader);
  }
  std::uint8_t tag = 0;
  int says = 0;
};

TEST_F(XyphroFunctionTest, IsNoUsbtmcByItsClass) {
  const UsbLayout& layout = device->functions()[0]->layout();
  EXPECT_EQ(layout.device_class, 0xFF);
  EXPECT_EQ(layout.subclass, 3);
  EXPECT_EQ(layout.endpoints[0].packet, 64);
}

TEST_F(XyphroFunctionTest, DataGoesBothWays) {
  EXPECT_TRUE(command({0x3F, 0x40, 0x25}));
  EXPECT_TRUE(message("abc;d?", true));
  EXPECT_EQ(seen(), "<abc;d?>");
  EXPECT_TRUE(command({0x3F, 0x20, 0x45}));
  EXPECT_EQ(read(2), "ab");
  EXPECT_EQ(says, 0);
  EXPECT_EQ(read(100, 2, ';'), "c;");
  EXPECT_EQ(says, 2);
  EXPECT_EQ(read(100), "d");
  EXPECT_EQ(says, 1);
  EXPECT_EQ(dongle.state.violations, 0U);
}

TEST_F(XyphroFunctionTest, AnEmptyPacketFollowsAnAnswerThatFillsItsPackets) {
  command({0x3F, 0x40, 0x25});
  message(std::string(52, 'x') + "?", true);
  command({0x3F, 0x20, 0x45});
  request(1000);
  EXPECT_EQ(in(64).size(), 64U);
  EXPECT_EQ(in(64), "");
}

TEST_F(XyphroFunctionTest, LinesAreInverted) {
  EXPECT_EQ(line(0xA0, 1), "\x01");
  line(0xA4, 0);
  EXPECT_EQ(line(0xA3, 0, 2), dongle_bytes({1, 0xFF & ~0x52})) << "REN, ATN, NDAC";
  line(0xA4, 1);
  EXPECT_EQ(line(0xA5, 0), "\x01");
  EXPECT_EQ(line(0xA3, 0, 2), dongle_bytes({1, 0xFF & ~0x18})) << "REN, IFC";
  line(0xA5, 1);
  EXPECT_EQ(line(0x77, 0), "nothing");
}

TEST_F(XyphroFunctionTest, AReadWaitsUntilItIsAborted) {
  command({0x20, 0x45});
  request(100);
  EXPECT_FALSE(put({.endpoint = dongle.model.in, .room = 64}));
  EXPECT_EQ(control(0xA2, 3, tag, 0x82, 2)->data, std::string("\x01") + static_cast<char>(tag));
  settle();
  const auto done = take();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->data, "");
  EXPECT_EQ(control(0xA2, 4, 0, 0x82, 8)->data.size(), 8U);
  EXPECT_FALSE(message("x", true)) << "the bus was cleared";
  EXPECT_EQ(control(0xA2, 1, tag, 0x03, 2)->status, UsbStatus::success);
}

TEST_F(XyphroFunctionTest, WhatNobodyTakesWaits) {
  command({0x3F, 0x27});
  EXPECT_FALSE(message("x", true));
  device->cancel(last_id);
  finished.clear();
  EXPECT_TRUE(command({0x3F, 0x25}));
  EXPECT_TRUE(message("x", true));
  EXPECT_EQ(seen(), "<x>");
}

TEST_F(XyphroFunctionTest, ServiceIsReportedWhenTheLineRises) {
  dongle.bus.find({5})->link().request_service();
  settle();
  EXPECT_EQ(report().substr(0, 1), "\x81");
  EXPECT_EQ(report(), "nothing");
}

TEST_F(XyphroFunctionTest, WhatIsNoMessageHaltsTheEndpoint) {
  EXPECT_TRUE(out(std::string(12, '\x7F')));
  EXPECT_TRUE(device->halted(dongle.model.out));
  EXPECT_EQ(dongle.state.violations, 1U);
}

}  // namespace
}  // namespace visa::sim
