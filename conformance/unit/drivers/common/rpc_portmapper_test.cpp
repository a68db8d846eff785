// SPDX-License-Identifier: MIT
// Finding a program of one host: UDP first, TCP where that brings nothing. The portmapper is a
// thread of the test with both sockets on one port.
#include "drivers/common/rpc_portmapper.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/drivers/support/rpc_words.h"
#include "drivers/common/rpc_portmap.h"

namespace visa::test {
namespace {

using namespace drivers;
using std::chrono::milliseconds;

constexpr milliseconds kLong{20000};

/// A UDP port beside the TCP port of the same number.
class Datagrams {
 public:
  explicit Datagrams(const Endpoint& where) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (::bind(fd_.get(), where.address(), where.size()) != 0) throw std::runtime_error("bind");
  }
  /// The xid of the next question; 0 when none came in time.
  std::uint32_t take() {
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kPatience.count()) * 1000) <= 0) return 0;
    std::array<std::byte, 512> datagram;
    size_ = sizeof from_;
    ::recvfrom(fd_.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&from_),
               &size_);
    return get_word(datagram.data());
  }
  void answer(const std::vector<std::byte>& message) {
    ::sendto(fd_.get(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from_),
             size_);
  }

 private:
  UniqueFd fd_;
  sockaddr_storage from_{};
  socklen_t size_ = sizeof from_;
};

std::vector<std::byte> port_reply(std::uint32_t xid, std::uint32_t port) {
  return words({xid, 1, 0, 0, 0, 0, port});
}

class RpcPortmapper : public testing::Test {
 protected:
  struct Found {
    Result<Endpoint> server;
    std::string detail;
  };
  Found find(milliseconds timeout = kLong) const {
    Call call(Deadline::after(timeout));
    auto server = find_rpc_server({&tcp.endpoint(), 1}, "scope.lan", 0x0607AF, 1, call);
    return {std::move(server), call.detail};
  }
  std::future<Found> start(milliseconds timeout = kLong) const {
    return std::async(std::launch::async, [this, timeout] { return find(timeout); });
  }

  LoopbackServer tcp;
};

TEST_F(RpcPortmapper, OneDatagramIsEnough) {
  Datagrams udp(tcp.endpoint());
  auto finding = start();
  udp.answer(port_reply(udp.take(), 1024));
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->port(), 1024);
  EXPECT_EQ(found.server->numeric(), "127.0.0.1");
}

TEST_F(RpcPortmapper, LostQuestionIsAskedAgainUnderTheSameNumber) {
  Datagrams udp(tcp.endpoint());
  auto finding = start();
  const auto first = udp.take();
  const auto second = udp.take();
  EXPECT_EQ(first, second);
  udp.answer(port_reply(second, 1025));
  EXPECT_EQ(finding.get().server->port(), 1025);
}

TEST_F(RpcPortmapper, AnswersToOthersAndNoiseAreNoAnswer) {
  Datagrams udp(tcp.endpoint());
  auto finding = start();
  const auto xid = udp.take();
  udp.answer(port_reply(xid + 1, 666));
  udp.answer(words({xid}));
  udp.answer(words({xid, 1, 0, 0, 0, 0}));  // cut short
  udp.answer({});
  udp.answer(port_reply(xid, 1026));
  EXPECT_EQ(finding.get().server->port(), 1026);
}

TEST_F(RpcPortmapper, ProgramThatIsNotRegisteredIsSaidSo) {
  Datagrams udp(tcp.endpoint());
  auto finding = start();
  udp.answer(port_reply(udp.take(), 0));
  const Found found = finding.get();
  EXPECT_EQ(found.server.status(), Status::error_rsrc_nfound);
  EXPECT_NE(found.detail.find("scope.lan"), std::string::npos) << found.detail;
  EXPECT_NE(found.detail.find("portmapper knows no such service"), std::string::npos);
}

// UDP is refused at once (nobody has the port): no time is lost over it.
TEST_F(RpcPortmapper, TcpIsAskedWhereUdpIsRefused) {
  auto finding = start();
  const PeerEnd peer = tcp.accept();
  const std::string call = peer.receive(60);
  ASSERT_EQ(call.size(), 60u);
  const auto xid = get_word(reinterpret_cast<const std::byte*>(call.data()) + 4);
  peer.send(word_text({0x8000001C, xid, 1, 0, 0, 0, 0, 1027}));
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->port(), 1027);
}

