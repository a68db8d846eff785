// SPDX-License-Identifier: MIT
// GPIB through libvisa and an adapter of the bench: one over TCP, one of another kind at a serial
// port, a GPIB-ENET/100. What an adapter does wrong costs one operation, and the next query gets
// its own answer.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <ostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/support/temp_folder.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"

namespace visa::sim {
namespace {

struct Adapter {
  const char* name;
  const char* kind;
  bool serial;
};

/// For the names of the tests.
void PrintTo(const Adapter& adapter, std::ostream* out) {
  *out << adapter.name;
}

constexpr ViUInt32 kLong = 20000;
constexpr ViUInt32 kShort = 60;
constexpr int kMostSearches = 20;

/// A session on one resource.
class Session {
 public:
  Session(ViSession manager, const std::string& resource) {
    const ViStatus status = viOpen(manager, resource.c_str(), VI_NULL, kLong, &vi);
    if (status < VI_SUCCESS) throw std::runtime_error(resource + ": " + std::to_string(status));
    viSetAttribute(vi, VI_ATTR_TMO_VALUE, kLong);
  }
  ~Session() { viClose(vi); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void timeout(ViUInt32 time) const { viSetAttribute(vi, VI_ATTR_TMO_VALUE, time); }
  ViStatus write(std::string_view text) const {
    ViUInt32 count = 0;
    return viWrite(vi, reinterpret_cast<ViConstBuf>(text.data()),
                   static_cast<ViUInt32>(text.size()), &count);
  }
  std::pair<ViStatus, std::string> read(std::size_t most = 100000) const {
    std::string text(most, '\0');
    ViUInt32 count = 0;
    const ViStatus status =
        viRead(vi, reinterpret_cast<ViPBuf>(text.data()), static_cast<ViUInt32>(most), &count);
    text.resize(count);
    return {status, text};
  }
  std::pair<ViStatus, std::string> query(std::string_view text) const {
    const ViStatus status = write(text);
    return status < VI_SUCCESS ? std::pair(status, std::string()) : read();
  }
  int status_byte() const {
    ViUInt16 status = 0;
    return viReadSTB(vi, &status) < VI_SUCCESS ? -1 : status;
  }
  std::int16_t state(ViAttr attribute) const {
    ViInt16 value = -99;
    viGetAttribute(vi, attribute, &value);
    return value;
  }

  ViSession vi = VI_NULL;
};

class GpibThroughVisa : public testing::TestWithParam<Adapter> {
 protected:
  GpibThroughVisa()
      : bench({.instruments = {"pyvisa", "dmm", "scope", "psu"},
               .settings = {.options = options()},
               .wires = {"gpib"}}) {
    const std::string file = folder.file("freevisa.toml");
    std::ofstream(file) << "[settings]\nlan_discovery = false\n" << bench.configuration();
    ::setenv("FREEVISA_CONFIG", file.c_str(), 1);
    if (viOpenDefaultRM(&manager) < VI_SUCCESS) throw std::runtime_error("viOpenDefaultRM");
  }
  ~GpibThroughVisa() override { viClose(manager); }

  std::map<std::string, std::string, std::less<>> options() const {
    std::map<std::string, std::string, std::less<>> all{{"--gpib", GetParam().kind}};
    if (GetParam().serial) all["--gpib-serial"] = folder.file("adapter");
    return all;
  }
  Session open(const std::string& alias) { return {manager, bench.resource(alias + "-gpib")}; }
  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& one) { answer = execute_control(one, request); });
    return answer;
  }
  void fault(const std::string& keys) {
    const std::string answer =
        control("{\"op\":\"fault_on\",\"instrument\":\"dmm-gpib\"," + keys + "}");
    EXPECT_NE(answer.find("\"ok\":true"), std::string::npos) << answer;
  }
  void no_faults() { control("{\"op\":\"fault_off\"}"); }
  bool is_ar488() const { return GetParam().kind == std::string_view("ar488"); }
  bool is_box() const { return GetParam().kind == std::string_view("enet100"); }

  test::TempFolder folder;
  BenchServer bench;
  ViSession manager = VI_NULL;
};

constexpr char kIdentity[] = "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n";

