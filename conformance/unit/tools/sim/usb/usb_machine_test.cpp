// SPDX-License-Identifier: MIT
// What programs find under /sys and /dev, and the messages they get when devices come and go.
#include "tools/sim/usb/usb_machine.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/usb/usb_program.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

constexpr char kDevice[] = "/sys/bus/usb/devices/1-1";

/// Counts how many of its kind there are.
class CountedFunction final : public UsbFunction {
 public:
  explicit CountedFunction(int& count) : count_(count) { ++count_; }
  ~CountedFunction() override { --count_; }
  CountedFunction(const CountedFunction&) = delete;
  CountedFunction& operator=(const CountedFunction&) = delete;

  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup&, std::string_view, bool) override { return {}; }
  std::size_t take(std::uint8_t, std::string_view bytes, bool) override { return bytes.size(); }
  UsbGiven give(std::uint8_t, std::size_t) override { return {}; }
  void reset() override {}

 private:
  int& count_;
  const UsbLayout layout_{.device_class = 0xFF, .endpoints = {}};
};

class UsbMachineTreeTest : public UsbMachineTest {
 protected:
  void bind_monitor() {
    monitor = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    timeval limit{20, 0};
    ::setsockopt(monitor.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string where = path("/event7");
    std::memcpy(name.sun_path, where.data(), where.size());
    ASSERT_EQ(::bind(monitor.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  std::string event() {
    std::string bytes(4096, '\0');
    const ssize_t count = ::recv(monitor.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (char& c : bytes) c = c == '\0' ? '\n' : c;
    return bytes;
  }
  FileDescriptor monitor;
};

TEST_F(UsbMachineTreeTest, ADeviceIsFoundWithoutOpeningIt) {
  add("[usb]\nserial = \"S\xC3\xB6\"\nraw = true\n");
  run();
  EXPECT_EQ(text(std::string(kDevice) + "/idVendor"), "1209\n");
  EXPECT_EQ(text(std::string(kDevice) + "/serial"), "S\xC3\xB6\n");
  EXPECT_EQ(text(std::string(kDevice) + "/devnum"), "2\n");
  EXPECT_EQ(text(std::string(kDevice) + "/descriptors").substr(0, 2), usb_bytes({18, 1}));
  EXPECT_EQ(text("/sys/bus/usb/devices/1-1:1.0/bInterfaceClass"), "fe\n");
  EXPECT_EQ(text("/sys/bus/usb/devices/1-1:1.1/bInterfaceClass"), "ff\n");
  EXPECT_THAT(text(std::string(kDevice) + "/uevent"), HasSubstr("DEVNAME=bus/usb/001/002\n"));
  EXPECT_TRUE(std::filesystem::is_fifo(path(kFirstNode)));
  EXPECT_FALSE(std::filesystem::exists(path("/sys/bus/usb/devices/1-1:1.0/driver")));
}

TEST_F(UsbMachineTreeTest, WhatCannotBeReadIsNotThere) {
  add("[usb]\nserial_unreadable = true\n");
  add("[usb]\nserial = \"\"\nmanufacturer = \"\"\nmodel = \"\"\n");
  EXPECT_FALSE(std::filesystem::exists(path(std::string(kDevice) + "/serial")));
  for (const char* const name : {"serial", "manufacturer", "product"}) {
    EXPECT_FALSE(std::filesystem::exists(path(std::string("/sys/bus/usb/devices/1-2/") + name)));
  }
}

TEST_F(UsbMachineTreeTest, DevicesComeAndGo) {
  add("");
  run();
  bind_monitor();
  plug(0, false);
  EXPECT_THAT(event(), testing::AllOf(HasSubstr("ACTION=remove\n"),
                                      HasSubstr("DEVNAME=/dev/bus/usb/001/002\n")));
  EXPECT_FALSE(std::filesystem::exists(path(kDevice)));
  EXPECT_FALSE(std::filesystem::exists(path(kFirstNode)));
  EXPECT_FALSE(machine->plugged(0));
  plug(0, true);
  EXPECT_THAT(event(), testing::AllOf(HasSubstr("ACTION=add\n"), HasSubstr("DEVNUM=003\n"),
                                      HasSubstr("SUBSYSTEM=usb\n")));
  EXPECT_EQ(text(std::string(kDevice) + "/devnum"), "3\n");
  UsbProgram program(machine->folder(), "/dev/bus/usb/001/003");
  EXPECT_EQ(program.query("*IDN?", 1), kUsbIdentity);
}

TEST_F(UsbMachineTreeTest, AFaultUnplugsForATime) {
  add("");
  run();
  UsbProgram program(machine->folder(), kFirstNode);
  on_thread([&] {
    instruments[0]->faults().add(
        {.kind = &kUsbUnplugFault, .delay = std::chrono::milliseconds(20), .count = 1});
  });
  EXPECT_EQ(program.query("*IDN?", 1), "failed");
  EXPECT_TRUE(eventually([&] {
    return machine->device(0) != nullptr && std::filesystem::exists(path("/dev/bus/usb/001/003"));
  }));
  EXPECT_EQ(UsbProgram(machine->folder(), "/dev/bus/usb/001/003").query("*IDN?", 1), kUsbIdentity);
}

// A program that has an unplugged device open keeps it, and its server may end before the program.
TEST_F(UsbMachineTreeTest, NoFunctionOutlivesTheRemovalOfItsDevice) {
  add("");
  int functions = 0;
  const std::size_t number =
      machine->add(UsbIdentity{.vendor = 1}, {}, [&](UsbDevice& device, const UsbMachine::Holder&) {
        device.add(std::make_unique<CountedFunction>(functions));
      });
  run();
  UsbProgram program(machine->folder(), "/dev/bus/usb/001/003");
  EXPECT_EQ(program.claim(0), 0);
  plug(number, false);
  plug(number, true);
  plug(number, false);
  on_thread([&] {
    EXPECT_EQ(functions, 1) << "of the program, and none of the one that nobody had open";
    machine->remove(number);
    EXPECT_EQ(functions, 0);
  });
  EXPECT_EQ(UsbProgram(machine->folder(), kFirstNode).query("*IDN?", 1), kUsbIdentity);
}

TEST_F(UsbMachineTreeTest, OtherFilesAreTheProgramsOwn) {
  add("");
  run();
  UsbProgram other(machine->folder(), "_default");
  ASSERT_TRUE(other.connected());
  EXPECT_EQ(other.ioctl(0x5401, nullptr), -100) << "not emulated";
  char byte = 0;
  EXPECT_EQ(other.read(&byte, 1), -100);
}

TEST_F(UsbMachineTreeTest, TheEnvironmentNamesTheFolderAndTheLibrary) {
  const auto all = machine->environment();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[0], testing::StartsWith("LD_PRELOAD=libumockdev-preload.so.0"));
  EXPECT_EQ(all[1], "UMOCKDEV_DIR=" + machine->folder());
  const std::string folder = machine->folder();
  machine.reset();
  EXPECT_FALSE(std::filesystem::exists(folder)) << "and it goes with the machine";
  machine = std::make_unique<UsbMachine>(loop, UsbfsOptions());
}

}  // namespace
}  // namespace visa::sim
