// SPDX-License-Identifier: MIT
#include "tools/freevisa/usb_product.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace visa::tool {
namespace {

class UsbProduct : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "usb_product_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void add(const std::string& port, const std::string& serial, const std::string& maker,
           const std::string& model) const {
    const auto device = std::filesystem::path(folder_) / port;
    std::filesystem::create_directories(device);
    std::ofstream(device / "idVendor") << "0957\n";
    std::ofstream(device / "idProduct") << "1796\n";
    std::ofstream(device / "serial") << serial << "\n";
    if (!maker.empty()) std::ofstream(device / "manufacturer") << maker << "\n";
    std::ofstream(device / "product") << model << "\n";
  }
  std::string of(const std::string& serial, const std::string& product = "0x1796") const {
    return usb_product("USB0::0x0957::" + product + "::" + serial + "::INSTR", folder_);
  }

  std::string folder_;
};

TEST_F(UsbProduct, IsThatOfTheDeviceWithThisSerialNumber) {
  add("1-1", "MY1", "Maker", "First");
  add("1-2", "MY\xC3\xA4:2", "", "Second");
  add("1-3", "SAME", "Maker", "Third");
  add("1-4", "SAME", "Ma\xC3\xA4ker", "Fourth");
  EXPECT_EQ(of("MY1"), "Maker First");
  EXPECT_EQ(of("MY__2"), "Second");
  EXPECT_EQ(of("SAME@1-4"), "Ma?ker Fourth");
  EXPECT_EQ(of("@1-3"), "Maker Third");
  EXPECT_EQ(of("MY9"), "");
  EXPECT_EQ(of("MY1", "0x1797"), "");
}

TEST_F(UsbProduct, OtherNamesHaveNone) {
  add("1-1", "MY1", "Maker", "First");
  EXPECT_EQ(usb_product("TCPIP0::1.2.3.4::inst0::INSTR", folder_), "");
  EXPECT_EQ(usb_product("USB", folder_), "");
  EXPECT_EQ(usb_product("USB0::0x0957::0x1796::MY1::INSTR", folder_ + "/none"), "");
}

}  // namespace
}  // namespace visa::tool
