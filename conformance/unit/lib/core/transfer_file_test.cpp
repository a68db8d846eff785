// SPDX-License-Identifier: MIT
#include "lib/core/transfer_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <csignal>
#include <span>
#include <string>
#include <thread>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::core {
namespace {

class TransferFileTest : public ::testing::Test {
 protected:
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
  }
  std::string fifo() const {
    auto path = folder_.file("fifo");
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  /// More than a pipe holds.
  const std::string much_ = std::string(300'000, 'x');
  test::TempFolder folder_;
  Call call_{Deadline::infinite()};
};

TEST_F(TransferFileTest, WritesWhatItIsGiven) {
  auto file = TransferFile::for_writing(folder_.file("f").c_str(), false, call_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes("one "), call_), Status::success);
  EXPECT_EQ(file->write(bytes("two"), call_), Status::success);
  EXPECT_EQ(file->finish(call_), Status::success);
  EXPECT_EQ(folder_.text("f"), "one two");
}

TEST_F(TransferFileTest, EmptiesAFileUnlessItAppends) {
  const auto path = folder_.make("f", "old");
  {
    auto file = TransferFile::for_writing(path.c_str(), true, call_);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->write(bytes("+new"), call_), Status::success);
  }
  EXPECT_EQ(folder_.text("f"), "old+new");
  EXPECT_TRUE(TransferFile::for_writing(path.c_str(), false, call_));
  EXPECT_EQ(folder_.text("f"), "");
}

TEST_F(TransferFileTest, ReadsUntilTheEnd) {
  auto file = TransferFile::for_reading(folder_.make("f", "12345").c_str(), call_);
  ASSERT_TRUE(file);
  std::array<std::byte, 3> room{};
  EXPECT_EQ(*file->read(room, call_), 3u);
  EXPECT_EQ(*file->read(room, call_), 2u);
  EXPECT_EQ(*file->read(room, call_), 0u);
}

TEST_F(TransferFileTest, SaysWhichFileAndWhy) {
  const auto file = TransferFile::for_reading("/nonexistent/f", call_);
  EXPECT_EQ(file.status(), Status::error_file_access);
  EXPECT_NE(call_.detail.find("/nonexistent/f"), std::string::npos);
  EXPECT_NE(call_.detail.find("No such file"), std::string::npos) << call_.detail;
}

TEST_F(TransferFileTest, ANameIsNeeded) {
  EXPECT_EQ(TransferFile::for_reading(nullptr, call_).status(), Status::error_file_access);
  EXPECT_EQ(TransferFile::for_writing("", false, call_).status(), Status::error_file_access);
}

TEST_F(TransferFileTest, AFullDiskIsTold) {
  auto file = TransferFile::for_writing("/dev/full", false, call_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes("x"), call_), Status::error_file_io);
  EXPECT_NE(call_.detail.find("/dev/full"), std::string::npos);
}

TEST_F(TransferFileTest, IsNotInheritedByPrograms) {
  const auto path = folder_.make("f", "x");
  const auto file = TransferFile::for_reading(path.c_str(), call_);
  ASSERT_TRUE(file);
  bool found = false;
  for (int fd = 3; fd < 256; ++fd) {
    char target[4096] = {};
    if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, 4095) < 0) continue;
    if (path != target) continue;
    found = true;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(found);
}

TEST_F(TransferFileTest, WaitsForASlowReaderOfAFifo) {
  const auto path = fifo();
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  auto file = TransferFile::for_writing(path.c_str(), false, call_);
  ASSERT_TRUE(file);
  std::thread reading([&] {
    pollfd watched{reader.get(), POLLIN, 0};
    char room[5000];
    std::size_t got = 0;
    while (got < much_.size() && ::poll(&watched, 1, 30000) > 0) {
      got += static_cast<std::size_t>(::read(reader.get(), room, sizeof room));
    }
    EXPECT_EQ(got, much_.size());
  });
  EXPECT_EQ(file->write(bytes(much_), call_), Status::success);
  reading.join();
}

