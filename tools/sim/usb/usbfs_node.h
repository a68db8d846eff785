// SPDX-License-Identifier: MIT
// The file of a device under /dev/bus/usb, as Linux's usbfs has it: each open() has claims and a
// queue of finished transfers of its own; what a program has claimed no other one uses, until it is
// released, closed or the program has died.
//
// The file that programs see is a pipe which the bench keeps full while nothing is to be reaped:
// poll() then says POLLOUT when there is something, as with the kernel's. It says so to all who
// have the device open, and of an unplugged device it says no POLLERR.
//
// Owned by the UsbMachine; on the bench's thread only.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/usb/preload_client.h"
#include "tools/sim/usb/usb_device.h"
#include "tools/sim/usb/usbfs_claims.h"
#include "tools/sim/usb/usbfs_client.h"
#include "tools/sim/usb/usbfs_file.h"

namespace visa::sim {

class UsbfsNode : public UsbHost, private UsbfsFile {
 public:
  /// `file`: path of the pipe, which is made; `socket`: where the preload library connects. Throws
  /// std::system_error.
  UsbfsNode(EventLoop& loop, const std::string& file, const std::string& socket,
            UsbfsOptions options);
  ~UsbfsNode() override;
  UsbfsNode(const UsbfsNode&) = delete;
  UsbfsNode& operator=(const UsbfsNode&) = delete;

  /// Its device, which it does not own; set once, before a program opens it.
  void attach(UsbDevice& device) noexcept { device_ = &device; }

  /// The device leaves: no program opens it any more, and the transfers of those who have it open
  /// end.
  void leave();
  std::size_t clients() const noexcept { return clients_.size(); }
  /// Programs that have an interface claimed.
  std::size_t holders() const { return claims_.holders(); }
  /// The program that has claimed the interface; empty if none has.
  std::string holder(std::uint8_t interface) const;
  UsbfsClaims& claims() noexcept override { return claims_; }

  void on_transfer(UsbTransfer done) override;

 private:
  UsbDevice& device() noexcept override { return *device_; }
  const UsbfsOptions& options() const noexcept override { return options_; }
  bool gone() const noexcept override { return gone_; }
  std::uint64_t new_transfer(UsbfsClient& client) override;
  void finished_changed() override;
  void forget(const UsbfsClient& client) override;
  void show_writable(bool writable);

  EventLoop& loop_;
  UsbfsOptions options_;
  std::string file_;
  FileDescriptor pipe_;
  bool writable_ = true;
  UsbDevice* device_ = nullptr;
  bool gone_ = false;
  std::unique_ptr<PreloadListener> listener_;
  std::list<std::unique_ptr<UsbfsClient>> clients_;
  UsbfsClaims claims_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, UsbfsClient*> owners_;  ///< of the transfers under way
};

}  // namespace visa::sim
