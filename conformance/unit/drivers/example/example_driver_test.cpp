// SPDX-License-Identifier: MIT
// A whole wire through the C functions: what a new driver gets from the library by filling in the
// driver interface, with no line of lib/core or lib/abi changed for it.
#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <future>
#include <set>
#include <string>

#include "conformance/unit/support/patience.h"
#include "drivers/example/example_channel.h"
#include "lib/core/library.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

class ExampleWire : public testing::Test {
 protected:
  ExampleWire() {
    core::Library::lock_folders = [] {
      return std::vector<locks::LockFolder>{{"/nonexistent/freevisa", false}};
    };
    EXPECT_EQ(viOpenDefaultRM(&manager_), VI_SUCCESS);
  }
  ~ExampleWire() override { viClose(manager_); }

  ViSession open(const char* name, ViAccessMode mode = VI_NO_LOCK) {
    ViSession session = VI_NULL;
    EXPECT_EQ(viOpen(manager_, name, mode, 1000, &session), VI_SUCCESS) << name;
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 20000);
    return session;
  }
  static void write(ViSession session, const std::string& text) {
    ViUInt32 count = 0;
    EXPECT_EQ(viWrite(session, reinterpret_cast<ViConstBuf>(text.data()),
                      static_cast<ViUInt32>(text.size()), &count),
              VI_SUCCESS);
    EXPECT_EQ(count, text.size());
  }
  static std::string read(ViSession session, ViUInt32 size = 100, ViStatus wanted = VI_SUCCESS) {
    std::string text(size, '\0');
    ViUInt32 count = 0;
    EXPECT_EQ(viRead(session, reinterpret_cast<ViPBuf>(text.data()), size, &count), wanted);
    text.resize(count);
    return text;
  }
  static std::string text_attribute(ViSession session, ViAttr id) {
    ViChar text[256] = "";
    EXPECT_EQ(viGetAttribute(session, id, text), VI_SUCCESS);
    return text;
  }

  ViSession manager_ = VI_NULL;
};