TEST_F(TransferFileTest, AnIdleReaderOfAFifoIsAnErrorInTime) {
  const auto path = fifo();
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  Call call(Deadline::after(std::chrono::milliseconds(200)));
  auto file = TransferFile::for_writing(path.c_str(), false, call);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes(much_), call), Status::error_file_io);
  EXPECT_TRUE(call.deadline.expired()) << "it had its time";
  EXPECT_NE(call.detail.find(path + ": its reader took no more"), std::string::npos) << call.detail;
}

TEST_F(TransferFileTest, WaitingForAFifoIsEndedByACancel) {
  const auto path = fifo();
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  auto file = TransferFile::for_writing(path.c_str(), false, call_);
  ASSERT_TRUE(file);
  call_.cancel();
  EXPECT_EQ(file->write(bytes(much_), call_), Status::error_abort);
  auto empty = TransferFile::for_reading(path.c_str(), call_);
  ASSERT_TRUE(empty);
  std::array<std::byte, 8> room{};
  EXPECT_EQ(empty->read(room, call_).status(), Status::error_abort);
}

TEST_F(TransferFileTest, AReaderThatIsGoneIsAnErrorAndNoSignal) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              auto file = TransferFile::for_writing(path.c_str(), false, call_);
              if (!file) return 1;
              ::close(reader);
              if (file->write(bytes("x"), call_) != Status::error_file_io) return 2;
              return call_.detail.find("Broken pipe") != std::string::npos ? 0 : 3;
            }),
            "");
}

TEST_F(TransferFileTest, ASizeLimitIsAnErrorAndNoSignal) {
  EXPECT_EQ(test::in_child([&] {
              const rlimit limit{100, 100};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
              auto file = TransferFile::for_writing(folder_.file("f").c_str(), false, call_);
              if (!file) return 2;
              if (file->write(bytes(much_), call_) != Status::error_file_io) return 3;
              return folder_.text("f").size() == 100 ? 0 : 4;
            }),
            "");
}

TEST_F(TransferFileTest, AFifoWithoutAReaderSaysSo) {
  const auto file = TransferFile::for_writing(fifo().c_str(), false, call_);
  EXPECT_EQ(file.status(), Status::error_file_access);
  EXPECT_NE(call_.detail.find("a FIFO that no program reads"), std::string::npos) << call_.detail;
}

TEST_F(TransferFileTest, AFifoNobodyWritesToIsAnErrorInTime) {
  const auto path = fifo();
  for (const int writers : {0, 1}) {
    Call call(Deadline::after(std::chrono::milliseconds(100)));
    auto file = TransferFile::for_reading(path.c_str(), call);
    ASSERT_TRUE(file);
    const UniqueFd idle(writers == 0 ? -1 : ::open(path.c_str(), O_WRONLY | O_NONBLOCK));
    std::array<std::byte, 8> room{};
    EXPECT_EQ(file->read(room, call).status(), Status::error_file_io) << writers;
    EXPECT_TRUE(call.deadline.expired());
    EXPECT_NE(call.detail.find(path + ": too little came"), std::string::npos) << call.detail;
  }
}

TEST_F(TransferFileTest, ReadsAFifoUntilItsWriterCloses) {
  const auto path = fifo();
  auto file = TransferFile::for_reading(path.c_str(), call_);
  ASSERT_TRUE(file);
  std::thread writing([&] {
    const UniqueFd writer(::open(path.c_str(), O_WRONLY));
    for (const char part : {'a', 'b', 'c'}) EXPECT_EQ(::write(writer.get(), &part, 1), 1);
  });
  std::array<std::byte, 8> room{};
  EXPECT_EQ(*file->read(room, call_), 3u);
  EXPECT_EQ(*file->read(room, call_), 0u);
  writing.join();
}

TEST_F(TransferFileTest, ATerminalThatDeliversNothingIsAnErrorInTime) {
  const UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY));
  ASSERT_TRUE(master && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0);
  Call call(Deadline::after(std::chrono::milliseconds(100)));
  auto file = TransferFile::for_reading(::ptsname(master.get()), call);
  ASSERT_TRUE(file);
  std::array<std::byte, 8> room{};
  EXPECT_EQ(file->read(room, call).status(), Status::error_file_io);
}

}  // namespace
}  // namespace visa::core
