// SPDX-License-Identifier: MIT
// The bytes of a message, compared with what udev sends for a USB device.
#include "tools/sim/usb/uevent.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "conformance/unit/support/temp_folder.h"

namespace visa::sim {
namespace {

TEST(Uevent, HeaderAndProperties) {
  const std::string message = uevent_message("usb", "usb_device", {"ACTION=add", "SEQNUM=1"});
  ASSERT_GT(message.size(), 40U);
  EXPECT_EQ(message.substr(0, 8), std::string("libudev\0", 8));
  EXPECT_EQ(message.substr(8, 4), "\xFE\xED\xCA\xFE");
  EXPECT_EQ(message[12], 40);
  EXPECT_EQ(message[16], 40);
  EXPECT_EQ(message[20], 20);
  // What the kernel's filters of libudev compare: MurmurHash2 of the two words.
  EXPECT_EQ(message.substr(24, 4), "\x05\x77\xC5\xE5") << "usb";
  EXPECT_EQ(message.substr(28, 4), "\x27\xF8\xF5\x0C") << "usb_device";
  EXPECT_EQ(message.substr(40), std::string("ACTION=add\0SEQNUM=1\0", 20));
}

TEST(Uevent, SocketsWithoutAReaderAreRemoved) {
  const test::TempFolder folder;
  EXPECT_NO_THROW(send_uevent(folder.path(), "nobody listens"));
  EXPECT_NO_THROW(send_uevent("/nonexistent", "nor here"));
}

}  // namespace
}  // namespace visa::sim
