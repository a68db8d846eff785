// SPDX-License-Identifier: MIT
// USB INSTR through the exported functions, over real libusb and a mock of the system.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <visa.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/mock_usb.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;

constexpr char kName[] = "USB0::0x1209::0x0001::SN1::INSTR";
constexpr char kIdentity[] = "FreeVISA,model,SN1,1\n";

class UsbInstr : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    usb = std::make_unique<MockUsb>();
    ASSERT_EQ(viOpenDefaultRM(&rm), VI_SUCCESS);
  }
  void TearDown() override {
    if (rm != 0) viClose(rm);
  }

  ViSession open(const char* name = kName) {
    ViSession session = 0;
    const ViStatus status = viOpen(rm, const_cast<char*>(name), VI_NULL, 0, &session);
    EXPECT_EQ(status, VI_SUCCESS) << text(rm, status);
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 5000);
    return session;
  }

  static std::string text(ViSession session, ViStatus status) {
    char buffer[256] = "";
    viStatusDesc(session, status, buffer);
    return buffer;
  }

  static std::string query(ViSession session, const std::string& message) {
    ViUInt32 count = 0;
    auto* const bytes = reinterpret_cast<ViBuf>(const_cast<char*>(message.data()));
    ViStatus status = viWrite(session, bytes, static_cast<ViUInt32>(message.size()), &count);
    if (status < 0) return text(session, status);
    unsigned char answer[1024];
    status = viRead(session, answer, sizeof answer, &count);
    if (status < 0) return text(session, status);
    return std::string(reinterpret_cast<char*>(answer), count);
  }

  static std::string attribute(ViSession session, ViAttr id) {
    char value[256] = "";
    const ViStatus status = viGetAttribute(session, id, value);
    return status == VI_SUCCESS ? value : text(session, status);
  }

  template <class Number>
  static Number number(ViSession session, ViAttr id) {
    Number value{};
    EXPECT_EQ(viGetAttribute(session, id, &value), VI_SUCCESS) << std::hex << id;
    return value;
  }

  std::unique_ptr<MockUsb> usb;
  ViSession rm = 0;
};

TEST_F(UsbInstr, IsFoundWithItsFactsAndOpensAsListed) {
  usb->plug();
  ViFindList list = 0;
  ViUInt32 count = 0;
  char name[VI_FIND_BUFLEN] = "";
  const char* const patterns[] = {
      "USB?*", "USB?*INSTR", "USB?*{VI_ATTR_MANF_NAME == \"FreeVISA\"}",
      "USB?*{VI_ATTR_MODEL_CODE == 1 && VI_ATTR_USB_SERIAL_NUM == \"SN1\"}"};
  for (const char* const pattern : patterns) {
    ASSERT_EQ(viFindRsrc(rm, const_cast<char*>(pattern), &list, &count, name), VI_SUCCESS)
        << pattern;
    EXPECT_EQ(count, 1U);
    EXPECT_STREQ(name, kName);
    viClose(list);
  }
  const ViSession session = open(name);
  EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  EXPECT_EQ(attribute(session, VI_ATTR_RSRC_NAME), kName);
  viClose(session);
}

TEST_F(UsbInstr, Attributes) {
  usb->plug();
  const ViSession session = open();
  EXPECT_EQ(attribute(session, VI_ATTR_MANF_NAME), "FreeVISA");
  EXPECT_EQ(attribute(session, VI_ATTR_MODEL_NAME), "model");
  EXPECT_EQ(attribute(session, VI_ATTR_USB_SERIAL_NUM), "SN1");
  EXPECT_EQ(number<ViUInt16>(session, VI_ATTR_MANF_ID), 0x1209);
  EXPECT_EQ(number<ViUInt16>(session, VI_ATTR_MODEL_CODE), 1);
  EXPECT_EQ(number<ViInt16>(session, VI_ATTR_USB_INTFC_NUM), 0);
  EXPECT_EQ(number<ViInt16>(session, VI_ATTR_USB_PROTOCOL), 1);
  EXPECT_EQ(number<ViBoolean>(session, VI_ATTR_4882_COMPLIANT), VI_TRUE);
  EXPECT_EQ(number<ViUInt16>(session, VI_ATTR_USB_MAX_INTR_SIZE), 8);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_USB_MAX_INTR_SIZE, 3), VI_SUCCESS);
  EXPECT_EQ(number<ViUInt16>(session, VI_ATTR_USB_MAX_INTR_SIZE), 3);
  viClose(session);
}

