// SPDX-License-Identifier: MIT
// Sessions on one USB device in several threads: queries under locks, status bytes beside them,
// sessions that come and go, and service requests all the while.
#include <gtest/gtest.h>
#include <visa.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/mock_usb.h"

namespace visa::test {
namespace {

constexpr char kName[] = "USB0::0x1209::0x0001::SN1::INSTR";

class UsbThreads : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    usb = std::make_unique<MockUsb>();
    for (int i = 0; i < 4; ++i) {
      const std::string number = std::to_string(i);
      usb->model().answers["ASK" + number + "\n"] = "answer " + number + "\n";
    }
    usb->plug();
    ASSERT_EQ(viOpenDefaultRM(&rm), VI_SUCCESS);
  }
  void TearDown() override {
    if (rm != 0) viClose(rm);
  }

  ViSession open() const {
    ViSession session = 0;
    EXPECT_EQ(viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &session), VI_SUCCESS);
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 10000);
    return session;
  }

  /// Asks its own question until the time is over; the number of own answers, or -1.
  int ask(ViSession session, int number) const {
    const std::string question = "ASK" + std::to_string(number) + "\n";
    const std::string wanted = "answer " + std::to_string(number) + "\n";
    int count = 0;
    while (!over) {
      if (viLock(session, VI_EXCLUSIVE_LOCK, 10000, VI_NULL, VI_NULL) < 0) return -1;
      ViUInt32 done = 0;
      unsigned char answer[100];
      auto* const bytes = reinterpret_cast<ViBuf>(const_cast<char*>(question.data()));
      const bool good =
          viWrite(session, bytes, static_cast<ViUInt32>(question.size()), &done) == 0 &&
          viRead(session, answer, sizeof answer, &done) == 0 &&
          std::string(reinterpret_cast<char*>(answer), done) == wanted;
      viUnlock(session);
      if (!good) return -1;
      ++count;
    }
    return count;
  }

  std::unique_ptr<MockUsb> usb;
  ViSession rm = 0;
  std::atomic<bool> over{false};
};

TEST_F(UsbThreads, EachGetsItsOwnAnswers) {
  const ViSession first = open();
  const ViSession second = open();
  const ViSession watching = open();
  ASSERT_EQ(viEnableEvent(watching, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
  std::atomic<int> answers[2] = {0, 0};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  threads.emplace_back([&] { answers[0] = ask(first, 0); });
  threads.emplace_back([&] { answers[1] = ask(second, 1); });
  threads.emplace_back([&] {
    while (!over) {
      ViUInt16 status = 0;
      const ViStatus read = viReadSTB(watching, &status);
      if (read < 0 && read != VI_ERROR_RSRC_LOCKED) ++failures;
    }
  });
  threads.emplace_back([&] {
    while (!over) {
      ViSession session = 0;
      if (viOpen(rm, const_cast<char*>(kName), VI_NULL, 0, &session) != VI_SUCCESS) ++failures;
      if (viClose(session) != VI_SUCCESS) ++failures;
    }
  });
  for (int i = 0; i < 200; ++i) {
    usb->with([](TmcModel& model) { model.request_service(1); });
    ViEventType type = 0;
    ViEvent event = 0;
    EXPECT_EQ(viWaitOnEvent(watching, VI_EVENT_SERVICE_REQ, 5000, &type, &event), VI_SUCCESS);
    viClose(event);
  }
  over = true;
  for (auto& thread : threads) thread.join();
  EXPECT_GT(answers[0], 0);
  EXPECT_GT(answers[1], 0);
  EXPECT_EQ(failures, 0);
  for (const ViSession session : {first, second, watching}) viClose(session);
  EXPECT_TRUE(usb->closed());
}

TEST_F(UsbThreads, UnpluggingEndsAllOfThem) {
  std::vector<std::thread> threads;
  std::atomic<int> opened{0};
  usb->with([](TmcModel& model) { model.silent = true; });
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const ViSession session = open();
      ++opened;
      unsigned char answer[100];
      ViUInt32 count = 0;
      const ViStatus status = viRead(session, answer, sizeof answer, &count);
      char reason[256] = "";
      viStatusDesc(session, status, reason);
      EXPECT_EQ(status, VI_ERROR_CONN_LOST) << reason;
      viClose(session);
    });
  }
  bool reading = false;
  while (opened < 4 || !reading) {
    usb->with([&](TmcModel& model) { reading = model.request_open(); });
  }
  usb->unplug();
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace visa::test
