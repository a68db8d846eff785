// SPDX-License-Identifier: MIT
// What viFindRsrc gets of USB devices: names, and what is known without opening them.
#include "drivers/usb/usb_finder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "conformance/unit/drivers/support/loop_model.h"

namespace visa::test {
namespace {

class Found final : public spi::DescriptorSink {
 public:
  void found(spi::Descriptor descriptor) override { all.push_back(std::move(descriptor)); }
  std::vector<spi::Descriptor> all;
};

class UsbFinderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "usb_finder_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    add("1-1", TmcModel());
    add("1-2", LoopModel());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void add(const std::string& port, const TmcModel& model) const {
    const auto device = std::filesystem::path(folder) / port;
    std::filesystem::create_directories(device);
    Bytes bytes = model.device_descriptor();
    const Bytes configuration = model.configuration();
    bytes.insert(bytes.end(), configuration.begin(), configuration.end());
    std::ofstream(device / "descriptors", std::ios::binary)
        << std::string(bytes.begin(), bytes.end());
    std::ofstream(device / "bConfigurationValue") << "1\n";
    std::ofstream(device / "busnum") << "1\n";
    std::ofstream(device / "devnum") << "2\n";
    std::ofstream(device / "idVendor") << "1209\n";
    std::ofstream(device / "idProduct") << "0001\n";
    std::ofstream(device / "serial") << "SN" << port << "\n";
    std::ofstream(device / "manufacturer") << "M\xC3\xA4ker\n";
  }

  std::vector<spi::Descriptor> find(model::KindSet openable) const {
    const auto expression = model::FindExpression::parse("USB?*");
    const spi::Settings settings;
    Found sink;
    Call call(Deadline::infinite());
    drivers::usb::UsbFinder(folder).find({*expression, openable, settings}, call, sink);
    return sink.all;
  }

  std::string folder;
};

constexpr model::KindSet kBoth = model::Kind::usb_instr | model::Kind::usb_raw;

TEST_F(UsbFinderTest, NamesAndFacts) {
  const auto found = find(kBoth);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name.canonical(), "USB0::0x1209::0x0001::SN1-1::INSTR");
  EXPECT_EQ(found[1].name.canonical(), "USB0::0x1209::0x0001::SN1-2::RAW");
  EXPECT_EQ(std::get<std::string>(found[0].known.at(VI_ATTR_MANF_NAME)), "M_ker");
  EXPECT_EQ(std::get<std::string>(found[0].known.at(VI_ATTR_USB_SERIAL_NUM)), "SN1-1");
  EXPECT_EQ(model::number(found[0].known.at(VI_ATTR_USB_PROTOCOL)), 1U);
  EXPECT_EQ(model::number(found[1].known.at(VI_ATTR_USB_CLASS)), 0xFFU);
}

TEST_F(UsbFinderTest, SerialAdaptersAndTheLikeAreNotListed) {
  for (const auto* const port : {"1-1", "1-2"}) {
    const auto interface = std::filesystem::path(folder) / port / (std::string(port) + ":1.0");
    std::filesystem::create_directories(interface);
    std::filesystem::create_symlink("drivers/ftdi_sio", interface / "driver");
  }
  const auto found = find(kBoth);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name.kind, model::Kind::usb_instr);
}

TEST_F(UsbFinderTest, OnlyWhatCanBeOpened) {
  EXPECT_EQ(find(model::Kind::usb_raw).size(), 1U);
  EXPECT_TRUE(find({}).empty());
}

}  // namespace
}  // namespace visa::test
