// SPDX-License-Identifier: MIT
// Registration with a portmapper that stands in for rpcbind, on a socket of the test's own.
#include "tools/sim/rpc/rpcbind.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>
#include <string>
#include <vector>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/rpc/rpc_message.h"

namespace visa::sim {
namespace {

// Accepts what `calls` connections ask, one call each, and tells it: "SET 395183 1 tcp ADDRESS".
class StandIn {
 public:
  explicit StandIn(int calls)
      : path_(::testing::TempDir() + "/rpcbind_" + std::to_string(::getpid())) {
    ::unlink(path_.c_str());
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path_.data(), path_.size());
    listener_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{10, 0};
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(listener_.get(), 10), 0);
    done_ = std::async(std::launch::async, [this, calls] {
      for (int i = 0; i < calls; ++i) serve_one();
    });
  }
  ~StandIn() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }
  std::vector<std::string> calls() {
    done_.wait();
    return calls_;
  }

 private:
  void serve_one() {
    const FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char bytes[1000];
    const ssize_t count = ::recv(socket.get(), bytes, sizeof bytes, 0);
    const auto call =
        count > 4 ? parse_call({bytes + 4, static_cast<std::size_t>(count) - 4}) : std::nullopt;
    if (!call) return;
    XdrReader arguments = call->arguments;
    std::string text = call->procedure == 1 ? "SET" : "UNSET";
    for (int i = 0; i < 2; ++i) text += " " + std::to_string(arguments.number());
    for (int i = 0; i < 2; ++i) text.append(" ").append(arguments.opaque(99));
    calls_.push_back(call->version == 4 && arguments.good() ? text : "no call of version 4");
    std::string reply(4, '\0');
    put_accepted(reply, call->xid, Accepted::success);
    put_number(reply, 1);
    set_number(reply.data(), static_cast<std::uint32_t>(reply.size() - 4) | 0x80000000U);
    ::send(socket.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
  }

  std::string path_;
  FileDescriptor listener_;
  std::vector<std::string> calls_;
  std::future<void> done_;
};

TEST(Rpcbind, RegistersOverTheLocalTransportAndTakesItOutAgain) {
  StandIn portmapper(6);
  {
    const RpcbindRegistration registration({{395183, 1, 0x1234}, {395184, 1, 40000}}, "192.0.2.1",
                                           portmapper.path());
  }
  EXPECT_EQ(portmapper.calls(),
            (std::vector<std::string>{
                "UNSET 395183 1 tcp 192.0.2.1.18.52", "SET 395183 1 tcp 192.0.2.1.18.52",
                "UNSET 395184 1 tcp 192.0.2.1.156.64", "SET 395184 1 tcp 192.0.2.1.156.64",
                "UNSET 395183 1 tcp 192.0.2.1.18.52", "UNSET 395184 1 tcp 192.0.2.1.156.64"}));
}

}  // namespace
}  // namespace visa::sim
