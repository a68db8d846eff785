// SPDX-License-Identifier: MIT
// How the command ends by a signal is tried at a terminal, in conformance/clients/command.
#include "tools/freevisa/interruption.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tools/freevisa/exchange.h"

namespace visa::tool {
namespace {

/// Admits connections, and never says anything.
class SilentInstrument {
 public:
  SilentInstrument() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 4), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentInstrument() { ::close(fd_); }
  SilentInstrument(const SilentInstrument&) = delete;
  SilentInstrument& operator=(const SilentInstrument&) = delete;
  std::string name() const { return "TCPIP::127.0.0.1::" + std::to_string(port_) + "::SOCKET"; }

 private:
  int fd_;
  int port_ = 0;
};

class InterruptionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::sigaction(SIGINT, nullptr, &interrupt_), 0);
    ASSERT_EQ(::sigaction(SIGTERM, nullptr, &end_), 0);
    catch_interrupts();
  }
  void TearDown() override {
    take_interrupt();
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &end_, nullptr);
  }
  struct sigaction interrupt_ {};
  struct sigaction end_ {};
};

TEST_F(InterruptionTest, IsTakenOnceAndLookedAtAnyTime) {
  EXPECT_FALSE(interrupt_pending());
  ::raise(SIGINT);
  EXPECT_TRUE(interrupt_pending());
  EXPECT_TRUE(take_interrupt());
  EXPECT_FALSE(take_interrupt());
  end_by_interrupt();  // there is none: the program goes on
}

TEST_F(InterruptionTest, EndsTheNextCallWhereItCameBefore) {
  const SilentInstrument silent;
  const Session manager = open_manager();
  Instrument instrument(manager, silent.name(), 4000000000U);
  ::raise(SIGTERM);
  try {
    instrument.receive("READ?");
    ADD_FAILURE() << "something came";
  } catch (const Interrupted& end) {
    EXPECT_EQ(end.text.find("interrupted: no whole answer to 'READ?' from TCPIP::"), 0U);
    EXPECT_EQ(end.text.find("VI_ERROR"), std::string::npos) << "it is no failure";
  }
  EXPECT_TRUE(take_interrupt());
  EXPECT_FALSE(instrument.clear()) << "only a new connection is sure to be in step";
}

}  // namespace
}  // namespace visa::tool
