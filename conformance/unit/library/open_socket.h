// SPDX-License-Identifier: MIT
// The fixture of tests with a real wire: the whole library in this process, a server on the
// loopback interface, one session to the resource manager. One thread; sessions may be used from
// others.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {

class RealSocket : public ::testing::Test {
 protected:
  RealSocket() {
    ::setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
    ::unsetenv("FREEVISA_CONFIG");
    EXPECT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
  }
  ~RealSocket() override {
    if (rm_ != VI_NULL) {
      EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
    }
  }

  static std::string name(const LoopbackServer& server) {
    return "TCPIP0::127.0.0.1::" + std::to_string(server.port()) + "::SOCKET";
  }
  /// Opened with an infinite timeout and the newline as the end of an answer.
  ViSession open(const LoopbackServer& server) {
    ViSession session = VI_NULL;
    EXPECT_EQ(::viOpen(rm_, name(server).c_str(), VI_NO_LOCK, 0, &session), VI_SUCCESS);
    EXPECT_EQ(::viSetAttribute(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
    EXPECT_EQ(::viSetAttribute(session, VI_ATTR_TERMCHAR_EN, VI_TRUE), VI_SUCCESS);
    return session;
  }
  static ViStatus write(ViSession session, std::string_view data) {
    return ::viWrite(session, reinterpret_cast<ViConstBuf>(data.data()),
                     static_cast<ViUInt32>(data.size()), nullptr);
  }
  static ViStatus read(ViSession session, std::string& data) {
    data.assign(256, '\0');
    ViUInt32 count = 0;
    const ViStatus status = ::viRead(session, reinterpret_cast<ViPBuf>(data.data()), 256, &count);
    data.resize(count);
    return status;
  }

  TempFolder folder_;
  ViSession rm_ = VI_NULL;
};

}  // namespace visa::test
