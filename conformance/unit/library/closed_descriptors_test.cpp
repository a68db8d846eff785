// SPDX-License-Identifier: MIT
// A program that runs with descriptors 0, 1 and 2 closed, some or all of them, and uses every wire.
// None of these numbers may become ours: what such a program prints would go to the instrument, and
// with FREEVISA_TRACE=stderr the trace did.
#include <fcntl.h>
#include <sched.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_instrument.h"
#include "conformance/unit/library/open_socket.h"
#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/sanitizers.h"
#include "lib/base/log.h"
#include "lib/core/library.h"

namespace visa {
namespace {

constexpr const char* kVxi11 = "TCPIP0::127.0.0.1::inst0::INSTR";
constexpr std::uint32_t kEnableSrq = 20;

class ClosedDescriptors : public test::RealSocket {
 protected:
  ClosedDescriptors() {
    folder_.make("freevisa.toml", "[settings]\nfind_timeout_ms = 200\n[[resource]]\nname = \"" +
                                      std::string(kVxi11) + "\"\ntransport = { portmapper_port = " +
                                      std::to_string(instrument_.portmapper_port()) + " }\n");
  }

  /// In the child. 0 when all went well, else where it did not.
  int use_everything(const std::vector<int>& closed) {
    ::setenv("FREEVISA_CONFIG", folder_.file("freevisa.toml").c_str(), 1);
    ::setenv("FREEVISA_TRACE", "stderr", 1);
    log::detail::state.store(log::detail::State::unknown);  // as in a process just started
    static std::string locks;                               // a lock file that is made here
    locks = folder_.file("locks" + std::to_string(closed.front()) + std::to_string(closed.size()));
    core::Library::lock_folders = [] { return std::vector<locks::LockFolder>{{locks, true}}; };
    ::dup2(::open("/dev/null", O_WRONLY), 2);  // the test's own is not to be filled
    for (const int fd : closed) ::close(fd);
    closed_ = closed;
    ViSession manager = VI_NULL;
    if (::viOpenDefaultRM(&manager) != VI_SUCCESS || taken()) return 1;
    if (const int failed = use_socket(manager)) return failed;
    if (::access(locks.c_str(), F_OK) != 0) return 2;
    if (const int failed = use_vxi11(manager)) return failed;
    if (const int failed = search(manager)) return failed;
    return ::viClose(manager) != VI_SUCCESS || taken() ? 4 : 0;
  }

  test::LoopbackServer server_;
  test::FakeInstrument instrument_;

 private:
  bool taken() const {
    for (const int fd : closed_) {
      if (::fcntl(fd, F_GETFD) >= 0) return true;
    }
    return false;
  }

  int use_socket(ViSession manager) const {
    ViSession vi = VI_NULL;
    if (::viOpen(manager, name(server_).c_str(), VI_EXCLUSIVE_LOCK, 0, &vi) != VI_SUCCESS)
      return 10;
    ::viSetAttribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
    ::viSetAttribute(vi, VI_ATTR_TMO_VALUE, 30000);
    std::string data;
    if (write(vi, "ask\n") != VI_SUCCESS || taken()) return 11;
    if (read(vi, data) != VI_SUCCESS_TERM_CHAR || data != "answer\n" || taken()) return 12;
    const auto path = folder_.make("file", "from file\n");
    if (::viWriteFromFile(vi, path.c_str(), 10, nullptr) != VI_SUCCESS || taken()) return 13;
    return ::viClose(vi) != VI_SUCCESS || taken() ? 14 : 0;
  }

  int use_vxi11(ViSession manager) const {
    ViSession vi = VI_NULL;
    if (::viOpen(manager, kVxi11, VI_NO_LOCK, 0, &vi) != VI_SUCCESS || taken()) return 20;
    ::viSetAttribute(vi, VI_ATTR_TMO_VALUE, 30000);
    std::string data;
    if (write(vi, "ask\n") != VI_SUCCESS || taken()) return 21;
    if (read(vi, data) != VI_SUCCESS || data != "answer\n" || taken()) return 22;
    ViUInt16 byte = 0;
    if (::viReadSTB(vi, &byte) != VI_SUCCESS || ::viClear(vi) != VI_SUCCESS || taken()) return 23;
    // The listener, and the instrument's connection to it.
    if (::viEnableEvent(vi, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL) != VI_SUCCESS) return 24;
    if (::viWaitOnEvent(vi, VI_EVENT_SERVICE_REQ, 30000, nullptr, nullptr) < VI_SUCCESS) return 25;
    if (taken()) return 26;
    return ::viClose(vi) != VI_SUCCESS || taken() ? 27 : 0;
  }

  /// On a network of the child's own, where it may have one.
  int search(ViSession manager) const {
    if (::unshare(CLONE_NEWNET) != 0) return 0;
    constexpr const char* kNetwork =
        "exec <>/dev/null >&0 2>&0; ip link add lan0 type veth peer name lan1 && "
        "ip link set lan0 up && ip link set lan1 up && ip addr add 192.0.2.1/24 dev lan0";
    if (std::system(kNetwork) != 0) return 0;
    ViUInt32 count = 0;
    const ViStatus status = ::viFindRsrc(manager, "TCPIP?*", nullptr, &count, nullptr);
    if (status != VI_SUCCESS && status != VI_ERROR_RSRC_NFOUND) return 30;
    return taken() ? 31 : 0;
  }

  std::vector<int> closed_;
};

TEST_F(ClosedDescriptors, NeverBecomeOurs) {
  if (test::kThreadSanitizer) GTEST_SKIP() << "the thread sanitizer allows no threads after a fork";
  for (unsigned set = 1; set < 8; ++set) {
    std::vector<int> closed;
    for (const int fd : {0, 1, 2}) {
      if ((set >> fd & 1u) != 0) closed.push_back(fd);
    }
    std::string received;
    const auto bench = [&] {
      const auto peer = server_.accept();
      received = peer.receive(4);
      EXPECT_TRUE(peer.send("answer\n"));
      received += peer.receive(1000);                              // to the end of the connection
      EXPECT_TRUE(instrument_.wait_for(kEnableSrq, 2 * set - 1));  // closing disables
      instrument_.request_service();
    };
    instrument_.says("answer\n");
    EXPECT_EQ(test::in_child([&] { return use_everything(closed); }, bench), "") << "set " << set;
    EXPECT_EQ(received, "ask\nfrom file\n") << "nothing but what was sent, set " << set;
    EXPECT_EQ(instrument_.written(), [&] {
      std::string all;
      for (unsigned i = 0; i < set; ++i) all += "ask\n";
      return all;
    }());
  }
}

}  // namespace
}  // namespace visa
