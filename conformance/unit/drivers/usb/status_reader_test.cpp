// SPDX-License-Identifier: MIT
// The status byte over both pipes, service requests, and instruments that promise one and do the
// other.
#include "drivers/usb/status_reader.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/open_tmc.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;

class StatusReaderTest : public testing::Test {
 protected:
  OpenTmc tmc;

  Result<std::uint8_t> read(std::chrono::milliseconds time = 20s) {
    Call call(Deadline::after(time));
    auto status = tmc.device->status().read(call);
    tmc.detail = call.detail;
    return status;
  }
  int value(std::chrono::milliseconds time = 20s) {
    const auto status = read(time);
    return status ? *status : -1;
  }
};

TEST_F(StatusReaderTest, ComesByInterrupt) {
  tmc.open();
  for (int i = 0; i < 300; ++i) {  // the tags wrap around
    tmc.model.status_byte = static_cast<std::uint8_t>(i & 0x3F);
    ASSERT_EQ(value(), i & 0x3F);
  }
}

TEST_F(StatusReaderTest, ServiceRequestSetsBitSixOnce) {
  tmc.open();
  CountingSink sink;
  tmc.device->status().subscribe(VI_EVENT_SERVICE_REQ, sink, 8);
  tmc.model.request_service(0x04);
  tmc.usb->deliver_interrupts();
  EXPECT_EQ(sink.count(), 1);
  tmc.model.status_byte = 0x04;  // its bit 6 is not reliable
  EXPECT_EQ(value(), 0x44);
  EXPECT_EQ(value(), 0x04);
  tmc.device->status().unsubscribe(VI_EVENT_SERVICE_REQ, sink);
  tmc.model.request_service(0x04);
  tmc.usb->deliver_interrupts();
  EXPECT_EQ(sink.count(), 1);
}

TEST_F(StatusReaderTest, RequestsThatComeBeforeTheAnswerAreNotLost) {
  tmc.open();
  CountingSink sink;
  tmc.device->status().subscribe(VI_EVENT_SERVICE_REQ, sink, 8);
  tmc.model.request_service(0x01);
  tmc.model.notify({0x83, 0x77});  // an answer to another question
  EXPECT_EQ(value(), 0x41);
  EXPECT_EQ(sink.count(), 1);
  tmc.device->status().unsubscribe(VI_EVENT_SERVICE_REQ, sink);
}

TEST_F(StatusReaderTest, ComesInTheReplyWhereTheInstrumentPutsIt) {
  tmc.model.status_in_reply_only = true;
  tmc.open();
  tmc.model.status_byte = 0x21;
  EXPECT_EQ(value(), 0x21);  // after the patience for the interrupt
  tmc.model.status_byte = 0;
  EXPECT_EQ(value(), 0);  // it is known now
  tmc.model.status_in_reply_only = false;
  tmc.model.status_byte = 0x11;
  value();  // an interrupt comes again: it counts from now on
  tmc.model.status_byte = 0x12;
  EXPECT_EQ(value(), 0x12);
}

TEST_F(StatusReaderTest, QuirkCostsNoPatience) {
  tmc.quirks.status_in_reply = true;
  tmc.model.status_in_reply_only = true;
  tmc.open();
  EXPECT_EQ(value(), 0);
}

// 0 in the reply is what every instrument with an interrupt pipe has there.
TEST_F(StatusReaderTest, ZeroInTheReplyIsNoStatusByte) {
  tmc.model.status_lost = true;
  tmc.open();
  EXPECT_EQ(read(50ms).status(), Status::error_tmo);
  EXPECT_NE(tmc.detail.find("status_in_reply"), std::string::npos) << tmc.detail;
  tmc.model.status_lost = false;
  tmc.model.status_byte = 0x33;
  EXPECT_EQ(value(), 0x33);
}

TEST_F(StatusReaderTest, BusyInterruptPipeIsAskedAgain) {
  tmc.model.status_busy = 5;
  tmc.open();
  tmc.model.status_byte = 0x02;
  EXPECT_EQ(value(), 0x02);
  EXPECT_EQ(tmc.usb->pauses, 5);
}

TEST_F(StatusReaderTest, AThreadThatIsEndedBeforeItListensLeavesThatToTheNextOne) {
  tmc.open();
  tmc.usb->end_interrupts(UsbOutcome::stalled);
  tmc.usb->while_clearing = [] { throw std::runtime_error("ends the thread"); };
  EXPECT_THROW(value(), std::runtime_error);
  tmc.usb->while_clearing = nullptr;
  tmc.model.status_byte = 0x21;
  EXPECT_EQ(value(), 0x21);
  EXPECT_EQ(tmc.usb->halts_cleared, 1);
}

TEST_F(StatusReaderTest, UnpluggedIsConnectionLost) {
  tmc.open();
  tmc.usb->unplugged = true;
  EXPECT_EQ(read().status(), Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
