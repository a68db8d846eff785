// SPDX-License-Identifier: MIT
// What only the stream itself shows; the channel's tests go through it for the rest.
#include "drivers/common/tcp_stream.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include <array>
#include <future>

#include "conformance/unit/drivers/support/loopback.h"
#include "drivers/common/connector.h"

namespace visa::test {
namespace {

using drivers::StreamResult;
using drivers::TcpStream;
using std::chrono::milliseconds;

class TcpStreamTest : public testing::Test {
 protected:
  TcpStreamTest() {
    Call call(Deadline::after(milliseconds(20000)));
    auto connection = drivers::connect_tcp({&server.endpoint(), 1}, "", {}, call);
    if (!connection) throw std::runtime_error(call.detail);
    stream = std::make_unique<TcpStream>(std::move(connection->socket), "peer");
    peer = server.accept();
  }

  LoopbackServer server;
  std::unique_ptr<TcpStream> stream;
  PeerEnd peer;
  std::array<std::byte, 100> buffer{};
};

TEST_F(TcpStreamTest, ReceiveNowTakesWhatIsThereAndNeverWaits) {
  Call call(Deadline::infinite());
  EXPECT_EQ(stream->receive_now(buffer, call).count, 0u);
  peer.send("abc");
  const StreamResult got = stream->receive_now(buffer, call);
  EXPECT_EQ(got.status, Status::success);
  EXPECT_EQ(got.count, 3u);
}

TEST_F(TcpStreamTest, CancelledCallMovesNothing) {
  peer.send("abc");
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(stream->receive(buffer, call).status, Status::error_abort);
  EXPECT_EQ(stream->receive_now(buffer, call).status, Status::error_abort);
  EXPECT_EQ(stream->send(buffer, call).status, Status::error_abort);
  Call next(Deadline::infinite());
  EXPECT_EQ(stream->receive(buffer, next).count, 3u);
}

/// What an engine needs that runs over TCP, a tty and TLS alike.
TEST_F(TcpStreamTest, InterfaceNamesThePeerKnowsALossAndCloses) {
  drivers::ByteStream& wire = *stream;
  EXPECT_EQ(wire.peer(), "peer");
  EXPECT_FALSE(wire.lost());
  Call call(Deadline::after(milliseconds(20000)));
  peer.send("abc");
  peer.close();
  EXPECT_EQ(wire.receive(buffer, call).count, 3u);
  EXPECT_FALSE(wire.lost()) << "lost before everything was taken";
  EXPECT_EQ(wire.receive(buffer, call).status, Status::error_conn_lost);
  EXPECT_TRUE(wire.lost());
  EXPECT_TRUE(call.detail.starts_with("peer: ")) << call.detail;
  wire.close();
  wire.close();
  EXPECT_LT(stream->fd(), 0);
}

TEST_F(TcpStreamTest, NothingToSendIsNothingDone) {
  Call call(Deadline::immediate());
  EXPECT_EQ(stream->send({}, call).status, Status::success);
}

TEST_F(TcpStreamTest, BufferThatIsNoMemoryIsTheUsersError) {
  peer.send("abc");
  constexpr std::size_t kPage = 4096;
  void* nothing = ::mmap(nullptr, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(nothing, MAP_FAILED);
  Call call(Deadline::after(milliseconds(20000)));
  const std::span<std::byte> bad(static_cast<std::byte*>(nothing), kPage);
  EXPECT_EQ(stream->receive(bad, call).status, Status::error_user_buf);
  EXPECT_FALSE(stream->lost());
  ::munmap(nothing, kPage);
}

TEST_F(TcpStreamTest, StormOfSignalsNeitherEndsAWaitNorMovesItsDeadline) {
  struct sigaction quiet {};
  struct sigaction before {};
  quiet.sa_handler = [](int) {};  // without SA_RESTART: every wait is interrupted
  ASSERT_EQ(::sigaction(SIGALRM, &quiet, &before), 0);
  const itimerval storm{{0, 1000}, {0, 1000}};
  const itimerval calm{};
  ::setitimer(ITIMER_REAL, &storm, nullptr);
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(milliseconds(150)));
  const Status status = stream->receive(buffer, call).status;
  const auto took = Deadline::Clock::now() - start;
  ::setitimer(ITIMER_REAL, &calm, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  EXPECT_EQ(status, Status::error_tmo);
  EXPECT_GE(took, milliseconds(150));
  EXPECT_LT(took, std::chrono::seconds(5));
}

TEST_F(TcpStreamTest, WakeOfOneDirectionIsNotSwallowedByTheOther) {
  // Both directions poll; each has its own call, and one wake serves both.
  const std::vector<std::byte> data(std::size_t{64} * 1024 * 1024);
  for (int round = 0; round < 10; ++round) {
    Call reading(Deadline::infinite());
    Call writing(Deadline::infinite());
    auto read = std::async(std::launch::async, [&] { return stream->receive(buffer, reading); });
    auto write = std::async(std::launch::async, [&] { return stream->send(data, writing); });
    EXPECT_EQ(write.wait_for(milliseconds(60)), std::future_status::timeout);
    writing.cancel();
    stream->wake();
    EXPECT_EQ(write.get().status, Status::error_abort);
    EXPECT_EQ(read.wait_for(milliseconds(0)), std::future_status::timeout)
        << "a wake-up meant for the other ended it";
    reading.cancel();
    stream->wake();
    EXPECT_EQ(read.get().status, Status::error_abort);
  }
}

}  // namespace
}  // namespace visa::test
