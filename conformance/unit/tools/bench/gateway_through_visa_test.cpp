// SPDX-License-Identifier: MIT
// GPIB1 through libvisa as a board that is a VXI-11 gateway: the bench, which has the instruments
// as gpib0,5 and so on.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/support/temp_folder.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/description/description_reader.h"

namespace visa::sim {
namespace {

constexpr ViUInt32 kLong = 20000;
constexpr ViUInt32 kShort = 60;
constexpr int kMostSearches = 20;

constexpr char kEcho[] =
    "[instrument]\nkind = \"pyvisa-test\"\nname = \"echo\"\n[vxi11]\ngpib = \"9,2\"\n";

class GatewayThroughVisa : public testing::Test {
 protected:
  GatewayThroughVisa()
      : bench({.instruments = {"dmm", "scope", "psu"},
               .described = {read_description(kEcho, "echo.toml")},
               .wires = {"vxi11"}}) {
    const std::string served = bench.configuration();
    std::smatch ports;
    if (!std::regex_search(served, ports, std::regex("core_port = (\\d+), abort_port = (\\d+)"))) {
      throw std::runtime_error(served);
    }
    const std::string file = folder.file("freevisa.toml");
    std::ofstream(file) << "[settings]\nlan_discovery = false\n[[interface]]\nname = \"GPIB1\"\n"
                           "adapter = \"vxi11://127.0.0.1/gpib0\"\ncore_port = "
                        << ports[1] << "\nabort_port = " << ports[2] << "\n";
    ::setenv("FREEVISA_CONFIG", file.c_str(), 1);
    if (viOpenDefaultRM(&manager) < VI_SUCCESS) throw std::runtime_error("viOpenDefaultRM");
  }
  ~GatewayThroughVisa() override {
    viClose(manager);
    ::unsetenv("FREEVISA_CONFIG");
  }

  ViSession open(const std::string& name) const {
    ViSession session = VI_NULL;
    const ViStatus status = viOpen(manager, name.c_str(), VI_NULL, kLong, &session);
    ViChar text[256] = "";
    if (status < VI_SUCCESS) viStatusDesc(manager, status, text);
    EXPECT_GE(status, VI_SUCCESS) << name << ": " << text;
    viSetAttribute(session, VI_ATTR_TMO_VALUE, kLong);
    return session;
  }
  static ViStatus write(ViSession session, std::string_view text) {
    ViUInt32 count = 0;
    return viWrite(session, reinterpret_cast<ViConstBuf>(text.data()),
                   static_cast<ViUInt32>(text.size()), &count);
  }
  static std::pair<ViStatus, std::string> read(ViSession session, std::size_t most = 100000) {
    std::string text(most, '\0');
    ViUInt32 count = 0;
    const ViStatus status =
        viRead(session, reinterpret_cast<ViPBuf>(text.data()), static_cast<ViUInt32>(most), &count);
    text.resize(count);
    return {status, text};
  }
  static std::string query(ViSession session, std::string_view text) {
    return write(session, text) < VI_SUCCESS ? std::string("not written") : read(session).second;
  }
  void fault(const std::string& keys) {
    bench.on_bench_thread([&](Bench& one) {
      const auto answer =
          execute_control(one, "{\"op\":\"fault_on\",\"instrument\":\"dmm-vxi11\"," + keys + "}");
      EXPECT_NE(answer.find("\"ok\":true"), std::string::npos) << answer;
    });
  }
  void no_faults() {
    bench.on_bench_thread([](Bench& one) { execute_control(one, "{\"op\":\"fault_off\"}"); });
  }