// A refused call says nothing about the program that was asked for.
TEST_F(RpcPortmapper, TcpIsAskedWhereUdpRefusesTheCall) {
  Datagrams udp(tcp.endpoint());
  auto finding = start();
  udp.answer(words({udp.take(), 1, 0, 0, 0, 2, 3, 4}));  // wrong version of the portmapper
  const PeerEnd peer = tcp.accept();
  const std::string call = peer.receive(60);
  ASSERT_EQ(call.size(), 60u);
  const auto xid = get_word(reinterpret_cast<const std::byte*>(call.data()) + 4);
  peer.send(word_text({0x8000001C, xid, 1, 0, 0, 0, 0, 1028}));
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->port(), 1028);
}

TEST_F(RpcPortmapper, EveryBadAnswerByTcpIsNotFound) {
  const std::vector<std::function<std::string(std::uint32_t)>> answers = {
      [](auto xid) {
        return word_text({0x8000001C, xid, 1, 0, 0, 0, 0, 0});
      },
      [](auto xid) {
        return word_text({0x8000001C, xid, 1, 0, 0, 0, 0, 65536});
      },
      [](auto xid) {
        return word_text({0x80000018, xid, 1, 0, 0, 0, 1});
      },  // no such program
      [](auto xid) {
        return word_text({0x80000018, xid, 1, 0, 0, 0, 0});
      },                                    // cut short
      [](auto) { return std::string(); }};  // closes
  for (const auto& answer : answers) {
    auto finding = start();
    PeerEnd peer = tcp.accept();
    const std::string call = peer.receive(60);
    ASSERT_EQ(call.size(), 60u);
    peer.send(answer(get_word(reinterpret_cast<const std::byte*>(call.data()) + 4)));
    peer.close();
    EXPECT_EQ(finding.get().server.status(), Status::error_rsrc_nfound);
  }
}

TEST_F(RpcPortmapper, SilenceIsATimeoutAndNamesThePortmapper) {
  const Datagrams udp(tcp.endpoint());
  const Found found = find(milliseconds(120));
  EXPECT_EQ(found.server.status(), Status::error_tmo);
  EXPECT_NE(found.detail.find("portmapper"), std::string::npos) << found.detail;
}

// What else to try is said wherever the host is there, or silent, and has no such program.
TEST_F(RpcPortmapper, AdviceEndsTheTextWhereverTheProgramIsNotThere) {
  const auto ask = [](const Endpoint& where, milliseconds timeout = kLong) {
    Call call(Deadline::after(timeout));
    const auto server = find_rpc_server({&where, 1}, "scope.lan", 0x0607AF, 1, call, "try this");
    EXPECT_FALSE(server);
    EXPECT_TRUE(call.detail.ends_with("try this")) << call.detail;
    EXPECT_EQ(call.detail.find("close this session"), std::string::npos) << call.detail;
    return call.detail;
  };
  const LoopbackServer refuses(AF_INET, -1);
  EXPECT_NE(ask(refuses.endpoint()).find("connection refused; try this"), std::string::npos);
  {
    const Datagrams silent(tcp.endpoint());
    ask(tcp.endpoint(), milliseconds(120));
  }
  {
    Datagrams udp(refuses.endpoint());
    auto asking = std::async(std::launch::async, [&] { return ask(refuses.endpoint()); });
    udp.answer(port_reply(udp.take(), 0));
    EXPECT_NE(asking.get().find("portmapper knows no such service; try this"), std::string::npos);
  }
  const LoopbackServer closes;
  auto asking = std::async(std::launch::async, [&] { return ask(closes.endpoint()); });
  closes.accept().close();
  EXPECT_NE(asking.get().find("ended the connection without an answer; try this"),
            std::string::npos);
}

/// A portmapper of one more address of this computer, on the port of the first.
class OtherAddress {
 public:
  OtherAddress(std::uint32_t address, std::uint16_t port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(address);
    where.sin_port = htons(port);
    endpoint = Endpoint(reinterpret_cast<const sockaddr*>(&where), sizeof where);
  }
  /// From now on it accepts TCP connections.
  void listen() {
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(listener_.get(), endpoint.address(), endpoint.size()) != 0 ||
        ::listen(listener_.get(), 16) != 0) {
      throw std::runtime_error("bind");
    }
  }
  PeerEnd accept() const {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kPatience.count()) * 1000) <= 0) {
      throw std::runtime_error("nobody connected");
    }
    return PeerEnd(UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
  Endpoint endpoint;

 private:
  UniqueFd listener_;
};

