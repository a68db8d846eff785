// SPDX-License-Identifier: MIT
// libserialport is replaced at link time: a computer that builds has no USB serial port. With the
// real one under umockdev: conformance/unit/serial_library.
#include "tools/freevisa/serial_description.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_LIBSERIALPORT

#include <libserialport.h>

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/unit/support/temp_folder.h"

struct sp_port {
  bool usb;
};

namespace {

std::string known_node;          // the port that there is
bool known_usb = true;           // whether it is a USB device
std::vector<std::string> asked;  // for
int ports = 0;                   // not freed yet
char maker[] = "FTDI";
char product_name[] = "Toy \xC3\xA9";

}  // namespace

extern "C" {
sp_return __wrap_sp_get_port_by_name(const char* name, sp_port** port) {
  asked.emplace_back(name);
  if (name != known_node) return SP_ERR_ARG;
  ++ports;
  *port = new sp_port{known_usb};
  return SP_OK;
}
void __wrap_sp_free_port(sp_port* port) {
  --ports;
  delete port;
}
sp_return __wrap_sp_get_port_usb_vid_pid(const sp_port* port, int* vendor, int* product) {
  if (!port->usb) return SP_ERR_ARG;
  *vendor = 0x403;
  *product = 0x6001;
  return SP_OK;
}
char* __wrap_sp_get_port_usb_manufacturer(const sp_port*) {
  return maker;
}
char* __wrap_sp_get_port_usb_product(const sp_port*) {
  return product_name;
}
}

namespace visa::tool {
namespace {

class SerialDescription : public testing::Test {
 protected:
  void SetUp() override {
    known_usb = true;
    asked.clear();
    ports = 0;
  }
  void TearDown() override { EXPECT_EQ(ports, 0) << "freed"; }
};

TEST_F(SerialDescription, HasTheIdsAndWhatTheUsbDeviceSaysOfItself) {
  known_node = "/dev/ttyUSB7";
  EXPECT_EQ(serial_description("ASRL/dev/ttyUSB7::INSTR"), "0403:6001 FTDI Toy ??");
  known_node = "/dev/ttyS2";
  EXPECT_EQ(serial_description("ASRL3::INSTR"), "0403:6001 FTDI Toy ??") << "by its number";
  known_usb = false;
  EXPECT_EQ(serial_description("ASRL3::INSTR"), "") << "no USB device";
}

TEST_F(SerialDescription, FollowsLinksToTheNameThatIsKnown) {
  const test::TempFolder folder;
  std::filesystem::create_directories(folder.file("serial/by-id"));
  std::filesystem::create_symlink("../../ttyUSB7", folder.file("serial/by-id/usb-FTDI-if00"));
  std::filesystem::create_symlink("loop", folder.file("loop"));
  known_node = folder.file("ttyUSB7");
  EXPECT_EQ(serial_description("ASRL" + folder.file("serial/by-id/usb-FTDI-if00") + "::INSTR"),
            "0403:6001 FTDI Toy ??");
  EXPECT_EQ(serial_description("ASRL" + folder.file("loop") + "::INSTR"), "");
}

TEST_F(SerialDescription, IsEmptyForOtherNames) {
  known_node = "";
  for (const char* const name :
       {"TCPIP0::h::5025::SOCKET", "ASRL::INSTR", "ASRL0::INSTR", "ASRLx::INSTR", "COM1", ""}) {
    EXPECT_EQ(serial_description(name), "") << name;
  }
  EXPECT_TRUE(asked.empty()) << "no name of a port";
}

}  // namespace
}  // namespace visa::tool

#else

TEST(SerialDescription, IsEmptyWithoutLibserialport) {
  EXPECT_EQ(visa::tool::serial_description("ASRL1::INSTR"), "");
}

#endif
