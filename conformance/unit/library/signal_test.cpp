// SPDX-License-Identifier: MIT
// Signals while a call waits: nothing happens, or, where the configuration says abort_on_signal,
// the call ends and the session stays in step. conformance/clients/signals tries every wire.
#include <string>

#include "conformance/unit/library/open_socket.h"
#include "conformance/unit/support/interrupted_call.h"

namespace visa {
namespace {

class Signal : public test::RealSocket {
 protected:
  /// Opens the manager anew, after the setting is written.
  void abort_on_signal() {
    folder_.make("signal.toml", "[settings]\nabort_on_signal = true\n");
    ::setenv("FREEVISA_CONFIG", folder_.file("signal.toml").c_str(), 1);
    EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
    EXPECT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
    ::unsetenv("FREEVISA_CONFIG");
  }
  static std::string text(ViSession session, ViStatus status) {
    char text[256] = "";
    ::viStatusDesc(session, status, text);
    return text;
  }

  test::LoopbackServer server_;
};

TEST_F(Signal, EndsAReadWhereTheConfigurationSaysSo) {
  abort_on_signal();
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  std::string data;
  const auto interrupted = [&] {
    return test::interrupted_call([&] { return read(session, data); });
  };
  EXPECT_EQ(interrupted(), VI_ERROR_ABORT);
  EXPECT_NE(text(session, VI_ERROR_ABORT).find("abort_on_signal"), std::string::npos)
      << text(session, VI_ERROR_ABORT);
  ASSERT_TRUE(peer.send("half"));
  EXPECT_EQ(interrupted(), VI_ERROR_ABORT);
  EXPECT_EQ(data, "half");
  ASSERT_TRUE(peer.send("fine\n"));
  EXPECT_EQ(read(session, data), VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(data, "fine\n");
}

TEST_F(Signal, EndsAWaitForAnEventAndForALock) {
  abort_on_signal();
  const ViSession session = open(server_);
  const ViSession other = open(server_);
  ASSERT_EQ(::viEnableEvent(session, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(test::interrupted_call([&] {
              return ::viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, VI_TMO_INFINITE, nullptr,
                                     nullptr);
            }),
            VI_ERROR_ABORT);
  ASSERT_EQ(::viLock(other, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(test::interrupted_call([&] {
              return ::viLock(session, VI_EXCLUSIVE_LOCK, VI_TMO_INFINITE, nullptr, nullptr);
            }),
            VI_ERROR_ABORT);
  EXPECT_EQ(::viUnlock(other), VI_SUCCESS);
  EXPECT_EQ(::viLock(session, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr), VI_SUCCESS);
}

TEST_F(Signal, EndsNothingElse) {
  const ViSession session = open(server_);
  EXPECT_EQ(::viSetAttribute(session, VI_ATTR_TMO_VALUE, 100), VI_SUCCESS);
  std::string data;
  EXPECT_EQ(test::interrupted_call([&] { return read(session, data); }), VI_ERROR_TMO);
}

}  // namespace
}  // namespace visa
