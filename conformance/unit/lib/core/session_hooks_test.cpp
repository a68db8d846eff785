// SPDX-License-Identifier: MIT
// What a driver learns from the session and may do: the protocol of a transfer, the line of a
// trigger, attributes that wait, fail and explain, traits that change, groups of operations.
#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using test::FakeWire;

class SessionHooks : public test::VisaSession {
 protected:
  std::shared_ptr<FakeWire> wire_;
};

TEST_F(SessionHooks, ProtocolOfTheSessionTravelsWithEachTransfer) {
  const ViSession session = open(test::kUsb, wire_);
  wire_->answers("1").answers("2");
  write(session, "a");
  std::string data;
  read(session, data);
  EXPECT_EQ(wire_->last("write").protocol, VI_PROT_NORMAL);
  EXPECT_EQ(wire_->last("read").rule.protocol, VI_PROT_NORMAL);
  ASSERT_EQ(set(session, VI_ATTR_IO_PROT, VI_PROT_USBTMC_VENDOR), VI_SUCCESS);
  write(session, "b");
  read(session, data);
  EXPECT_EQ(wire_->last("write").protocol, VI_PROT_USBTMC_VENDOR);
  EXPECT_EQ(wire_->last("read").rule.protocol, VI_PROT_USBTMC_VENDOR);
  EXPECT_EQ(viPrintf(session, "%s\n", "c"), VI_SUCCESS);
  EXPECT_EQ(wire_->last("write").protocol, VI_PROT_USBTMC_VENDOR);
}

TEST_F(SessionHooks, TriggerCarriesTheLineOfTheSession) {
  const ViSession session = open("VXI0::9::INSTR", wire_);
  wire_->then({.operation = "trigger"}).then({.operation = "trigger"});
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(wire_->last("trigger").line, VI_TRIG_SW);
  ASSERT_EQ(set(session, VI_ATTR_TRIG_ID, VI_TRIG_TTL3), VI_SUCCESS);
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(wire_->last("trigger").line, VI_TRIG_TTL3);
}

TEST_F(SessionHooks, AttributeOfTheDriverMayFailAndSayWhy) {
  const ViSession session = open(test::kSerial, wire_);
  wire_->fails("get", Status::error_conn_lost,
               "/dev/ttyUSB0: unplugged; plug it in and open again");
  ViUInt32 available = 0;
  EXPECT_EQ(viGetAttribute(session, VI_ATTR_ASRL_AVAIL_NUM, &available), VI_ERROR_CONN_LOST);
  EXPECT_NE(description(session, VI_ERROR_CONN_LOST).find("unplugged"), std::string::npos);
}

TEST_F(SessionHooks, AttributeOfTheDriverHasTheDeadlineOfTheSession) {
  const ViSession session = open(test::kSerial, wire_);
  ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, 30), VI_SUCCESS);
  wire_->blocks("get");
  ViUInt32 available = 0;
  EXPECT_EQ(viGetAttribute(session, VI_ATTR_ASRL_AVAIL_NUM, &available), VI_ERROR_TMO);
}

TEST_F(SessionHooks, TraitsCountAsTheyAreWhenAnOperationBegins) {
  const ViSession session = open(test::kUsb, wire_);
  wire_->then({.operation = "stb", .status = Status::error_nsup_oper});
  ViUInt16 status = 0;
  EXPECT_EQ(viReadSTB(session, &status), VI_ERROR_NSUP_OPER);
  wire_->with({.stream = true});
  wire_->then({.operation = "stb", .status = Status::error_nsup_oper});
  EXPECT_EQ(viReadSTB(session, &status), VI_ERROR_INV_SETUP);  // by message, once IO_PROT says so
}

TEST_F(SessionHooks, GroupsAWireLacksAreNotSupportedAndTouchNothing) {
  const ViSession session = open(test::kGpib, wire_);
  ViUInt32 count = 99;
  EXPECT_EQ(viGpibCommand(session, reinterpret_cast<ViConstBuf>("?"), 1, &count),
            VI_ERROR_NSUP_OPER);
  EXPECT_EQ(count, 0u);
  ViAddr address = &count;
  EXPECT_EQ(viMapAddress(session, VI_A16_SPACE, 0, 16, VI_FALSE, VI_NULL, &address),
            VI_ERROR_NSUP_OPER);
  EXPECT_EQ(address, &count);
  ViUInt16 value = 7;
  viPeek16(session, address, &value);
  EXPECT_EQ(value, 7);
  ViJobId job = 5;
  EXPECT_EQ(
      viMoveAsync(session, VI_A16_SPACE, 0, VI_WIDTH_8, VI_LOCAL_SPACE, 0, VI_WIDTH_8, 1, &job),
      VI_ERROR_NSUP_OPER);
  EXPECT_EQ(job, 0u);
}

}  // namespace
}  // namespace visa::core
