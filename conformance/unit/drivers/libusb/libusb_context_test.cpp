// SPDX-License-Identifier: MIT
// Opening a device by real libusb as a guest of a program: descriptors, signals, forks, reasons.
#include "drivers/libusb/libusb_context.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/mock_usb.h"
#include "conformance/unit/support/patience.h"
#include "drivers/libusb/usb_devices.h"

namespace visa::test {
namespace {

using namespace drivers::usb;
using namespace std::chrono_literals;

TEST(LibusbOutcome, IsWhatTheDeviceOrTheSystemDid) {
  EXPECT_EQ(outcome_of(LIBUSB_ERROR_NO_DEVICE), UsbOutcome::gone);
  EXPECT_EQ(outcome_of(LIBUSB_ERROR_PIPE), UsbOutcome::stalled);
  EXPECT_EQ(outcome_of(LIBUSB_ERROR_NO_MEM), UsbOutcome::no_memory);
  EXPECT_EQ(outcome_of(LIBUSB_ERROR_OVERFLOW), UsbOutcome::overflow);
  EXPECT_EQ(outcome_of(LIBUSB_ERROR_IO), UsbOutcome::failed);
}

class LibusbContextTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    mock = std::make_unique<MockUsb>();
  }

  /// The device that is plugged in, or one of another address.
  UsbDeviceInfo device(std::uint8_t away = 0) const {
    auto devices = usb_devices();
    if (devices.size() != 1U) throw std::runtime_error("not one device");
    devices[0].address = static_cast<std::uint8_t>(devices[0].address + away);
    return devices[0];
  }

  Result<std::unique_ptr<LibusbContext>> open(const UsbDeviceInfo& what) {
    Call call(Deadline::after(20s));
    auto opened = LibusbContext::open(what, call);
    detail = call.detail;
    return opened;
  }

  /// The device's, which libusb polls for output.
  static int descriptor_of(const LibusbContext& context) {
    const libusb_pollfd** const polled = libusb_get_pollfds(context.context());
    int found = -1;
    for (const libusb_pollfd** one = polled; *one != nullptr; ++one) {
      if (((*one)->events & POLLOUT) != 0) found = (*one)->fd;
    }
    libusb_free_pollfds(polled);
    return found;
  }

  static std::size_t descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  std::unique_ptr<MockUsb> mock;
  std::string detail;
};

TEST_F(LibusbContextTest, OpensTheOneDeviceAndClosesItAgain) {
  mock->plug();
  auto opened = open(device());
  ASSERT_TRUE(opened) << detail;
  EXPECT_NE((*opened)->handle(), nullptr);
  EXPECT_EQ(libusb_get_device_address(libusb_get_device((*opened)->handle())), device().address);
  opened->reset();
  EXPECT_TRUE(mock->closed());
}

TEST_F(LibusbContextTest, LeavesNoDescriptorBehind) {
  mock->plug();
  ASSERT_TRUE(open(device())) << detail;  // what libusb and umockdev keep for ever
  const std::size_t before = descriptors();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(open(device())) << detail;
  // The mock of the system is in this process, and closes its ends a little later.
  const Deadline limit = Deadline::after(kPatience);
  while (descriptors() > before && !limit.expired()) std::this_thread::yield();
  EXPECT_LE(descriptors(), before);
}

TEST_F(LibusbContextTest, DeviceThatIsNotThereIsNotFound) {
  mock->plug();
  EXPECT_EQ(open(device(1)).status(), Status::error_rsrc_nfound);
  EXPECT_NE(detail.find("unplugged"), std::string::npos) << detail;
}

TEST_F(LibusbContextTest, WithoutPermissionTheUdevRuleIsNamed) {
  mock->plug({.permitted = false});
  EXPECT_EQ(open(device()).status(), Status::error_npermission);
  EXPECT_NE(detail.find("70-freevisa-usb.rules"), std::string::npos) << detail;
}

// The program may have closed its standard descriptors.
TEST_F(LibusbContextTest, TakesNoDescriptorOfTheProgram) {
  mock->plug();
  const UsbDeviceInfo what = device();
  const int kept = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 100);
  ::close(STDIN_FILENO);
  const auto opened = open(what);
  const bool free = ::fcntl(STDIN_FILENO, F_GETFD) == -1;
  if (kept >= 0) ::dup2(kept, STDIN_FILENO);
  ASSERT_TRUE(opened) << detail;
  EXPECT_TRUE(free);
}

TEST_F(LibusbContextTest, ChildOfForkHasClosedTheDevice) {
  mock->plug();
  const auto opened = open(device());
  ASSERT_TRUE(opened) << detail;
  const int device_file = descriptor_of(**opened);
  ASSERT_GT(device_file, STDERR_FILENO);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::fcntl(device_file, F_GETFD) == -1 ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_NE(::fcntl(device_file, F_GETFD), -1) << "the parent's is its own";
}

}  // namespace
}  // namespace visa::test