TEST_F(ExampleWire, MessagesComeBackInOrderAndInParts) {
  const auto session = open("TCPIP0::SERVANT");
  write(session, "first");
  write(session, "second\nmore");
  EXPECT_EQ(read(session, 2, VI_SUCCESS_MAX_CNT), "fi");
  EXPECT_EQ(read(session), "rst");
  viSetAttribute(session, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  EXPECT_EQ(read(session, 100, VI_SUCCESS_TERM_CHAR), "second\n");
  EXPECT_EQ(read(session), "more");
  viSetAttribute(session, VI_ATTR_TMO_VALUE, 20);
  EXPECT_EQ(read(session, 10, VI_ERROR_TMO), "");
  ViChar text[256] = "";
  EXPECT_EQ(viStatusDesc(session, VI_ERROR_TMO, text), VI_SUCCESS);
  EXPECT_NE(std::string(text).find("write before you read"), std::string::npos);
  viClose(session);
}

TEST_F(ExampleWire, SessionsOnOneNameShareTheDevice) {
  const auto one = open("TCPIP1::SERVANT");
  const auto two = open("tcpip1::servant");
  const auto other = open("TCPIP2::SERVANT");
  write(one, "for two");
  EXPECT_EQ(read(two), "for two");
  viSetAttribute(one, VI_ATTR_DEV_STATUS_BYTE, 0x42);
  ViUInt16 status = 0;
  EXPECT_EQ(viReadSTB(two, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0x42);
  EXPECT_EQ(viReadSTB(other, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0);
  for (const auto session : {one, two, other}) viClose(session);
  const auto again = open("tcpip1::servant");  // a new device: the last session closed it
  EXPECT_EQ(viReadSTB(again, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0);
  viClose(again);
}

TEST_F(ExampleWire, IdentityOfTheDriverDecidesAboutLocksAndNamesTheInterface) {
  const auto one = open("TCPIP3::SERVANT");
  const auto two = open("TCPIP3::SERVANT");
  EXPECT_EQ(text_attribute(one, VI_ATTR_INTF_INST_NAME), "Loop 3");
  EXPECT_EQ(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  // Without a folder for locks, the success says that other processes do not see it.
  ViChar text[256] = "";
  EXPECT_EQ(viStatusDesc(one, VI_SUCCESS, text), VI_SUCCESS);
  EXPECT_NE(std::string(text).find("this process"), std::string::npos) << text;
  EXPECT_EQ(viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL),
            VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(viUnlock(one), VI_SUCCESS);
  ViChar key[256] = "";
  EXPECT_EQ(viLock(one, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, "both", key), VI_SUCCESS);
  EXPECT_EQ(viLock(two, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, "both", key), VI_SUCCESS);
  EXPECT_EQ(viUnlock(two), VI_SUCCESS);
  EXPECT_EQ(viUnlock(one), VI_SUCCESS);
  EXPECT_EQ(viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  viClose(two);  // gives everything back
  EXPECT_EQ(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  viClose(one);
}

TEST_F(ExampleWire, EventsOfTheWireArrive) {
  const auto session = open("TCPIP4::SERVANT");
  EXPECT_EQ(viEnableEvent(session, VI_EVENT_TRIG, VI_QUEUE, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viEnableEvent(session, VI_EVENT_CLEAR, VI_QUEUE, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(viClear(session), VI_SUCCESS);
  ViEventType type = 0;
  EXPECT_EQ(viWaitOnEvent(session, VI_EVENT_TRIG, 20000, &type, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viWaitOnEvent(session, VI_EVENT_CLEAR, 20000, &type, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viDisableEvent(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS);
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(viWaitOnEvent(session, VI_EVENT_TRIG, VI_TMO_IMMEDIATE, &type, VI_NULL),
            VI_ERROR_NENABLED);
  viClose(session);
}

TEST_F(ExampleWire, ServiceRequestsReachTheQueueOfOneSessionAndTheHandlerOfAnother) {
  const auto device = open("TCPIP7::SERVANT");
  const auto queued = open("GPIB-VXI7::0::INSTR");
  const auto handled = open("GPIB-VXI7::0::INSTR");
  struct Seen {
    static ViStatus _VI_FUNCH note(ViSession session, ViEventType type, ViEvent, ViAddr to) {
      auto& seen = *static_cast<Seen*>(to);
      seen.type = type;
      EXPECT_EQ(viReadSTB(session, &seen.status), VI_SUCCESS);
      seen.once.give();
      return VI_SUCCESS;
    }
    Signal once;
    ViEventType type = 0;
    ViUInt16 status = 0;
  } seen;
  EXPECT_EQ(viInstallHandler(handled, VI_EVENT_SERVICE_REQ, &Seen::note, &seen), VI_SUCCESS);
  EXPECT_EQ(viEnableEvent(handled, VI_EVENT_SERVICE_REQ, VI_HNDLR, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viEnableEvent(queued, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);

  EXPECT_EQ(viSetAttribute(device, VI_ATTR_DEV_STATUS_BYTE, 0x41), VI_SUCCESS);
  EXPECT_TRUE(seen.once.wait());
  EXPECT_EQ(seen.type, VI_EVENT_SERVICE_REQ);
  EXPECT_EQ(seen.status, 0x41);
  ViEvent context = VI_NULL;
  EXPECT_EQ(viWaitOnEvent(queued, VI_EVENT_SERVICE_REQ, 20000, VI_NULL, &context), VI_SUCCESS);
  ViEventType type = 0;
  EXPECT_EQ(viGetAttribute(context, VI_ATTR_EVENT_TYPE, &type), VI_SUCCESS);
  EXPECT_EQ(type, VI_EVENT_SERVICE_REQ);
  EXPECT_EQ(viClose(context), VI_SUCCESS);
  ViUInt16 status = 0;
  EXPECT_EQ(viReadSTB(queued, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0x01) << "the handler's poll ended the request";

  EXPECT_EQ(viDisableEvent(handled, VI_EVENT_SERVICE_REQ, VI_HNDLR), VI_SUCCESS);
  EXPECT_EQ(viSetAttribute(device, VI_ATTR_DEV_STATUS_BYTE, 0x42), VI_SUCCESS);
  EXPECT_EQ(viSetAttribute(device, VI_ATTR_DEV_STATUS_BYTE, 0x43), VI_SUCCESS);  // the same request
  EXPECT_EQ(viWaitOnEvent(queued, VI_EVENT_SERVICE_REQ, 20000, VI_NULL, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viWaitOnEvent(queued, VI_EVENT_SERVICE_REQ, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL),
            VI_ERROR_TMO);
  for (const auto session : {handled, queued, device}) EXPECT_EQ(viClose(session), VI_SUCCESS);
}

TEST_F(ExampleWire, ADeviceDoesNotRequestServiceFromItself) {
  const auto device = open("TCPIP8::SERVANT");
  EXPECT_EQ(viEnableEvent(device, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_ERROR_INV_EVENT);
  viClose(device);
  ViSession session = VI_NULL;
  ViChar name[] = "GPIB-VXI8::5::INSTR";
  EXPECT_EQ(viOpen(manager_, name, VI_NO_LOCK, 1000, &session), VI_ERROR_RSRC_NFOUND);
  ViChar text[256] = "";
  EXPECT_EQ(viStatusDesc(manager_, VI_ERROR_RSRC_NFOUND, text), VI_SUCCESS);
  EXPECT_NE(std::string(text).find("GPIB-VXI8::0::INSTR"), std::string::npos) << text;
}

TEST_F(ExampleWire, CloseEndsAReadInProgressAndDuplexWriteGoesBeside) {
  const auto session = open("TCPIP5::SERVANT");
  viSetAttribute(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE);
  auto reading = std::async(std::launch::async, [&] { return read(session); });
  write(session, "beside the read");
  EXPECT_EQ(reading.get(), "beside the read");
  auto blocked = std::async(std::launch::async, [&] { return read(session, 100, VI_ERROR_ABORT); });
  while (blocked.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
    viTerminate(session, VI_NULL, VI_NULL);
  }
  EXPECT_EQ(blocked.get(), "");
  viClose(session);
}

TEST_F(ExampleWire, OperationsOfOtherWiresAreNotSupported) {
  const auto session = open("TCPIP6::SERVANT");
  EXPECT_EQ(viGpibSendIFC(session), VI_ERROR_NSUP_OPER);
  ViUInt8 byte = 7;
  EXPECT_EQ(viIn8(session, VI_A16_SPACE, 0, &byte), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(byte, 7);
  viClose(session);
}

TEST(ExampleDriver, BindsExactlyTheAttributesTheTableGivesToTheDriver) {
  std::set<ViAttr> wanted;
  for (const model::Attribute& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::tcpip_servant) && row.home == model::Home::driver) {
      wanted.insert(row.id);
    }
  }
  std::set<ViAttr> bound;
  for (const auto& binding : drivers::example::ExampleChannel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, model::Kind::tcpip_servant);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(binding.set != nullptr, model::writable(*row));
  }
  EXPECT_EQ(bound, wanted);
}

}  // namespace
}  // namespace visa::test
