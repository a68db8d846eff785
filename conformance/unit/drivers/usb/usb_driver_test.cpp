// SPDX-License-Identifier: MIT
// The driver over real libusb and a mock of the system: finding, claiming, sharing, unplugging,
// fork.
#include "drivers/usb/usb_driver.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/mock_usb.h"
#include "conformance/unit/support/once_within.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;

constexpr char kName[] = "USB0::0x1209::0x0001::SN1::INSTR";
constexpr char kIdentity[] = "FreeVISA,model,SN1,1\n";

struct Session {
  std::unique_ptr<spi::Channel> channel;
  Status status = Status::success;
  std::string detail;

  explicit Session(const std::string& text = kName, const spi::Settings& settings = {}) {
    const auto name = model::parse_resource_name(text);
    Call call(Deadline::after(10s));
    auto opened = drivers::make_usb_driver()->open({*name, settings, {}}, call);
    status = opened.status();
    detail = call.detail;
    if (opened) channel = *std::move(opened);
  }
  ~Session() { close(); }

  void close() {
    Call call(Deadline::after(1s));
    if (channel != nullptr) channel->close(call);
    channel.reset();
  }

  Status write(std::string_view text, std::chrono::milliseconds time = 10s) {
    Call call(Deadline::after(time));
    const auto result = channel->write(std::as_bytes(std::span(text)), {}, call);
    detail = call.detail;
    return result.status;
  }

  std::pair<Status, std::string> read(std::size_t size = 1024,
                                      std::chrono::milliseconds time = 10s) {
    std::string text(size, '\0');
    Call call(Deadline::after(time));
    const auto result = channel->read(std::as_writable_bytes(std::span(text)), {}, call);
    detail = call.detail;
    text.resize(result.count);
    return {result.status, text};
  }

  std::string query(std::string_view text) {
    EXPECT_EQ(write(text), Status::success) << detail;
    const auto [read_status, answer] = read();
    EXPECT_EQ(read_status, Status::success) << detail;
    return answer;
  }
};

class UsbDriverTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    usb = std::make_unique<MockUsb>();
  }
  std::unique_ptr<MockUsb> usb;
};

TEST_F(UsbDriverTest, QueryOverLibusb) {
  usb->plug();
  Session session;
  ASSERT_EQ(session.status, Status::success) << session.detail;
  EXPECT_EQ(session.query("*IDN?\n"), kIdentity);
  const auto before = usb->submitted();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(session.query("*IDN?\n"), kIdentity);
  EXPECT_EQ(usb->submitted() - before, 60U);  // two out and one in for each
}

TEST_F(UsbDriverTest, TimeoutIsInTimeAndTheNextQueryIsItsOwn) {
  usb->plug();
  Session session;
  EXPECT_TRUE(once_within(600ms, [&] {
    usb->with([](TmcModel& model) { model.silent = true; });
    session.write("*IDN?\n");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(session.read(100, 200ms).first, Status::error_tmo);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 200ms);
    usb->with([](TmcModel& model) { model.silent = false; });
    EXPECT_EQ(session.query("*IDN?\n"), kIdentity);
    return took;
  }));
}

TEST_F(UsbDriverTest, UnpluggingEndsAReadAtOnceAndTheNameOpensAgain) {
  usb->plug();
  Session session;
  usb->with([](TmcModel& model) { model.silent = true; });
  session.write("*IDN?\n");
  std::thread puller([&] {
    bool reading = false;
    while (!reading) usb->with([&](TmcModel& model) { reading = model.request_open(); });
    usb->unplug();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(session.read(100, 20s).first, Status::error_conn_lost);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  puller.join();
  EXPECT_EQ(session.write("*IDN?\n"), Status::error_conn_lost);
  EXPECT_EQ(Session().status, Status::error_rsrc_nfound);

  usb->model() = TmcModel();
  usb->plug();  // with the same address, while the old session is still there
  Session again;
  ASSERT_EQ(again.status, Status::success) << again.detail;
  EXPECT_EQ(again.query("*IDN?\n"), kIdentity);
  EXPECT_EQ(session.write("*IDN?\n"), Status::error_conn_lost);
}

TEST_F(UsbDriverTest, SessionsOfOneProcessShareTheDevice) {
  usb->plug();
  Session first;
  Session second("usb::0x1209::1::sn1");
  ASSERT_EQ(second.status, Status::success) << second.detail;
  EXPECT_EQ(usb->claims(), 1);
  EXPECT_EQ(first.query("*IDN?\n"), kIdentity);
  first.close();
  EXPECT_EQ(second.query("*IDN?\n"), kIdentity);
  second.close();
  EXPECT_EQ(usb->claims(), 0);
}

TEST_F(UsbDriverTest, KernelDriverIsDetachedAndAttachedAgain) {
  usb->plug({.kernel_driver = "usbtmc"});
  Session session;
  ASSERT_EQ(session.status, Status::success) << session.detail;
  EXPECT_EQ(usb->driver(), "");
  session.close();
  EXPECT_EQ(usb->driver(), "usbtmc");
}

// Pain 15: busy, and by which process.
TEST_F(UsbDriverTest, SecondProcessIsRefusedWithTheNameOfTheFirst) {
  usb->plug();
  Session session;
  const pid_t child = ::fork();
  if (child == 0) {
    Session other;
    const bool right = other.status == Status::error_rsrc_busy &&
                       other.detail.find(std::to_string(::getppid())) != std::string::npos;
    if (!right) std::fprintf(stderr, "%s\n", other.detail.c_str());
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(session.query("*IDN?\n"), kIdentity);
}

TEST_F(UsbDriverTest, ChildOfForkDoesNotHoldTheClaim) {
  usb->plug();
  auto session = std::make_unique<Session>();
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    session.release();
    char byte = 0;
    ::close(pipe[1]);
    const bool ended = ::read(pipe[0], &byte, 1) == 0;  // until the parent says so
    ::_exit(ended ? 0 : 1);
  }
  ::close(pipe[0]);
  EXPECT_EQ(session->query("*IDN?\n"), kIdentity);
  session->close();
  EXPECT_TRUE(usb->closed());
  Session again;
  EXPECT_EQ(again.status, Status::success) << again.detail;
  ::close(pipe[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(UsbDriverTest, DeviceClear) {
  usb->plug();
  Session session;
  usb->with([](TmcModel& model) { model.clear_pending = 3; });
  session.write("*IDN?\n");
  Call call(Deadline::after(5s));
  EXPECT_EQ(session.channel->clear(call), Status::success) << call.detail;
  EXPECT_EQ(session.query("*IDN?\n"), kIdentity);
}

TEST_F(UsbDriverTest, StatusByteByInterrupt) {
  usb->plug();
  Session session;
  usb->with([](TmcModel& model) { model.status_byte = 0x15; });
  Call call(Deadline::after(5s));
  const auto status = session.channel->read_status_byte(call);
  ASSERT_TRUE(status) << call.detail;
  EXPECT_EQ(*status, 0x15);
}

TEST_F(UsbDriverTest, LongAnswer) {
  std::string whole(10000000, 'x');
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<char>(i % 251);
  usb->model().answers["CURVE?\n"] = whole;
  usb->plug();
  Session session;
  session.write("CURVE?\n");
  const auto [status, answer] = session.read(whole.size());
  EXPECT_EQ(status, Status::success) << session.detail;
  EXPECT_TRUE(answer == whole) << answer.size();
  EXPECT_EQ(session.query("*IDN?\n"), kIdentity);
}

}  // namespace
}  // namespace visa::test
