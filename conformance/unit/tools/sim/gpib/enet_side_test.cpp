// SPDX-License-Identifier: MIT
#include "tools/sim/gpib/enet_side.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/gpib/noting_instrument.h"
#include "tools/sim/base/event_loop.h"
#include "tools/sim/gpib/enet_session.h"

namespace visa::sim {
namespace {

using namespace std::string_literals;

class EnetSideTest : public testing::Test, private GpibConversation::Carrier {
 protected:
  EnetSideTest() { bus.add(dmm, GpibPlace{5}); }
  static std::string say(EnetSide& side, std::string text) {
    text.resize(kEnetFrame, '\0');
    side.receive(text);
    return side.output().take(1000).bytes;
  }
  static std::string ok(std::uint16_t state = 0) { return enet_chunk(enet_status(state)); }

  EventLoop loop;
  NotingInstrument dmm;
  GpibBus bus{loop};
  EnetBox box{bus};
  EnetSession session{box, 0x1234, *this};
  const std::string refused = enet_chunk(enet_failure(EnetFailure::argument));

 private:
  void on_adapter_changed() override {}
};

TEST_F(EnetSideTest, EachPortHasItsRequests) {
  EnetSide companion(box, EnetPort::companion);
  EnetSide control(box, EnetPort::control);
  EnetSide wait(box, EnetPort::wait);
  EXPECT_EQ(say(companion, "\x55\x02\x00\x02"s), ok());
  EXPECT_EQ(say(control, "\x4F\x49"), ok());
  EXPECT_EQ(box.interface_clears(), 1U);
  EXPECT_EQ(say(wait, "\x4F\x49"), refused);
  EXPECT_EQ(say(companion, "\x54\x00"s), refused);
  EXPECT_EQ(say(control, "\x55\x02"), refused);
  EXPECT_EQ(box.unknown(), 3U);
}

TEST_F(EnetSideTest, TellsWhoRequestsService) {
  EnetSide wait(box, EnetPort::wait);
  EXPECT_EQ(say(wait, "\x54\x00"s), refused);                          // of which client?
  EXPECT_EQ(say(wait, "\x55\x01\x00\x00\x00\x00\x12\x34"s), refused);  // of the board
  EXPECT_EQ(say(wait, "\x55\x01\x00\x02\x00\x00\x12\x34"s), ok());
  EXPECT_EQ(say(wait, "\x50\x10\x01"), ok());
  EXPECT_EQ(say(wait, "\x54\x00"s), ok());
  bus.find({5})->link().request_service();
  EXPECT_EQ(say(wait, "\x54\x00"s), ok(kEnetServiceLine));
  session.receive("\x07\x02\x00\x01\x05\x00\x00\x00\x0B\x00\x04\x00"s);
  EXPECT_EQ(say(wait, "\x54\x00"s), ok(kEnetServiceLine | kEnetRequested));
}

}  // namespace
}  // namespace visa::sim
