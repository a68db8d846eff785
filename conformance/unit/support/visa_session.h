// SPDX-License-Identifier: MIT
// The fixture of tests that come in through the C API: one session to the resource manager, wires
// from the FakeBench, no configuration of the machine it runs on. Everything is closed at the end,
// and what the script still wanted is a failure. One thread; the sessions may be used from others.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/support/fake_bench.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {

/// Names of resources of the kinds the tests use most.
inline constexpr const char* kSocket = "TCPIP0::192.0.2.1::5025::SOCKET";
inline constexpr const char* kSerial = "ASRL1::INSTR";
inline constexpr const char* kGpib = "GPIB0::5::INSTR";
inline constexpr const char* kUsb = "USB0::0x1234::0x5678::SN1::INSTR";
inline constexpr const char* kLan = "TCPIP0::192.0.2.1::inst0::INSTR";

class VisaSession : public ::testing::Test {
 protected:
  VisaSession() {
    // The configuration of whoever runs the tests must not matter.
    ::setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
    ::unsetenv("FREEVISA_CONFIG");
    bench().reset();
    EXPECT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
  }
  ~VisaSession() override {
    if (rm_ != VI_NULL) {
      EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
    }
  }

  static FakeBench& bench() { return FakeBench::instance(); }

  ViSession open(const char* name, ViAccessMode mode = VI_NO_LOCK) {
    ViSession session = VI_NULL;
    EXPECT_EQ(::viOpen(rm_, name, mode, 0, &session), VI_SUCCESS) << name;
    return session;
  }
  /// Opens with a wire whose script the test writes first.
  ViSession open(const char* name, std::shared_ptr<FakeWire>& wire) {
    bench().prepare();
    const std::size_t index = bench().opened().size();
    const ViSession session = open(name);
    wire = bench().wire(index);
    return session;
  }

  static ViStatus set(ViSession session, ViAttr id, ViAttrState value) {
    return ::viSetAttribute(session, id, value);
  }
  static std::string description(ViSession session, ViStatus status) {
    ViChar text[VI_FIND_BUFLEN] = {};
    ::viStatusDesc(session, status, text);
    return text;
  }
  static ViStatus write(ViSession session, std::string_view data, ViUInt32* count = nullptr) {
    return ::viWrite(session, reinterpret_cast<ViConstBuf>(data.data()),
                     static_cast<ViUInt32>(data.size()), count);
  }
  /// Reads into room for `room` bytes; the data in `data`.
  static ViStatus read(ViSession session, std::string& data, ViUInt32 room = 256) {
    data.assign(room, '\0');
    ViUInt32 count = 0xDEAD;
    const ViStatus status = ::viRead(session, reinterpret_cast<ViPBuf>(data.data()), room, &count);
    EXPECT_LE(count, room);
    data.resize(count <= room ? count : 0);
    return status;
  }

  TempFolder folder_;
  ViSession rm_ = VI_NULL;
};

}  // namespace visa::test
