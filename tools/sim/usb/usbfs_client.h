// SPDX-License-Identifier: MIT
// One open() of a device file: the ioctls of Linux's usbfs that libusb uses.
//
// Owned by its UsbfsNode; on the bench's thread only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "tools/sim/usb/preload_client.h"
#include "tools/sim/usb/usb_transfer.h"
#include "tools/sim/usb/usbfs_file.h"

namespace visa::sim {

class UsbfsClient : public PreloadClient {
 public:
  UsbfsClient(UsbfsFile& file, EventLoop& loop, FileDescriptor socket);

  /// A transfer of this client is over.
  void finish(UsbTransfer done);
  bool has_finished() const noexcept { return !finished_.empty(); }
  /// The device has left; its transfers have finished.
  void leave();

 private:
  /// Where a transfer that was handed in lies in the program's memory.
  struct Urb {
    std::uint64_t address = 0;
    std::uint64_t buffer = 0;
    std::size_t length = 0;  ///< of the buffer
    bool control = false;
    bool to_host = false;
  };
  struct Finished {
    Urb urb;
    UsbTransfer transfer;
  };

  void on_ioctl(unsigned long request, std::uint64_t argument) override;
  void on_read(std::uint64_t buffer, std::size_t count) override;
  void on_closed() override;

  void capabilities(std::uint64_t argument);
  void with_number(std::uint64_t argument, void (UsbfsClient::*then)(unsigned number));
  void claim(unsigned interface);
  void release(unsigned interface);
  void clear_halt(unsigned endpoint);
  void set_configuration(unsigned value);
  void set_interface(std::uint64_t argument);
  void get_driver(std::uint64_t argument);
  void driver_ioctl(std::uint64_t argument);
  void disconnect_claim(std::uint64_t argument);
  /// 0, or why the interface must not be used. Claims it if nobody has, as the kernel does.
  int check(std::uint8_t interface);
  int check_request(const UsbSetup& setup);

  void submit(std::uint64_t argument);
  void submit_urb(std::uint64_t argument, const std::string& bytes);
  void submit_control(const Urb& urb, const std::string& setup);
  void hand_in(const Urb& urb, UsbTransfer transfer);
  void discard(std::uint64_t argument);
  void reap(std::uint64_t argument, bool wait);
  void reap_one(std::uint64_t argument);

  UsbfsFile& file_;
  std::map<std::uint64_t, Urb> flying_;  ///< by the id of the transfer
  std::deque<Finished> finished_;
  std::size_t memory_ = 0;           ///< of flying_
  std::uint64_t waits_to_reap_ = 0;  ///< the argument of a call that waits; 0: none does
  std::size_t read_from_ = 0;
};

/// A structure of the program's memory, and its bytes.
template <typename T>
T usbfs_value(const std::string& bytes) {
  T value;
  std::memset(static_cast<void*>(&value), 0, sizeof value);  // it may end with an array of no size
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}
template <typename T>
std::string_view usbfs_bytes(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace visa::sim
