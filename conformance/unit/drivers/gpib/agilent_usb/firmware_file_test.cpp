// SPDX-License-Identifier: MIT
// In which places the driver looks for firmware, and which text the user gets if it finds none.
#include "drivers/gpib/agilent_usb/firmware_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "conformance/unit/support/temp_folder.h"

namespace visa::drivers::gpib::agilent {
namespace {

constexpr FirmwareKind kKind{"measat_releaseX1.8.hex", 0x4000, 0xE600};
constexpr char kGood[] = ":0100000001FE\n:00000001FF\n";

class FirmwareFileTest : public testing::Test {
 protected:
  std::string put(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = root_ + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
    return whole;
  }
  Status read(const std::string& configured = "") {
    call_.detail.clear();
    return read_firmware(kKind, configured, "82357B", call_, root_).status();
  }
  bool says(const std::string& part) const { return call_.detail.find(part) != std::string::npos; }

  test::TempFolder folder_;
  const std::string root_ = folder_.path();
  Call call_{Deadline::infinite()};
};

TEST_F(FirmwareFileTest, NamesFileAndPlaceAndCureWhereItIsMissing) {
  EXPECT_EQ(read(), Status::error_inv_setup);
  EXPECT_TRUE(says("82357B needs its firmware")) << call_.detail;
  EXPECT_TRUE(says("measat_releaseX1.8.hex"));
  EXPECT_TRUE(says("/usr/share/usb/agilent_82357a/"));
  EXPECT_TRUE(says("firmware = "));
}

TEST_F(FirmwareFileTest, LooksInTheUsualFolders) {
  for (const char* folder : {"/lib/firmware/", "/usr/local/share/usb/agilent_82357a/",
                             "/usr/share/usb/agilent_82357a/"}) {
    const auto path = put(folder + std::string(kKind.file), kGood);
    EXPECT_EQ(read(), Status::success) << call_.detail;
    std::filesystem::remove(path);
  }
}

TEST_F(FirmwareFileTest, TheConfigurationNamesAFileOrAFolder) {
  put("/usr/share/usb/agilent_82357a/measat_releaseX1.8.hex", "nothing good");
  EXPECT_EQ(read(put("/mine/other.hex", kGood)), Status::success);
  put("/mine/measat_releaseX1.8.hex", kGood);
  EXPECT_EQ(read(root_ + "/mine"), Status::success);
  EXPECT_EQ(read(root_ + "/missing.hex"), Status::error_inv_setup);
  EXPECT_TRUE(says("/missing.hex cannot be read"));
}

TEST_F(FirmwareFileTest, ReportsAFileThatIsNoFirmware) {
  put("/lib/firmware/measat_releaseX1.8.hex", ":0100000001FE\n:0100000001FD\n");
  EXPECT_EQ(read(), Status::error_inv_setup);
  EXPECT_TRUE(says("line 2 is no firmware of this adapter: the checksum is wrong"));
  EXPECT_EQ(read(put("/long", std::string(kMostHexText + 10, '\n'))), Status::error_inv_setup);
  EXPECT_TRUE(says("too long"));
}

TEST_F(FirmwareFileTest, WaitsForNoPipe) {
  const std::string path = root_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(read(path), Status::error_inv_setup);
}

}  // namespace
}  // namespace visa::drivers::gpib::agilent