/// Takes the question of a TCP connection and answers it.
void answer_with(const PeerEnd& peer, std::uint32_t port) {
  const std::string call = peer.receive(60);
  ASSERT_EQ(call.size(), 60u);
  const auto xid = get_word(reinterpret_cast<const std::byte*>(call.data()) + 4);
  peer.send(word_text({0x8000001C, xid, 1, 0, 0, 0, 0, port}));
}

/// A host of several addresses, each of which may say something else.
class RpcPortmapperOfSeveral : public RpcPortmapper {
 protected:
  std::future<Found> ask(std::vector<Endpoint> addresses, milliseconds timeout = kLong) const {
    return std::async(std::launch::async, [addresses = std::move(addresses), timeout] {
      Call call(Deadline::after(timeout));
      auto server = find_rpc_server(addresses, "scope.lan", 0x0607AF, 1, call, "try this");
      return Found{std::move(server), call.detail};
    });
  }

  OtherAddress second{0x7F000002, tcp.port()};
  OtherAddress third{0x7F000003, tcp.port()};
};

// An instrument whose name leads to a second computer, too, was not found: the answer of that
// computer ended the search.
TEST_F(RpcPortmapperOfSeveral, OneWithoutTheProgramDoesNotSpeakForTheOthers) {
  Datagrams udp(tcp.endpoint());
  second.listen();
  auto finding = ask({tcp.endpoint(), second.endpoint});
  udp.answer(port_reply(udp.take(), 0));
  answer_with(second.accept(), 1029);
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->port(), 1029);
  EXPECT_EQ(found.server->numeric(), "127.0.0.2");
}

TEST_F(RpcPortmapperOfSeveral, EachIsAskedByTcpUntilOneNamesThePort) {
  second.listen();
  third.listen();
  auto finding = ask({tcp.endpoint(), second.endpoint, third.endpoint});
  answer_with(tcp.accept(), 0);
  second.accept().close();
  answer_with(third.accept(), 1030);
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->numeric(), "127.0.0.3");
  EXPECT_EQ(found.server->port(), 1030);
}

TEST_F(RpcPortmapperOfSeveral, SilentOneTakesOnlyItsShareOfTheTime) {
  second.listen();
  auto finding = ask({tcp.endpoint(), second.endpoint}, milliseconds(6000));
  const PeerEnd silent = tcp.accept();
  answer_with(second.accept(), 1031);
  const Found found = finding.get();
  ASSERT_TRUE(found.server) << found.detail;
  EXPECT_EQ(found.server->numeric(), "127.0.0.2");
}

TEST_F(RpcPortmapperOfSeveral, TheTextNamesEveryAddressThatWasAsked) {
  Datagrams udp(tcp.endpoint());
  second.listen();
  auto finding = ask({tcp.endpoint(), second.endpoint, third.endpoint});
  udp.answer(port_reply(udp.take(), 0));
  answer_with(second.accept(), 0);
  const Found found = finding.get();
  EXPECT_EQ(found.server.status(), Status::error_rsrc_nfound);
  const std::string port = std::to_string(tcp.port());
  EXPECT_EQ(found.detail,
            "scope.lan (127.0.0.1, 127.0.0.2) port " + port +
                ": its portmapper knows no such service; portmapper: scope.lan (127.0.0.3) port " +
                port + ": connection refused; try this");
}

TEST_F(RpcPortmapperOfSeveral, NotRegisteredIsTheResultThoughAnotherIsSilent) {
  Datagrams udp(tcp.endpoint());
  second.listen();
  auto finding = ask({tcp.endpoint(), second.endpoint}, milliseconds(1500));
  udp.answer(port_reply(udp.take(), 0));
  const Found found = finding.get();
  EXPECT_EQ(found.server.status(), Status::error_rsrc_nfound);
  EXPECT_NE(found.detail.find("127.0.0.1) port"), std::string::npos) << found.detail;
  EXPECT_NE(found.detail.find("(127.0.0.2) port " + std::to_string(tcp.port()) +
                              ": the portmapper does not answer"),
            std::string::npos)
      << found.detail;
}

TEST_F(RpcPortmapper, CancelEndsTheQuestion) {
  const Datagrams udp(tcp.endpoint());
  Call call(Deadline::after(kLong));
  auto finding = std::async(std::launch::async, [&] {
    return find_rpc_server({&tcp.endpoint(), 1}, "", 0x0607AF, 1, call).status();
  });
  call.cancel();
  EXPECT_EQ(finding.get(), Status::error_abort);
}

}  // namespace
}  // namespace visa::test
