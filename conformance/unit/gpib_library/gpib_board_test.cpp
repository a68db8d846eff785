// SPDX-License-Identifier: MIT
// A kernel board through the exported functions, found by its usual name in a mock of the system.
#include <gtest/gtest.h>
#include <visa.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/mock_gpib.h"

namespace visa::test {
namespace {

class GpibBoard : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockGpib::missing()) GTEST_SKIP() << why;
    mock = std::make_unique<MockGpib>();
    mock->model().with([](GpibKernelModel& model) {
      for (const auto pad : {std::uint8_t{5}, std::uint8_t{6}, std::uint8_t{7}}) {
        model.instruments[{pad}].answer = [pad](const std::string& message) {
          return std::optional(message + " at " + std::to_string(pad) + "\n");
        };
      }
    });
    ASSERT_EQ(viOpenDefaultRM(&rm), VI_SUCCESS);
  }
  void TearDown() override {
    if (rm != 0) viClose(rm);
  }

  static std::string text(ViSession session, ViStatus status) {
    char buffer[256] = "";
    viStatusDesc(session, status, buffer);
    return buffer;
  }
  ViSession open(const char* name) {
    ViSession session = 0;
    const ViStatus status = viOpen(rm, const_cast<char*>(name), VI_NULL, 0, &session);
    EXPECT_EQ(status, VI_SUCCESS) << text(rm, status);
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 5000);
    return session;
  }
  static ViStatus write(ViSession session, const std::string& message) {
    ViUInt32 count = 0;
    auto* const bytes = reinterpret_cast<ViBuf>(const_cast<char*>(message.data()));
    return viWrite(session, bytes, static_cast<ViUInt32>(message.size()), &count);
  }
  static std::string read(ViSession session, ViUInt32 most = 1024) {
    std::vector<unsigned char> answer(most);
    ViUInt32 count = 0;
    const ViStatus status = viRead(session, answer.data(), most, &count);
    if (status < 0) return text(session, status);
    return {answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  static std::string query(ViSession session, const std::string& message) {
    const ViStatus status = write(session, message);
    return status < 0 ? text(session, status) : read(session);
  }

  std::unique_ptr<MockGpib> mock;
  ViSession rm = 0;
};

TEST_F(GpibBoard, AQueryNeedsNoConfiguration) {
  const ViSession session = open("GPIB0::5::INSTR");
  EXPECT_EQ(query(session, "*IDN?"), "*IDN? at 5\n");
  ViUInt16 primary = 0;
  EXPECT_EQ(viGetAttribute(session, VI_ATTR_GPIB_PRIMARY_ADDR, &primary), VI_SUCCESS);
  EXPECT_EQ(primary, 5);
  EXPECT_EQ(viClose(session), VI_SUCCESS);
  EXPECT_EQ(mock->model().violations(), std::vector<std::string>());
}

TEST_F(GpibBoard, SessionsShareTheBoard) {
  const ViSession five = open("GPIB0::5::INSTR");
  const ViSession six = open("GPIB0::6::INSTR");
  ASSERT_EQ(write(five, "a"), VI_SUCCESS);
  EXPECT_EQ(query(six, "b"), "b at 6\n");
  EXPECT_EQ(read(five), "a at 5\n");
}

TEST_F(GpibBoard, LargeMessagesPassBothWays) {
  const ViSession session = open("GPIB0::5::INSTR");
  const std::string message(70000, 'x');
  ASSERT_EQ(write(session, message), VI_SUCCESS);
  EXPECT_EQ(read(session, 100000), message + " at 5\n");
}

TEST_F(GpibBoard, ThreeRequestsAtOnceReachThreeSessions) {
  std::vector<ViSession> sessions;
  for (const char* name : {"GPIB0::5::INSTR", "GPIB0::6::INSTR", "GPIB0::7::INSTR"}) {
    sessions.push_back(open(name));
    ASSERT_EQ(viEnableEvent(sessions.back(), VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
  }
  mock->model().with([](GpibKernelModel& model) {
    for (auto& [address, one] : model.instruments) {
      one.status = static_cast<std::uint8_t>(0x40 + address.primary);
    }
  });
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    ViEventType type = 0;
    ViEvent event = 0;
    EXPECT_EQ(viWaitOnEvent(sessions[i], VI_EVENT_SERVICE_REQ, 30000, &type, &event), VI_SUCCESS);
    viClose(event);
    ViUInt16 status = 0;
    EXPECT_EQ(viReadSTB(sessions[i], &status), VI_SUCCESS);
    EXPECT_EQ(status, 0x45 + i);
  }
}

TEST_F(GpibBoard, TheInterfaceMovesCommandsAndData) {
  const ViSession board = open("GPIB0::INTFC");
  ViUInt32 count = 0;
  unsigned char commands[] = {0x40, 0x3F, 0x25};
  EXPECT_EQ(viGpibCommand(board, commands, 3, &count), VI_SUCCESS);
  EXPECT_EQ(write(board, "raw"), VI_SUCCESS);
  unsigned char talk[] = {0x3F, 0x20, 0x45};
  EXPECT_EQ(viGpibCommand(board, talk, 3, &count), VI_SUCCESS);
  EXPECT_EQ(read(board), "raw at 5\n");
  EXPECT_EQ(viGpibSendIFC(board), VI_SUCCESS);
  EXPECT_EQ(mock->model().interface_clears, 1u);
}

TEST_F(GpibBoard, TheBoardAndItsListenersAreFound) {
  ViFindList list = 0;
  ViUInt32 count = 0;
  char name[VI_FIND_BUFLEN] = "";
  ASSERT_EQ(viFindRsrc(rm, const_cast<char*>("GPIB?*"), &list, &count, name), VI_SUCCESS);
  std::vector<std::string> names{name};
  while (names.size() < count && viFindNext(list, name) == VI_SUCCESS) names.emplace_back(name);
  viClose(list);
  EXPECT_EQ(names, (std::vector<std::string>{"GPIB0::5::INSTR", "GPIB0::6::INSTR",
                                             "GPIB0::7::INSTR", "GPIB0::INTFC"}));
  for (const auto& line : mock->model().diary()) EXPECT_NE(line.rfind("wrt", 0), 0u) << line;
}

TEST_F(GpibBoard, ABoardThatIsNotThereIsNamed) {
  ViSession session = 0;
  const ViStatus status = viOpen(rm, const_cast<char*>("GPIB3::5::INSTR"), VI_NULL, 0, &session);
  EXPECT_EQ(status, VI_ERROR_INTF_NUM_NCONFIG);
  EXPECT_NE(text(rm, status).find("GPIB3"), std::string::npos) << text(rm, status);
}

}  // namespace
}  // namespace visa::test