TEST_P(GpibThroughVisa, QueriesPollsClearsAndTriggers) {
  const Session dmm = open("dmm");
  EXPECT_EQ(dmm.query("*IDN?"), std::pair(ViStatus{VI_SUCCESS}, std::string(kIdentity)));
  EXPECT_EQ(dmm.write("*IDN?\n"), VI_SUCCESS);
  EXPECT_EQ(dmm.status_byte(), 0x10);  // a message is available
  EXPECT_EQ(dmm.read(8).first, VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(dmm.read(), std::pair(ViStatus{VI_SUCCESS}, std::string(kIdentity).substr(8)));
  EXPECT_EQ(dmm.write("*IDN?"), VI_SUCCESS);
  EXPECT_EQ(viClear(dmm.vi), VI_SUCCESS);
  EXPECT_EQ(dmm.query("*OPC?").second, "1\n");
  EXPECT_EQ(dmm.write("TRIG:SOUR BUS;:INIT"), VI_SUCCESS);
  EXPECT_EQ(viAssertTrigger(dmm.vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  EXPECT_EQ(dmm.query("FETC?").first, VI_SUCCESS);
  EXPECT_EQ(dmm.query("SYST:ERR?").second, "0,\"No error\"\n");
}

// PyVISA's instrument stores a line, whatever bytes it has, and sends it back.
TEST_P(GpibThroughVisa, CarriesEveryByteAndEveryLength) {
  const Session echo = open("pyvisa");
  unsigned random = 1;
  for (const std::size_t size :
       {1U, 2U, 5U, 255U, 256U, 257U, 4095U, 16384U, 16385U, 65535U, 65536U, 70000U}) {
    std::string data;
    while (data.size() + 1 < size) {
      random = random * 1103515245U + 12345U;
      const char byte = static_cast<char>(random >> 16U);
      data += byte == '\n' ? '+' : byte;
    }
    data += '\n';
    ASSERT_EQ(echo.write("RECEIVE\n"), VI_SUCCESS);
    ASSERT_EQ(echo.write(data), VI_SUCCESS);
    ASSERT_EQ(echo.write("SEND\n"), VI_SUCCESS);
    const auto [status, text] = echo.read();
    EXPECT_EQ(status, VI_SUCCESS) << size;
    EXPECT_TRUE(text == data) << size << " came as " << text.size();
  }
}

TEST_P(GpibThroughVisa, TheNextQueryGetsItsOwnAnswer) {
  const Session dmm = open("dmm");
  const Session scope = open("scope");
  const char* const unheard = "the message is lost";  // of which a box tells
  const std::pair<const char*, const char*> cases[] = {
      {R"("kind":"late","ms":250,"count":1)", "the instrument is late"},
      {R"("kind":"gpib-late","ms":150,"count":1)", "the adapter is late"},
      {R"("kind":"gpib-absent","count":1,"procedure":"gpib_write")", unheard},
      {R"("kind":"gpib-absent","count":1,"procedure":"gpib_read")", "nothing talks"},
      {R"("kind":"gpib-stuck","count":1)", "a device holds NDAC"},
      {R"("kind":"gpib-lost","count":1,"procedure":"gpib_read")", "the answer is lost"},
  };
  for (const auto& [keys, what] : cases) {
    dmm.timeout(kShort);
    fault(keys);
    EXPECT_EQ(dmm.query("*IDN?").first,
              is_box() && what == unheard ? ViStatus{VI_ERROR_NLISTENERS} : ViStatus{VI_ERROR_TMO})
        << what;
    no_faults();
    dmm.timeout(kLong);
    EXPECT_EQ(dmm.query("*OPC?;:SYST:VERS?").second, "1;1999.0\n") << what;
    EXPECT_NE(scope.query("*IDN?").second.find("Oscilloscope"), std::string::npos) << what;
  }
  viClear(dmm.vi);
  dmm.write("*CLS");
  EXPECT_EQ(dmm.query("*IDN?").second, kIdentity);
}

TEST_P(GpibThroughVisa, PutsUpWithPiecesAndALostClosingLine) {
  const Session dmm = open("dmm");
  fault(R"("kind":"gpib-split","pieces":30,"ms":1,"count":2)");
  EXPECT_EQ(dmm.query("*IDN?").second, kIdentity);
  EXPECT_EQ(dmm.query("*IDN?").second, kIdentity);
  no_faults();
  dmm.timeout(kShort);
  fault(R"("kind":"gpib-lost","count":1,"procedure":"gpib_question")");
  EXPECT_EQ(dmm.query("*OPC?").first, VI_ERROR_TMO);  // where it ended is not known
  dmm.timeout(kLong);
  EXPECT_EQ(dmm.query("*IDN?").second, kIdentity);
}

TEST_P(GpibThroughVisa, ThreeRequestsAtOnceReachThreeSessions) {
  const Session sessions[] = {open("dmm"), open("scope"), open("psu")};
  for (const Session& one : sessions) {
    ASSERT_EQ(viEnableEvent(one.vi, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
    one.write("*CLS;*ESE 1;*SRE 32");
  }
  for (const Session& one : sessions) one.write("*OPC");
  for (const Session& one : sessions) {
    EXPECT_EQ(viWaitOnEvent(one.vi, VI_EVENT_SERVICE_REQ, kLong, VI_NULL, VI_NULL), VI_SUCCESS);
    EXPECT_EQ(one.status_byte(), 0x60);
    EXPECT_EQ(one.status_byte(), 0x20);
    EXPECT_EQ(one.query("*ESR?").second, "1\n");
  }
}

TEST_P(GpibThroughVisa, ADeadInstrumentDoesNotKeepTheOthersFromTheirRequests) {
  const Session dmm = open("dmm");
  const Session scope = open("scope");
  for (const Session* one : {&dmm, &scope}) {
    ASSERT_EQ(viEnableEvent(one->vi, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS);
  }
  fault(R"("kind":"gpib-absent","procedure":"gpib_poll")");
  scope.write("*CLS;*ESE 1;*SRE 32;*OPC");
  EXPECT_EQ(viWaitOnEvent(scope.vi, VI_EVENT_SERVICE_REQ, kLong, VI_NULL, VI_NULL), VI_SUCCESS);
  dmm.timeout(kShort);
  EXPECT_EQ(dmm.status_byte(), -1);
}

TEST_P(GpibThroughVisa, ALostAdapterIsOpenedAnew) {
  {
    const Session dmm = open("dmm");
    fault(R"("kind":"gpib-drop","bytes":5,"count":1)");
    EXPECT_EQ(dmm.query("*IDN?").first, VI_ERROR_CONN_LOST);
    // A box has a connection for each device, and the next operation makes it anew.
    EXPECT_EQ(dmm.query("*IDN?").first,
              is_box() ? ViStatus{VI_SUCCESS} : ViStatus{VI_ERROR_CONN_LOST});
  }
  no_faults();
  const Session again = open("dmm");
  EXPECT_EQ(again.query("*OPC?").second, "1\n");
}

TEST_P(GpibThroughVisa, TheBoardTellsWhatItKnows) {
  const Session board(manager, "GPIB0::INTFC");
  EXPECT_EQ(viGpibSendIFC(board.vi), VI_SUCCESS);
  EXPECT_EQ(board.state(VI_ATTR_GPIB_NDAC_STATE), VI_STATE_UNKNOWN);
  EXPECT_EQ(board.state(VI_ATTR_GPIB_SRQ_STATE), is_box() ? VI_STATE_UNKNOWN : VI_STATE_UNASSERTED);
  EXPECT_EQ(board.state(VI_ATTR_GPIB_REN_STATE), is_ar488() ? VI_STATE_ASSERTED : VI_STATE_UNKNOWN);
  ViBoolean in_charge = VI_FALSE;
  EXPECT_EQ(viGetAttribute(board.vi, VI_ATTR_GPIB_CIC_STATE, &in_charge),
            is_box() ? ViStatus{VI_ERROR_NSUP_ATTR} : ViStatus{VI_SUCCESS});
  EXPECT_EQ(in_charge, is_box() ? VI_FALSE : VI_TRUE);
  const ViByte unlisten = 0x3F;
  ViUInt32 count = 0;
  EXPECT_EQ(viGpibCommand(board.vi, &unlisten, 1, &count),
            is_ar488() ? ViStatus{VI_SUCCESS} : ViStatus{VI_ERROR_NSUP_OPER});
  EXPECT_EQ(viGpibControlATN(board.vi, VI_GPIB_ATN_ASSERT), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(board.read(10).first, VI_ERROR_NSUP_OPER);
  EXPECT_EQ(board.status_byte(), -1);
}

// The bench's configuration lists its instruments: here it says no more than what the board is.
TEST_P(GpibThroughVisa, FindsWhatIsOnTheBus) {
  const Session dmm = open("dmm");
  std::smatch board;
  const std::string served = bench.configuration();
  ASSERT_TRUE(std::regex_search(served, board,
                                std::regex("\\[\\[interface\\]\\]\nname = .*\nadapter = .*\n")))
      << served;
  const std::string file = folder.file("board.toml");
  std::ofstream(file) << "[settings]\nlan_discovery = false\n" << board.str();
  ::setenv("FREEVISA_CONFIG", file.c_str(), 1);
  ViSession finder = VI_NULL;
  ASSERT_EQ(viOpenDefaultRM(&finder), VI_SUCCESS);
  for (const auto& [pattern, most] : {std::pair("GPIB?*::INSTR", 4U), std::pair("GPIB?*", 5U)}) {
    ViUInt32 count = 0;
    // A search ends in time with what it has found: on a busy computer that may be less.
    for (int times = 0; times < kMostSearches && count < most; ++times) {
      ViFindList list = VI_NULL;
      ViChar first[VI_FIND_BUFLEN] = {};
      if (viFindRsrc(finder, pattern, &list, &count, first) < VI_SUCCESS) continue;
      viClose(list);
    }
    EXPECT_EQ(count, most) << pattern;
  }
  viClose(finder);
  EXPECT_EQ(dmm.query("*IDN?;:SYST:ERR?").first, VI_SUCCESS);
}

// The adapter's EEPROM wears out: the library never writes it, and sends only commands that the
// adapter knows.
TEST_P(GpibThroughVisa, SparesTheMemoryOfTheAdapter) {
  for (int times = 0; times < 2; ++times) {
    const Session dmm = open("dmm");
    EXPECT_EQ(dmm.query("*IDN?").second, kIdentity);
    dmm.timeout(kShort);
    dmm.status_byte();
  }
  bench.on_bench_thread([](Bench& one) {
    for (const auto& [name, value] : one.find("dmm-gpib")->wire->state())
      EXPECT_EQ(value, 0U) << name;
  });
}

INSTANTIATE_TEST_SUITE_P(Adapters, GpibThroughVisa,
                         testing::Values(Adapter{"prologix_ethernet", "prologix", false},
                                         Adapter{"ar488_serial", "ar488", true},
                                         Adapter{"enet100", "enet100", false}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace visa::sim