TEST_F(UsbInstr, ServiceRequestIsOneEventAndThePollHasBitSix) {
  usb->plug();
  const ViSession session = open();
  ASSERT_EQ(viEnableEvent(session, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
  usb->with([](TmcModel& model) { model.request_service(0x01); });
  ViEventType type = 0;
  ViEvent event = 0;
  ASSERT_EQ(viWaitOnEvent(session, VI_EVENT_SERVICE_REQ, 5000, &type, &event), VI_SUCCESS);
  EXPECT_EQ(type, VI_EVENT_SERVICE_REQ);
  viClose(event);
  EXPECT_EQ(viWaitOnEvent(session, VI_EVENT_SERVICE_REQ, 50, &type, &event), VI_ERROR_TMO);
  ViUInt16 status = 0;
  ASSERT_EQ(viReadSTB(session, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0x41);
  ASSERT_EQ(viReadSTB(session, &status), VI_SUCCESS);
  EXPECT_EQ(status, 0x01);
  viClose(session);
}

TEST_F(UsbInstr, NotificationIsAnInterruptEventWithItsData) {
  usb->plug();
  const ViSession session = open();
  viSetAttribute(session, VI_ATTR_USB_MAX_INTR_SIZE, 3);
  ASSERT_EQ(viEnableEvent(session, VI_EVENT_USB_INTR, VI_QUEUE, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_USB_MAX_INTR_SIZE, 4), VI_ERROR_ATTR_READONLY);
  usb->with([](TmcModel& model) { model.notify({0x11, 0x22, 0x33, 0x44}); });
  ViEventType type = 0;
  ViEvent event = 0;
  ASSERT_EQ(viWaitOnEvent(session, VI_EVENT_USB_INTR, 5000, &type, &event), VI_SUCCESS);
  EXPECT_EQ(number<ViUInt16>(event, VI_ATTR_USB_RECV_INTR_SIZE), 3);
  EXPECT_EQ(number<ViStatus>(event, VI_ATTR_STATUS), VI_SUCCESS);
  unsigned char data[256] = "";
  ASSERT_EQ(viGetAttribute(event, VI_ATTR_USB_RECV_INTR_DATA, data), VI_SUCCESS);
  EXPECT_EQ(data[0], 0x11);
  EXPECT_EQ(data[2], 0x33);
  viClose(event);
  viClose(session);
}

TEST_F(UsbInstr, StatusByteIsReadBesideARead) {
  usb->plug();
  const ViSession session = open();
  usb->with([](TmcModel& model) {
    model.silent = true;
    model.status_byte = 0x10;
  });
  unsigned char answer[100];
  ViJobId job = 0;
  ASSERT_EQ(viEnableEvent(session, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL), VI_SUCCESS);
  ASSERT_EQ(viReadAsync(session, answer, sizeof answer, &job), VI_SUCCESS);
  bool reading = false;
  while (!reading) usb->with([&](TmcModel& model) { reading = model.request_open(); });
  for (int i = 0; i < 5; ++i) {
    ViUInt16 status = 0;
    ASSERT_EQ(viReadSTB(session, &status), VI_SUCCESS);
    EXPECT_EQ(status, 0x10);
  }
  // A message is not sent over an open request: the write waits, within its timeout.
  viSetAttribute(session, VI_ATTR_TMO_VALUE, 100);
  ViUInt32 count = 0;
  unsigned char message[] = "*IDN?\n";
  EXPECT_EQ(viWrite(session, message, 6, &count), VI_ERROR_TMO);
  EXPECT_EQ(viTerminate(session, VI_NULL, job), VI_SUCCESS);
  ViEventType type = 0;
  ViEvent event = 0;
  ASSERT_EQ(viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, 5000, &type, &event), VI_SUCCESS);
  EXPECT_EQ(number<ViStatus>(event, VI_ATTR_STATUS), VI_ERROR_ABORT);
  viClose(event);
  usb->with([](TmcModel& model) { model.silent = false; });
  viSetAttribute(session, VI_ATTR_TMO_VALUE, 5000);
  EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  viClose(session);
}

TEST_F(UsbInstr, TriggerClearRemoteAndControlTransfers) {
  usb->plug();
  const ViSession session = open();
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(viAssertTrigger(session, VI_TRIG_PROT_SYNC), VI_ERROR_INV_PROT);
  EXPECT_EQ(viClear(session), VI_SUCCESS) << text(session, 0);
  for (ViUInt16 mode = VI_GPIB_REN_DEASSERT; mode <= VI_GPIB_REN_ADDRESS_GTL; ++mode) {
    EXPECT_EQ(viGpibControlREN(session, mode), VI_SUCCESS) << mode;
  }
  usb->with([](TmcModel& model) {
    EXPECT_EQ(model.triggers, 1);
    EXPECT_EQ(model.ren, std::vector<std::uint16_t>({1, 0, 1, 0, 1, 1}));
  });
  unsigned char data[] = {1, 2, 3};
  EXPECT_EQ(viUsbControlOut(session, 0x40, 5, 6, 7, 3, data), VI_SUCCESS);
  unsigned char back[10] = {};
  ViUInt16 count = 0;
  EXPECT_EQ(viUsbControlIn(session, 0xC0, 5, 6, 7, sizeof back, back, &count), VI_SUCCESS);
  EXPECT_EQ(count, 3);
  EXPECT_EQ(back[2], 3);
  EXPECT_EQ(viUsbControlIn(session, 0xA1, 99, 0, 0, sizeof back, back, &count), VI_ERROR_IO);
  EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  viClose(session);
}

TEST_F(UsbInstr, LocksHoldBetweenSessionsOfOneDevice) {
  usb->plug();
  const ViSession first = open();
  const ViSession second = open("USB::0x1209::1::sn1::INSTR");
  ASSERT_EQ(viLock(first, VI_EXCLUSIVE_LOCK, 100, VI_NULL, VI_NULL), VI_SUCCESS);
  unsigned char message[] = "*IDN?\n";
  ViUInt32 count = 0;
  EXPECT_EQ(viWrite(second, message, 6, &count), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(query(first, "*IDN?\n"), kIdentity);
  viUnlock(first);
  EXPECT_EQ(query(second, "*IDN?\n"), kIdentity);
  viClose(first);
  viClose(second);
}

TEST_F(UsbInstr, ChildOfForkHasDeadSessionsAndAWorkingManager) {
  usb->plug();
  const ViSession session = open();
  EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  const pid_t child = ::fork();
  if (child == 0) {
    int failures = 0;
    ViUInt32 count = 0;
    unsigned char message[] = "*IDN?\n";
    failures += viWrite(session, message, 6, &count) == VI_ERROR_INV_OBJECT ? 0 : 1;
    failures += viClose(session) == VI_SUCCESS ? 0 : 2;
    ViSession own = 0;
    failures +=
        viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &own) == VI_ERROR_RSRC_BUSY ? 0 : 4;
    ::_exit(failures);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  viClose(session);
  EXPECT_TRUE(usb->closed());
}

// The buffers of the thread's frame are not used after it, and the request is aborted.
TEST_F(UsbInstr, ThreadThatIsEndedInAReadLeavesAUsableSession) {
  usb->plug();
  const ViSession session = open();
  for (int round = 0; round < 5; ++round) {
    usb->with([](TmcModel& model) { model.silent = true; });
    std::atomic<bool> reading{false};
    EndedThread thread([&] {
      unsigned char buffer[100];
      ViUInt32 count = 0;
      reading = true;
      viRead(session, buffer, sizeof buffer, &count);
    });
    while (!reading) std::this_thread::yield();
    bool open_request = false;
    while (!open_request) {
      usb->with([&](TmcModel& model) { open_request = model.request_open(); });
    }
    thread.cancel();
    EXPECT_TRUE(thread.join());
    usb->with([](TmcModel& model) { model.silent = false; });
    EXPECT_EQ(query(session, "*IDN?\n"), kIdentity);
  }
  viClose(session);
}

// Pain 16: no permission is said, with the cure, and the device is listed all the same.
TEST_F(UsbInstr, WithoutPermissionItIsListedAndTheCureIsSaid) {
  usb->plug({.permitted = false});
  ViFindList list = 0;
  ViUInt32 count = 0;
  char name[VI_FIND_BUFLEN] = "";
  char pattern[] = "USB?*INSTR";
  ASSERT_EQ(viFindRsrc(rm, pattern, &list, &count, name), VI_SUCCESS);
  EXPECT_STREQ(name, kName);
  ViSession session = 0;
  const ViStatus status = viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &session);
  EXPECT_EQ(status, VI_ERROR_NPERMISSION) << text(rm, status);
  EXPECT_NE(text(rm, status).find("udev"), std::string::npos) << text(rm, status);
}

TEST_F(UsbInstr, TakesNoDescriptorThatTheProgramHasClosed) {
  usb->plug();
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {0, 1, 2}) ::close(fd);
    ViSession session = 0;
    int failures = viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &session) == VI_SUCCESS ? 0 : 8;
    if (query(session, "*IDN?\n") != kIdentity) failures += 16;
    for (const int fd : {0, 1, 2}) failures += ::fcntl(fd, F_GETFD) < 0 ? 0 : 1;
    viClose(session);
    ::_exit(failures);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(UsbInstr, NoThreadAndNoDescriptorIsLeftAfterTheLastClose) {
  usb->plug();
  const auto threads = [] {
    std::atomic<int> count{0};
    if (FILE* const pipe =
            ::popen(("ls /proc/" + std::to_string(::getpid()) + "/task | wc -l").c_str(), "r")) {
      int value = 0;
      if (std::fscanf(pipe, "%d", &value) == 1) count = value;
      ::pclose(pipe);
    }
    return count.load();
  };
  viClose(open());
  const int before = threads();
  const ViSession session = open();
  EXPECT_GT(threads(), before);
  viClose(session);
  EXPECT_EQ(threads(), before);
}

}  // namespace
}  // namespace visa::test
