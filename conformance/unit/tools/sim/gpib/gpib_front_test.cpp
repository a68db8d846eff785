// SPDX-License-Identifier: MIT
// Which options make which front, and which do not go together.
#include "tools/sim/gpib/gpib_front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "tools/sim/net/listener.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Options = std::map<std::string, std::string, std::less<>>;

class GpibFrontTest : public testing::Test {
 protected:
  std::unique_ptr<GpibFront> make(const Options& options,
                                  const std::string& address = "127.0.0.1") {
    return make_gpib_front(loop, bus, {.address = address, .options = options});
  }
  std::string refusal(const Options& options, const std::string& address = "127.0.0.1") {
    try {
      make(options, address);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "taken";
  }

  EventLoop loop;
  GpibBus bus{loop};
};

TEST_F(GpibFrontTest, EachAdapterSaysHowItIsReached) {
  EXPECT_THAT(make({{"--gpib", "prologix"}})->target(), StartsWith("prologix://127.0.0.1:"));
  EXPECT_THAT(make({{"--gpib", "ar488"}, {"--gpib-serial", "-"}})->target(),
              StartsWith("prologix-serial:///"));
  const auto box = make({{"--gpib", "enet100"}});
  EXPECT_THAT(box->target(), StartsWith("enet100://127.0.0.1:"));
  EXPECT_EQ(box->clients(), 0U);
}

// Its four ports have the distances of the real ones.
TEST_F(GpibFrontTest, ABoxHasFourPorts) {
  const auto box = make({{"--gpib", "enet100"}});
  const std::string target = box->target();
  const int main = std::stoi(target.substr(target.rfind(':') + 1));
  for (const int offset : {0, 3, 5, 15}) {
    EXPECT_ANY_THROW(listen_on("127.0.0.1", static_cast<std::uint16_t>(main + offset))) << offset;
  }
}

TEST_F(GpibFrontTest, RefusesWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal({{"--gpib", "enet100"}, {"--gpib-serial", "-"}}),
              HasSubstr("--gpib-serial does not go with --gpib enet100"));
  EXPECT_THAT(refusal({{"--gpib", "enet100"}}, "::1"), HasSubstr("IPv4"));
  EXPECT_THAT(refusal({{"--gpib", "enet100"}, {"--gpib-port", "65530"}}), HasSubstr("--gpib-port"));
  for (const char* const other : {"--gpib-port", "--gpib-serial", "--usb"}) {
    EXPECT_THAT(refusal({{"--gpib", "kernel"}, {other, "1"}}), HasSubstr(other));
  }
}

TEST_F(GpibFrontTest, ABoardOfTheKernelIsAMachineForPrograms) {
  if (!usb_preload_is_there()) GTEST_SKIP() << "umockdev is not installed";
  std::string folder;
  {
    const auto board = make({{"--gpib", "kernel"}});
    EXPECT_EQ(board->target(), "");
    for (const std::string& one : board->environment()) {
      if (one.starts_with("UMOCKDEV_DIR=")) folder = one.substr(13);
    }
    ASSERT_FALSE(folder.empty());
    EXPECT_TRUE(std::filesystem::exists(folder + "/dev/gpib0"));
    EXPECT_TRUE(std::filesystem::exists(folder + "/sys/class/gpib_common/gpib0/dev"));
    EXPECT_TRUE(std::filesystem::exists(folder + "/ioctl/dev/gpib0"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace visa::sim
