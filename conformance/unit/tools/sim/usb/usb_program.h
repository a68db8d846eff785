// SPDX-License-Identifier: MIT
// For the tests of the machine: a bench with USB devices on a thread, and programs that use them
// as under umockdev's preload library, whose part is played here.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/usb/usb_machine.h"

namespace visa::sim {

inline usbdevfs_urb blank_urb() {
  usbdevfs_urb urb;  // clang has a warning for braces here: it ends with an empty array
  std::memset(&urb, 0, sizeof urb);
  return urb;
}

/// One open() of a device.
class UsbProgram {
 public:
  UsbProgram(const std::string& folder, const std::string& node)
      : file_(::open((folder + node).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)),
        socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string path = folder + "/ioctl/" + node;
    std::memcpy(name.sun_path, path.data(), std::min(path.size(), sizeof name.sun_path - 1));
    timeval limit{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ =
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  bool connected() const { return connected_; }
  bool has_file() const { return static_cast<bool>(file_); }

  /// The result, or minus the error.
  long ioctl(unsigned long request, void* argument) {
    begin(1, request, reinterpret_cast<unsigned long>(argument));
    return finish();
  }
  long read(void* buffer, std::size_t count) {
    begin(7, reinterpret_cast<unsigned long>(buffer), count);
    return finish();
  }
  void begin(unsigned long command, unsigned long first, unsigned long second) {
    const Words words = {command, first, second};
    EXPECT_EQ(::send(socket_.get(), words.data(), sizeof words, MSG_NOSIGNAL),
              static_cast<ssize_t>(sizeof words));
  }
  long finish() {
    while (true) {
      Words words{};
      if (::recv(socket_.get(), words.data(), sizeof words, MSG_WAITALL) !=
          static_cast<ssize_t>(sizeof words)) {
        ADD_FAILURE() << "the bench does not answer";
        return -ETIMEDOUT;
      }
      if (words[0] == 3) {
        const auto result = static_cast<long>(words[1]);
        return result == -1 ? -static_cast<long>(words[2]) : result;
      }
      void* const memory = reinterpret_cast<void*>(words[1]);
      if (words[0] == 5) {
        ::send(socket_.get(), memory, words[2], MSG_NOSIGNAL);
      } else {
        ::recv(socket_.get(), memory, words[2], MSG_WAITALL);
      }
    }
  }

  long claim(unsigned interface) { return ioctl(USBDEVFS_CLAIMINTERFACE, &interface); }
  long release(unsigned interface) { return ioctl(USBDEVFS_RELEASEINTERFACE, &interface); }
  long submit(usbdevfs_urb& urb) { return ioctl(USBDEVFS_SUBMITURB, &urb); }
  /// Something can be reaped.
  bool writable(int milliseconds) const {
    pollfd file{file_.get(), POLLOUT, 0};
    return ::poll(&file, 1, milliseconds) == 1 && (file.revents & POLLOUT) != 0;
  }
  usbdevfs_urb* reap() {
    usbdevfs_urb* urb = nullptr;
    last_error = static_cast<int>(ioctl(USBDEVFS_REAPURBNDELAY, &urb));
    return last_error == 0 ? urb : nullptr;
  }
  usbdevfs_urb* wait_and_reap() { return writable(20000) ? reap() : nullptr; }

  /// A bulk transfer from beginning to end; the status.
  int bulk(std::uint8_t endpoint, std::string& data) {
    usbdevfs_urb urb = blank_urb();
    urb.type = USBDEVFS_URB_TYPE_BULK;
    urb.endpoint = endpoint;
    urb.buffer = data.data();
    urb.buffer_length = static_cast<int>(data.size());
    if (const long error = submit(urb); error != 0) return static_cast<int>(error);
    if (wait_and_reap() != &urb) return -ETIME;
    if ((endpoint & 0x80) != 0) data.resize(static_cast<std::size_t>(urb.actual_length));
    return urb.status;
  }
  std::string query(const std::string& text, std::uint8_t tag) {
    std::string message = usbtmc_header_bytes(1, tag, static_cast<std::uint32_t>(text.size()), 1) +
                          text + std::string(usbtmc_padding(text.size()), '\0');
    std::string request = usbtmc_header_bytes(2, static_cast<std::uint8_t>(tag + 1), 1000, 0);
    std::string answer(1024, '\0');
    if (bulk(1, message) != 0 || bulk(1, request) != 0 || bulk(0x82, answer) != 0) return "failed";
    return answer.substr(kUsbtmcHeader);
  }

  int last_error = 0;

 private:
  using Words = std::array<unsigned long, 3>;
  FileDescriptor file_;
  FileDescriptor socket_;
  bool connected_ = false;
};

class UsbMachineTest : public ::testing::Test {
 protected:
  explicit UsbMachineTest(UsbfsOptions options = {}) {
    machine = std::make_unique<UsbMachine>(loop, options);
  }
  ~UsbMachineTest() override {
    if (thread.joinable()) {
      loop.stop();
      thread.join();
    }
    machine.reset();
  }

  std::size_t add(const std::string& rest, const std::vector<std::uint8_t>& kernel_driver = {}) {
    const auto description = usb_described(rest);
    instruments.push_back(make_instrument(description));
    const WireKind* usb = nullptr;
    for (const WireKind* const wire : builtin_wires()) usb = wire->name() == "usb" ? wire : usb;
    const auto* const section = dynamic_cast<const UsbDescription*>(description->section(*usb));
    ones.push_back(std::make_unique<UsbInstrument>(
        *instruments.back(), section != nullptr ? *section : UsbDescription()));
    UsbInstrument& one = *ones.back();
    one.identity = usb_identity(one.description, ones.size());
    return machine->add(one.identity, kernel_driver,
                        [&one](UsbDevice& device, const UsbMachine::Holder& holder) {
                          furnish_usb_device(device, one, holder);
                        });
  }
  void run() {
    loop.add_timer(*instruments.front());
    thread = std::thread([this] { loop.run(); });
  }
  void on_thread(const std::function<void()>& task) {
    std::promise<void> done;
    loop.post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  /// Unplugs or plugs in, and returns when that is done.
  void plug(std::size_t number, bool in) {
    on_thread([&] { machine->plug(number, in); });
    on_thread([] {});
    EXPECT_TRUE(eventually([&] { return (machine->device(number) != nullptr) == in; }));
  }
  bool eventually(const std::function<bool()>& holds) {
    const auto end = Clock::now() + std::chrono::seconds(20);
    bool now = false;
    while (!now && Clock::now() < end) on_thread([&] { now = holds(); });
    return now;
  }
  std::string path(const std::string& rest) const { return machine->folder() + rest; }
  std::string text(const std::string& rest) const {
    std::ifstream file(path(rest), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  EventLoop loop;
  std::vector<std::unique_ptr<Instrument>> instruments;
  std::vector<std::unique_ptr<UsbInstrument>> ones;
  std::unique_ptr<UsbMachine> machine;
  std::thread thread;
};

inline constexpr char kFirstNode[] = "/dev/bus/usb/001/002";

}  // namespace visa::sim
