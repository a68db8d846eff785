// SPDX-License-Identifier: MIT
// USB RAW through the exported functions, over real libusb and a mock of the system.
#include <gtest/gtest.h>
#include <visa.h>

#include <string>

#include "conformance/unit/drivers/support/loop_model.h"
#include "conformance/unit/drivers/support/mock_usb.h"

namespace visa::test {
namespace {

constexpr char kName[] = "USB0::0x1209::0x0001::SN1::RAW";

class UsbRaw : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    usb = std::make_unique<MockUsb>(std::make_unique<LoopModel>());
    usb->plug();
    ASSERT_EQ(viOpenDefaultRM(&rm), VI_SUCCESS);
    ASSERT_EQ(viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &session), VI_SUCCESS);
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 3000);
  }
  void TearDown() override {
    if (rm != 0) viClose(rm);
  }

  ViInt16 number(ViAttr id) const {
    ViInt16 value = -99;
    EXPECT_EQ(viGetAttribute(session, id, &value), VI_SUCCESS) << std::hex << id;
    return value;
  }

  std::unique_ptr<MockUsb> usb;
  ViSession rm = 0;
  ViSession session = 0;
};

TEST_F(UsbRaw, IsFoundAndEchoes) {
  ViFindList list = 0;
  ViUInt32 count = 0;
  char name[VI_FIND_BUFLEN] = "";
  char pattern[] = "USB?*RAW";
  ASSERT_EQ(viFindRsrc(rm, pattern, &list, &count, name), VI_SUCCESS);
  EXPECT_STREQ(name, kName);
  unsigned char text[] = "hello";
  ASSERT_EQ(viWrite(session, text, 5, &count), VI_SUCCESS);
  unsigned char back[100];
  ASSERT_EQ(viRead(session, back, sizeof back, &count), VI_SUCCESS);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(back), count), "hello");
}

TEST_F(UsbRaw, Attributes) {
  EXPECT_EQ(number(VI_ATTR_USB_CLASS), 0xFF);
  EXPECT_EQ(number(VI_ATTR_USB_SUBCLASS), 7);
  EXPECT_EQ(number(VI_ATTR_USB_PROTOCOL), 8);
  EXPECT_EQ(number(VI_ATTR_USB_NUM_PIPES), 3);
  EXPECT_EQ(number(VI_ATTR_USB_NUM_INTFCS), 1);
  EXPECT_EQ(number(VI_ATTR_USB_BULK_OUT_PIPE), 0x01);
  EXPECT_EQ(number(VI_ATTR_USB_BULK_IN_PIPE), 0x82);
  EXPECT_EQ(number(VI_ATTR_USB_INTR_IN_PIPE), 0x83);
  EXPECT_EQ(number(VI_ATTR_USB_END_IN), VI_USB_END_SHORT_OR_COUNT);
  EXPECT_EQ(number(VI_ATTR_USB_BULK_IN_STATUS), VI_USB_PIPE_STATE_UNKNOWN);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_USB_BULK_IN_PIPE, 0x85), VI_ERROR_NSUP_ATTR_STATE);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_USB_ALT_SETTING, 1), VI_SUCCESS);
  EXPECT_EQ(number(VI_ATTR_USB_BULK_IN_PIPE), 0x84);
  EXPECT_EQ(number(VI_ATTR_USB_BULK_OUT_PIPE), -1);
  EXPECT_EQ(number(VI_ATTR_USB_NUM_PIPES), 1);
}

TEST_F(UsbRaw, InterruptEvent) {
  ASSERT_EQ(viEnableEvent(session, VI_EVENT_USB_INTR, VI_QUEUE, VI_NULL), VI_SUCCESS);
  usb->with([](TmcModel& model) { model.notify({0x81, 0x22, 0x33}); });
  ViEventType type = 0;
  ViEvent event = 0;
  ASSERT_EQ(viWaitOnEvent(session, VI_EVENT_USB_INTR, 3000, &type, &event), VI_SUCCESS);
  ViUInt16 size = 0;
  EXPECT_EQ(viGetAttribute(event, VI_ATTR_USB_RECV_INTR_SIZE, &size), VI_SUCCESS);
  EXPECT_EQ(size, 3);
  viClose(event);
  EXPECT_EQ(viDisableEvent(session, VI_EVENT_USB_INTR, VI_ALL_MECH), VI_SUCCESS);
}

TEST_F(UsbRaw, ControlTransfersAndWhatThereIsNot) {
  unsigned char data[] = {1, 2, 3};
  EXPECT_EQ(viUsbControlOut(session, 0x40, 5, 6, 7, 3, data), VI_SUCCESS);
  unsigned char back[10] = {};
  ViUInt16 count = 0;
  EXPECT_EQ(viUsbControlIn(session, 0xC0, 5, 6, 7, sizeof back, back, &count), VI_SUCCESS);
  EXPECT_EQ(count, 3);
  ViUInt16 status = 0;
  EXPECT_EQ(viClear(session), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(viReadSTB(session, &status), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_ERROR_NSUP_OPER);
}

}  // namespace
}  // namespace visa::test