  test::TempFolder folder;
  BenchServer bench;
  ViSession manager = VI_NULL;
};

constexpr char kDmm[] = "GPIB1::22::INSTR";

TEST_F(GatewayThroughVisa, ASessionIsOneOfGpib) {
  const ViSession dmm = open(kDmm);
  EXPECT_NE(query(dmm, "*IDN?").find("Multimeter"), std::string::npos);
  ViUInt16 type = 0;
  EXPECT_EQ(viGetAttribute(dmm, VI_ATTR_INTF_TYPE, &type), VI_SUCCESS);
  EXPECT_EQ(type, VI_INTF_GPIB);
  EXPECT_EQ(viGetAttribute(dmm, VI_ATTR_GPIB_PRIMARY_ADDR, &type), VI_SUCCESS);
  EXPECT_EQ(type, 22);
  EXPECT_EQ(viClear(dmm), VI_SUCCESS);
  EXPECT_EQ(viGpibControlREN(dmm, VI_GPIB_REN_ASSERT_ADDRESS), VI_SUCCESS);
  EXPECT_EQ(query(dmm, "SYST:ERR?"), "0,\"No error\"\n");
}

TEST_F(GatewayThroughVisa, EveryByteAndManyLengthsPassToASecondaryAddress) {
  const ViSession echo = open("GPIB1::9::2::INSTR");
  for (const std::size_t size : {1U, 2U, 255U, 256U, 16384U, 16385U, 65535U, 65536U, 70000U}) {
    std::string data;
    for (std::size_t i = 0; i + 1 < size; ++i) {
      const char byte = static_cast<char>(i * 7 + size);
      data += byte == '\n' ? '+' : byte;
    }
    data += '\n';
    ASSERT_EQ(write(echo, "RECEIVE\n"), VI_SUCCESS);
    ASSERT_EQ(write(echo, data), VI_SUCCESS);
    ASSERT_EQ(write(echo, "SEND\n"), VI_SUCCESS);
    EXPECT_TRUE(read(echo).second == data) << size;
  }
}

TEST_F(GatewayThroughVisa, AfterATimeoutTheNextQueryGetsItsOwnAnswer) {
  const ViSession dmm = open(kDmm);
  viSetAttribute(dmm, VI_ATTR_TMO_VALUE, kShort);
  fault(R"("kind":"late","ms":250,"count":1)");
  EXPECT_EQ(write(dmm, "*IDN?"), VI_SUCCESS);
  EXPECT_EQ(read(dmm).first, VI_ERROR_TMO);
  no_faults();
  viSetAttribute(dmm, VI_ATTR_TMO_VALUE, kLong);
  EXPECT_EQ(query(dmm, "*OPC?"), "1\n");
}

TEST_F(GatewayThroughVisa, ALostLinkIsSaidOnceAndMadeAnew) {
  const ViSession dmm = open(kDmm);
  fault(R"("kind":"drop","count":1)");
  EXPECT_EQ(write(dmm, "*IDN?"), VI_SUCCESS);
  EXPECT_EQ(read(dmm).first, VI_ERROR_CONN_LOST);
  no_faults();
  EXPECT_EQ(query(dmm, "*OPC?"), "1\n");
}

TEST_F(GatewayThroughVisa, ThreeRequestsAtOnceReachThreeSessions) {
  std::vector<ViSession> sessions;
  for (const char* name : {kDmm, "GPIB1::7::INSTR", "GPIB1::5::INSTR"}) {
    sessions.push_back(open(name));
    ASSERT_EQ(viEnableEvent(sessions.back(), VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
    write(sessions.back(), "*CLS;*ESE 1;*SRE 32");
  }
  for (const ViSession one : sessions) write(one, "*OPC");
  for (const ViSession one : sessions) {
    EXPECT_EQ(viWaitOnEvent(one, VI_EVENT_SERVICE_REQ, kLong, VI_NULL, VI_NULL), VI_SUCCESS);
    ViUInt16 status = 0;
    EXPECT_EQ(viReadSTB(one, &status), VI_SUCCESS);
    EXPECT_EQ(status, 0x60);
  }
}

TEST_F(GatewayThroughVisa, TheInterfaceSendsCommandsAndFindsListeners) {
  const ViSession board = open("GPIB1::INTFC");
  ViUInt32 count = 0;
  const ViByte listen[] = {0x3F, 0x20 + 22};
  EXPECT_EQ(viGpibCommand(board, listen, sizeof listen, &count), VI_SUCCESS);
  EXPECT_EQ(write(board, "*IDN?"), VI_SUCCESS);
  const ViByte talk[] = {0x3F, 0x20, 0x40 + 22};
  EXPECT_EQ(viGpibCommand(board, talk, sizeof talk, &count), VI_SUCCESS);
  EXPECT_NE(read(board).second.find("Multimeter"), std::string::npos);
  EXPECT_EQ(viGpibSendIFC(board), VI_SUCCESS);
  // A search ends in time with what it has found: on a busy computer that may be less.
  count = 0;
  for (int times = 0; times < kMostSearches && count < 4; ++times) {
    ViFindList list = VI_NULL;
    ViChar first[VI_FIND_BUFLEN] = {};
    if (viFindRsrc(manager, "GPIB1?*INSTR", &list, &count, first) < VI_SUCCESS) continue;
    viClose(list);
  }
  EXPECT_EQ(count, 4u);
}

struct Refusal {
  int error;  // of VXI-11
  ViStatus status;
};

/// For any operation of a session. The gateway gives 6 and 29 for interrupts, 12 for locks, which
/// no session of GPIB has at the gateway.
constexpr Refusal kRefusals[] = {
    {1, VI_ERROR_IO},        {3, VI_ERROR_IO},    {4, VI_ERROR_IO},           {5, VI_ERROR_IO},
    {8, VI_ERROR_NSUP_OPER}, {9, VI_ERROR_ALLOC}, {11, VI_ERROR_RSRC_LOCKED}, {15, VI_ERROR_TMO},
    {17, VI_ERROR_IO},       {21, VI_ERROR_IO},   {23, VI_ERROR_ABORT},       {1234, VI_ERROR_IO}};

/// 15 each time: a gateway that gives up early is asked again until the program's own time is over.
std::string refusal(const char* procedure, int error) {
  return std::string(R"("kind":"rpc-error",)") + (error == 15 ? "" : R"("count":1,)") +
         R"("procedure":")" + procedure + R"(","error":)" + std::to_string(error);
}

TEST_F(GatewayThroughVisa, EachErrorOfADeviceHasItsStatusAndTheNextQueryWorks) {
  const ViSession dmm = open(kDmm);
  const struct {
    const char* procedure;
    ViStatus (*operate)(ViSession);
  } operations[] = {
      {"device_write", [](ViSession vi) { return write(vi, "*CLS"); }},
      {"device_read", [](ViSession vi) { return write(vi, "*IDN?"), read(vi).first; }},
      {"device_readstb",
       [](ViSession vi) {
         ViUInt16 status = 0;
         return viReadSTB(vi, &status);
       }},
      {"device_trigger", [](ViSession vi) { return viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT); }},
      {"device_clear", [](ViSession vi) { return viClear(vi); }},
      {"device_remote",
       [](ViSession vi) { return viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS); }},
      {"device_local", [](ViSession vi) { return viGpibControlREN(vi, VI_GPIB_REN_ADDRESS_GTL); }}};
  for (const auto& one : operations) {
    for (const Refusal& row : kRefusals) {
      fault(refusal(one.procedure, row.error));
      if (row.error == 15) {
        viSetAttribute(dmm, VI_ATTR_TMO_VALUE, kShort);
      }
      EXPECT_EQ(one.operate(dmm), row.status) << one.procedure << " " << row.error;
      viSetAttribute(dmm, VI_ATTR_TMO_VALUE, kLong);
      no_faults();
      EXPECT_EQ(query(dmm, "*OPC?"), "1\n") << one.procedure << " " << row.error;
    }
  }
}

// 5 is no VI_ERROR_INV_PARAMETER here: the driver makes the parameters, not the program.
TEST_F(GatewayThroughVisa, EachErrorOfTheInterfaceHasItsStatusAndTheNextCommandWorks) {
  const ViSession board = open("GPIB1::INTFC");
  ViStatus (*const operations[])(ViSession) = {
      [](ViSession vi) { return viGpibSendIFC(vi); },
      [](ViSession vi) { return viGpibControlATN(vi, VI_GPIB_ATN_ASSERT); },
      [](ViSession vi) { return viGpibControlREN(vi, VI_GPIB_REN_ASSERT); },
      [](ViSession vi) { return viGpibPassControl(vi, 7, VI_NO_SEC_ADDR); },
      [](ViSession vi) {
        const ViByte unlisten = 0x3F;
        ViUInt32 count = 0;
        return viGpibCommand(vi, &unlisten, 1, &count);
      }};
  for (const auto operate : operations) {
    for (const Refusal& row : kRefusals) {
      fault(refusal("device_docmd", row.error));
      EXPECT_EQ(operate(board), row.status) << row.error;
      no_faults();
      EXPECT_EQ(viGpibSendIFC(board), VI_SUCCESS) << row.error;
    }
  }
  for (const Refusal& row : kRefusals) {
    const bool unknown = row.status == VI_ERROR_IO || row.status == VI_ERROR_NSUP_OPER;
    fault(refusal("device_docmd", row.error));
    ViInt16 state = -99;
    EXPECT_EQ(viGetAttribute(board, VI_ATTR_GPIB_REN_STATE, &state),
              unknown ? ViStatus{VI_SUCCESS} : row.status)
        << row.error;
    if (unknown) {
      EXPECT_EQ(state, VI_STATE_UNKNOWN) << row.error;
    }
    no_faults();
    EXPECT_EQ(viGetAttribute(board, VI_ATTR_GPIB_REN_STATE, &state), VI_SUCCESS) << row.error;
  }
}

TEST_F(GatewayThroughVisa, EachErrorOfALinkIsAStatusOfViOpen) {
  constexpr Refusal kAtOpen[] = {
      {1, VI_ERROR_RSRC_NFOUND},  {3, VI_ERROR_RSRC_NFOUND},    {4, VI_ERROR_SYSTEM_ERROR},
      {5, VI_ERROR_RSRC_NFOUND},  {8, VI_ERROR_NSUP_OPER},      {9, VI_ERROR_ALLOC},
      {11, VI_ERROR_RSRC_LOCKED}, {15, VI_ERROR_TMO},           {17, VI_ERROR_RSRC_NFOUND},
      {21, VI_ERROR_RSRC_NFOUND}, {1234, VI_ERROR_SYSTEM_ERROR}};
  for (const Refusal& row : kAtOpen) {
    fault(refusal("create_link", row.error));
    ViSession session = VI_NULL;
    EXPECT_EQ(viOpen(manager, kDmm, VI_NULL, kLong, &session), row.status) << row.error;
    no_faults();
    session = open(kDmm);
    EXPECT_EQ(query(session, "*OPC?"), "1\n") << row.error;
    viClose(session);
  }
}

// Then the line is asked for.
TEST_F(GatewayThroughVisa, ServiceRequestsComeWhateverTheGatewayAnswersAboutInterrupts) {
  for (const int error : {6, 8, 9, 17, 29}) {
    const ViSession dmm = open(kDmm);
    // One that has a channel gives it up when it is asked to.
    const std::string times = error == 29 ? R"("count":1,)" : "";
    fault(times + R"("kind":"rpc-error","procedure":"create_intr_chan","error":)" +
          std::to_string(error));
    ASSERT_EQ(viEnableEvent(dmm, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS) << error;
    write(dmm, "*CLS;*ESE 1;*SRE 32;*OPC");
    EXPECT_EQ(viWaitOnEvent(dmm, VI_EVENT_SERVICE_REQ, kLong, VI_NULL, VI_NULL), VI_SUCCESS)
        << error;
    no_faults();
    viClose(dmm);
  }
}

TEST_F(GatewayThroughVisa, AnAddressWithoutADeviceIsNotFound) {
  ViSession session = VI_NULL;
  EXPECT_EQ(viOpen(manager, "GPIB1::30::INSTR", VI_NULL, kLong, &session), VI_ERROR_RSRC_NFOUND);
}

}  // namespace
}  // namespace visa::sim
