// SPDX-License-Identifier: MIT
// A serial line as a stream, over a pseudo-terminal.
#include "drivers/common/tty_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "conformance/unit/support/patience.h"
#include "lib/base/unique_fd.h"

namespace visa::drivers {
namespace {

class TtyStreamTest : public testing::Test {
 protected:
  TtyStreamTest() : master_(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 64> name{};
    if (!master_ || ::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0 ||
        ::ptsname_r(master_.get(), name.data(), name.size()) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    node_ = name.data();
  }
  Result<std::unique_ptr<TtyStream>> open() {
    Call call(Deadline::after(std::chrono::seconds(5)));
    auto stream = TtyStream::open(node_, 115200, call);
    detail_ = call.detail;
    return stream;
  }
  void say(std::string_view text) {
    ASSERT_EQ(::write(master_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  static StreamResult receive(TtyStream& stream, std::string& text, Call& call) {
    text.assign(100, '?');
    const auto got = stream.receive(std::as_writable_bytes(std::span(text)), call);
    text.resize(got.count);
    return got;
  }

  UniqueFd master_;
  std::string node_;
  std::string detail_;
};

TEST_F(TtyStreamTest, CarriesEveryByteBothWays) {
  const auto stream = open();
  ASSERT_TRUE(stream.has_value()) << detail_;
  EXPECT_EQ((*stream)->peer(), node_);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  say(all);
  Call call(Deadline::after(test::kPatience));
  std::string text;
  std::string whole;
  while (whole.size() < all.size() && ok(receive(**stream, text, call).status)) whole += text;
  EXPECT_EQ(whole, all);
  EXPECT_EQ((*stream)->send(std::as_bytes(std::span(all)), call).count, all.size());
  std::string back(all.size(), '?');
  EXPECT_EQ(::read(master_.get(), back.data(), back.size()), 256);
  EXPECT_EQ(back, all);
}

TEST_F(TtyStreamTest, EndsAtItsDeadlineOrWhenCancelled) {
  const auto stream = open();
  ASSERT_TRUE(stream.has_value());
  std::string text;
  Call now(Deadline::immediate());
  EXPECT_EQ(receive(**stream, text, now).status, Status::error_tmo);
  text.assign(10, '?');
  EXPECT_EQ((*stream)->receive_now(std::as_writable_bytes(std::span(text)), now).status,
            Status::success);
  Call call(Deadline::infinite());
  std::thread canceller([&] {
    call.cancel();
    (*stream)->wake();
  });
  EXPECT_EQ(receive(**stream, text, call).status, Status::error_abort);
  canceller.join();
  // A line that takes nothing more.
  const std::string much(1 << 20, 'x');
  Call brief(Deadline::after(std::chrono::milliseconds(5)));
  EXPECT_EQ((*stream)->send(std::as_bytes(std::span(much)), brief).status, Status::error_tmo);
}

TEST_F(TtyStreamTest, OneProcessHasTheLine) {
  auto first = open();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(open().status(), Status::error_rsrc_busy);
  (*first)->close();
  EXPECT_TRUE(open().has_value());
}

TEST_F(TtyStreamTest, SaysWhatItCannotOpen) {
  Call call(Deadline::immediate());
  EXPECT_EQ(TtyStream::open("/no/such/port", 9600, call).status(), Status::error_rsrc_nfound);
  EXPECT_EQ(TtyStream::open("/dev/null", 9600, call).status(), Status::error_rsrc_nfound);
}

TEST_F(TtyStreamTest, IsLostWhenTheConverterGoes) {
  const auto stream = open();
  ASSERT_TRUE(stream.has_value());
  master_.reset();
  Call call(Deadline::after(test::kPatience));
  std::string text;
  EXPECT_EQ(receive(**stream, text, call).status, Status::error_conn_lost);
  EXPECT_TRUE((*stream)->lost());
  EXPECT_EQ((*stream)->send(std::as_bytes(std::span("x", 1)), call).status,
            Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::drivers
