// SPDX-License-Identifier: MIT
// The kernel's own driver on an interface: detached for a program, and given back.
#include "conformance/unit/tools/sim/usb/usb_program.h"

namespace visa::sim {
namespace {

class UsbfsInterfacesTest : public UsbMachineTest {
 protected:
  UsbfsInterfacesTest() {
    add("[usb]\nraw = true\n", {0});
    run();
  }
  std::string driver(UsbProgram& program, unsigned interface) {
    usbdevfs_getdriver asked{};
    asked.interface = interface;
    return program.ioctl(USBDEVFS_GETDRIVER, &asked) == 0 ? asked.driver : "none";
  }
  bool bound() const {
    return std::filesystem::is_symlink(path("/sys/devices/usb1/1-1/1-1:1.0/driver"));
  }
  UsbProgram open() { return {machine->folder(), kFirstNode}; }
};

TEST_F(UsbfsInterfacesTest, AnInterfaceOfTheKernelsDriverIsBusyUntilThatIsDetached) {
  UsbProgram program = open();
  EXPECT_EQ(driver(program, 0), "usbtmc");
  EXPECT_EQ(driver(program, 1), "none");
  EXPECT_TRUE(bound());
  EXPECT_EQ(program.claim(0), -EBUSY);
  usbdevfs_ioctl detach{0, USBDEVFS_DISCONNECT, nullptr};
  EXPECT_EQ(program.ioctl(USBDEVFS_IOCTL, &detach), 0);
  EXPECT_EQ(program.ioctl(USBDEVFS_IOCTL, &detach), -ENODATA);
  EXPECT_FALSE(bound());
  EXPECT_EQ(program.claim(0), 0);
  EXPECT_EQ(driver(program, 0), "usbfs");
  usbdevfs_ioctl attach{0, USBDEVFS_CONNECT, nullptr};
  EXPECT_EQ(program.ioctl(USBDEVFS_IOCTL, &attach), -EBUSY);
  EXPECT_EQ(program.release(0), 0);
  EXPECT_EQ(program.ioctl(USBDEVFS_IOCTL, &attach), 1);
  EXPECT_EQ(driver(program, 0), "usbtmc");
  EXPECT_TRUE(bound());
  usbdevfs_ioctl unknown{0, 99, nullptr};
  EXPECT_EQ(program.ioctl(USBDEVFS_IOCTL, &unknown), -ENOTTY);
}

TEST_F(UsbfsInterfacesTest, BothAtOnce) {
  UsbProgram program = open();
  usbdevfs_disconnect_claim asked{};
  asked.flags = USBDEVFS_DISCONNECT_CLAIM_IF_DRIVER;
  std::strcpy(asked.driver, "other");
  EXPECT_EQ(program.ioctl(USBDEVFS_DISCONNECT_CLAIM, &asked), -EBUSY);
  asked.flags = USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER;
  std::strcpy(asked.driver, "usbtmc");
  EXPECT_EQ(program.ioctl(USBDEVFS_DISCONNECT_CLAIM, &asked), -EBUSY);
  std::strcpy(asked.driver, "usbfs");
  EXPECT_EQ(program.ioctl(USBDEVFS_DISCONNECT_CLAIM, &asked), 0);
  EXPECT_EQ(driver(program, 0), "usbfs");
  EXPECT_EQ(open().ioctl(USBDEVFS_DISCONNECT_CLAIM, &asked), -EBUSY);
}

TEST_F(UsbfsInterfacesTest, TheKernelsDriverDoesNotComeBackByADeath) {
  {
    UsbProgram program = open();
    usbdevfs_disconnect_claim asked{};
    EXPECT_EQ(program.ioctl(USBDEVFS_DISCONNECT_CLAIM, &asked), 0);
  }
  EXPECT_TRUE(eventually([&] { return machine->holders(0) == 0; }));
  UsbProgram next = open();
  EXPECT_EQ(driver(next, 0), "none");
  EXPECT_EQ(next.claim(0), 0);
}

TEST_F(UsbfsInterfacesTest, ConfigurationsAndAlternateSettings) {
  UsbProgram program = open();
  unsigned one = 1;
  EXPECT_EQ(program.ioctl(USBDEVFS_SETCONFIGURATION, &one), 0);
  EXPECT_EQ(program.claim(1), 0);
  EXPECT_EQ(program.ioctl(USBDEVFS_SETCONFIGURATION, &one), -EBUSY);
  unsigned two = 2;
  EXPECT_EQ(program.ioctl(USBDEVFS_SETCONFIGURATION, &two), -EINVAL);
  usbdevfs_setinterface setting{1, 0};
  EXPECT_EQ(program.ioctl(USBDEVFS_SETINTERFACE, &setting), 0);
  setting.altsetting = 1;
  EXPECT_EQ(program.ioctl(USBDEVFS_SETINTERFACE, &setting), -EINVAL);
  setting = {0, 0};
  EXPECT_EQ(program.ioctl(USBDEVFS_SETINTERFACE, &setting), -EBUSY);
}

}  // namespace
}  // namespace visa::sim
