// SPDX-License-Identifier: MIT
// Writing: transfers, padding and EOM, and what becomes of a message that is not taken.
#include "drivers/usb/bulk_out.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_tmc.h"

namespace visa::test {
namespace {

class BulkOutTest : public testing::Test {
 protected:
  OpenTmc tmc;
};

TEST_F(BulkOutTest, MessagesOfEveryLengthArriveWhole) {
  tmc.open();
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    ASSERT_EQ(tmc.write(text).count, size);
    ASSERT_EQ(tmc.model.messages.back(), text);
  }
}

TEST_F(BulkOutTest, MessageWithoutEndGoesOnInTheNextWrite) {
  tmc.open();
  tmc.write("*ID", {spi::WriteEnd::none});
  EXPECT_TRUE(tmc.model.messages.empty());
  tmc.write("N?\n");
  EXPECT_EQ(tmc.model.messages, std::vector<std::string>{"*IDN?\n"});
  EXPECT_EQ(tmc.read().data, kIdentity);
}

// Pain 12: writes above 1 MiB.
TEST_F(BulkOutTest, LongMessageIsSeveralTransfersAndOneMessage) {
  tmc.open();
  const std::string text(5 * drivers::usb::BulkOut::kPiece / 2 + 1, 'x');
  EXPECT_EQ(tmc.write(text).count, text.size());
  ASSERT_EQ(tmc.model.messages.size(), 1U);
  EXPECT_TRUE(tmc.model.messages[0] == text);
  EXPECT_EQ(tmc.model.out_urbs, 3);
}

TEST_F(BulkOutTest, EmptyWriteSendsNothing) {
  tmc.open();
  EXPECT_EQ(tmc.write("").status, Status::success);
  EXPECT_EQ(tmc.model.out_urbs, 0);
}

TEST_F(BulkOutTest, AStallThatIsNotClearedInTimeIsATimeout) {
  tmc.open();
  tmc.model.stall_out = 1;
  tmc.usb->halts_stay = true;
  EXPECT_EQ(tmc.write("*IDN?\n").status, Status::error_tmo);
  tmc.usb->halts_stay = false;
  EXPECT_EQ(tmc.query("*IDN?\n"), "FreeVISA,model,SN1,1\n");
}

// Pain 11: a stall is cleared, and the message sent once more.
TEST_F(BulkOutTest, StallIsTriedOnceMore) {
  tmc.open();
  tmc.model.stall_out = 1;
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  tmc.model.stall_out = 2;
  EXPECT_EQ(tmc.write("*IDN?\n").status, Status::error_io);
  EXPECT_NE(tmc.detail.find("stall"), std::string::npos);
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
}

TEST_F(BulkOutTest, TimeoutIsAborted) {
  tmc.open();
  tmc.model.deaf = true;
  tmc.model.abort_pending = 2;
  const auto result = tmc.write("lost\n");
  EXPECT_EQ(result.status, Status::error_tmo);
  EXPECT_EQ(result.count, 0U);
  EXPECT_EQ(tmc.usb->running, 0);
  tmc.model.deaf = false;
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  EXPECT_EQ(tmc.model.messages, std::vector<std::string>{"*IDN?\n"});
}

TEST_F(BulkOutTest, TriggerIsAMessageWhereTheInstrumentHasIt) {
  tmc.open();
  EXPECT_EQ(tmc.call([&](Call& call) { return tmc.device->trigger(call); }), Status::success);
  EXPECT_EQ(tmc.model.triggers, 1);
  OpenTmc without;
  without.model.capabilities_488 = 0;
  without.open();
  EXPECT_EQ(without.call([&](Call& call) { return without.device->trigger(call); }),
            Status::error_nsup_oper);
}

}  // namespace
}  // namespace visa::test
