// SPDX-License-Identifier: MIT
// The interface of linux/usbdevice_fs.h; what each call answers in which case is as in the kernel's
// drivers/usb/core/devio.c.
#include "tools/sim/usb/usbfs_client.h"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kSetup = 8;
constexpr std::size_t kSmallUrb = 16384;

int error_of(UsbStatus status) {
  switch (status) {
    case UsbStatus::success:
      return 0;
    case UsbStatus::stall:
      return -EPIPE;
    case UsbStatus::babble:
      return -EOVERFLOW;
    case UsbStatus::bus_error:
      return -EPROTO;
    case UsbStatus::cancelled:
      return -ENOENT;
    case UsbStatus::gone:
      return -ESHUTDOWN;
  }
  return -EPROTO;
}

UsbSetup setup_of(const std::string& bytes) {
  const auto byte = [&bytes](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  const auto word = [&byte](std::size_t at) {
    return static_cast<std::uint16_t>(byte(at) | byte(at + 1) << 8);
  };
  return {byte(0), byte(1), word(2), word(4), word(6)};
}

}  // namespace

UsbfsClient::UsbfsClient(UsbfsFile& file, EventLoop& loop, FileDescriptor socket)
    : PreloadClient(loop, std::move(socket)), file_(file) {}

void UsbfsClient::on_closed() {
  file_.forget(*this);
}

void UsbfsClient::leave() {
  if (waits_to_reap_ != 0) reap(std::exchange(waits_to_reap_, 0), true);
}

void UsbfsClient::on_ioctl(unsigned long request, std::uint64_t argument) {
  if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) {
    reap(argument, request == USBDEVFS_REAPURB);
    return;
  }
  if (file_.gone()) {
    done(-1, ENODEV);
    return;
  }
  switch (request) {
    case USBDEVFS_SUBMITURB:
      return submit(argument);
    case USBDEVFS_DISCARDURB:
      return discard(argument);
    case USBDEVFS_GET_CAPABILITIES:
      return capabilities(argument);
    case USBDEVFS_GET_SPEED:
      return done(static_cast<long>(file_.device().identity().speed) + 2);  // 2 full, 3 high
    case USBDEVFS_CLAIMINTERFACE:
      return with_number(argument, &UsbfsClient::claim);
    case USBDEVFS_RELEASEINTERFACE:
      return with_number(argument, &UsbfsClient::release);
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESETEP:
      return with_number(argument, &UsbfsClient::clear_halt);
    case USBDEVFS_SETCONFIGURATION:
      return with_number(argument, &UsbfsClient::set_configuration);
    case USBDEVFS_SETINTERFACE:
      return set_interface(argument);
    case USBDEVFS_GETDRIVER:
      return get_driver(argument);
    case USBDEVFS_IOCTL:
      return driver_ioctl(argument);
    case USBDEVFS_DISCONNECT_CLAIM:
      return disconnect_claim(argument);
    case USBDEVFS_RESET:
      file_.device().reset();
      return done(0);
    default:
      return done(-1, ENOTTY);
  }
}

// The descriptors, as the kernel has them in this file, too.
void UsbfsClient::on_read(std::uint64_t buffer, std::size_t count) {
  if (file_.gone()) {
    done(-1, ENODEV);
    return;
  }
  const std::string all =
      file_.device().device_descriptor() + file_.device().configuration_descriptor();
  const std::size_t begin = std::min(read_from_, all.size());
  const std::string_view part = std::string_view(all).substr(begin, count);
  read_from_ = begin + part.size();
  store(buffer, part);
  done(static_cast<long>(part.size()));
}

void UsbfsClient::capabilities(std::uint64_t argument) {
  std::uint32_t can = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
  if (!file_.options().small_urbs) can |= USBDEVFS_CAP_NO_PACKET_SIZE_LIM;
  store(argument, usbfs_bytes(can));
  done(0);
}

void UsbfsClient::with_number(std::uint64_t argument, void (UsbfsClient::*then)(unsigned number)) {
  fetch(argument, sizeof(unsigned),
        [this, then](const std::string& bytes) { (this->*then)(usbfs_value<unsigned>(bytes)); });
}

void UsbfsClient::submit(std::uint64_t argument) {
  fetch(argument, sizeof(usbdevfs_urb),
        [this, argument](const std::string& bytes) { submit_urb(argument, bytes); });
}

void UsbfsClient::submit_urb(std::uint64_t argument, const std::string& bytes) {
  const auto asked = usbfs_value<usbdevfs_urb>(bytes);
  Urb urb{.address = argument,
          .buffer = reinterpret_cast<std::uintptr_t>(asked.buffer),
          .length = static_cast<std::size_t>(std::max(asked.buffer_length, 0)),
          .control = asked.type == USBDEVFS_URB_TYPE_CONTROL,
          .to_host = (asked.endpoint & kUsbIn) != 0};
  const bool too_long = file_.options().small_urbs && urb.length > kSmallUrb;
  if (asked.type == USBDEVFS_URB_TYPE_ISO || asked.buffer_length < 0 || too_long ||
      (urb.control && urb.length < kSetup)) {
    return done(-1, EINVAL);
  }
  if (memory_ + urb.length > file_.options().memory) return done(-1, ENOMEM);
  if (urb.control) {
    return fetch(urb.buffer, kSetup,
                 [this, urb](const std::string& setup) { submit_control(urb, setup); });
  }
  const UsbLayout* const layout = file_.device().interface_of(asked.endpoint);
  const int error = layout != nullptr ? check(layout->number) : ENOENT;
  if (error != 0) return done(-1, error);
  UsbTransfer transfer{.endpoint = asked.endpoint};
  if (urb.to_host) {
    transfer.room = urb.length;
    return hand_in(urb, std::move(transfer));
  }
  transfer.zero_packet = (asked.flags & USBDEVFS_URB_ZERO_PACKET) != 0;
  fetch(urb.buffer, urb.length, [this, urb, transfer](const std::string& data) {
    UsbTransfer whole = transfer;
    whole.data = data;
    hand_in(urb, std::move(whole));
  });
}

void UsbfsClient::submit_control(const Urb& urb, const std::string& setup) {
  UsbTransfer transfer{.setup = setup_of(setup)};
  Urb control = urb;
  control.to_host = transfer.setup.to_host();
  if (std::size_t{transfer.setup.length} + kSetup > urb.length) return done(-1, EINVAL);
  const int error = check_request(transfer.setup);
  if (error != 0) return done(-1, error);
  if (control.to_host) {
    transfer.room = transfer.setup.length;
    return hand_in(control, std::move(transfer));
  }
  fetch(urb.buffer + kSetup, transfer.setup.length,
        [this, control, transfer](const std::string& data) {
          UsbTransfer whole = transfer;
          whole.data = data;
          hand_in(control, std::move(whole));
        });
}

void UsbfsClient::hand_in(const Urb& urb, UsbTransfer transfer) {
  transfer.id = file_.new_transfer(*this);
  flying_[transfer.id] = urb;
  memory_ += urb.length;
  done(0);
  file_.device().submit(std::move(transfer));
}

void UsbfsClient::discard(std::uint64_t argument) {
  for (const auto& [id, urb] : flying_) {
    if (urb.address == argument) {
      const bool good = file_.device().cancel(std::uint64_t{id});
      return done(good ? 0 : -1, good ? 0 : EINVAL);
    }
  }
  done(-1, EINVAL);
}

void UsbfsClient::finish(UsbTransfer transfer) {
  const auto found = flying_.find(transfer.id);
  memory_ -= found->second.length;
  finished_.push_back({found->second, std::move(transfer)});
  flying_.erase(found);
  if (waits_to_reap_ != 0) {
    reap_one(std::exchange(waits_to_reap_, 0));
  } else {
    file_.finished_changed();
  }
}

void UsbfsClient::reap(std::uint64_t argument, bool wait) {
  if (!finished_.empty()) {
    reap_one(argument);
  } else if (file_.gone()) {
    done(-1, ENODEV);
  } else if (wait) {
    waits_to_reap_ = argument;
  } else {
    done(-1, EAGAIN);
  }
}

void UsbfsClient::reap_one(std::uint64_t argument) {
  Finished one = std::move(finished_.front());
  finished_.pop_front();
  file_.finished_changed();
  const UsbTransfer& transfer = one.transfer;
  const int status = error_of(transfer.status);
  const std::size_t length = one.urb.to_host ? transfer.data.size() : transfer.taken;
  const int actual = static_cast<int>(length);
  store(one.urb.address + offsetof(usbdevfs_urb, status), usbfs_bytes(status));
  store(one.urb.address + offsetof(usbdevfs_urb, actual_length), usbfs_bytes(actual));
  if (one.urb.to_host) {
    store(one.urb.buffer + (one.urb.control ? kSetup : 0), std::move(one.transfer.data));
  }
  const void* const address = reinterpret_cast<const void*>(one.urb.address);
  store(argument, usbfs_bytes(address));
  done(0);
}

}  // namespace visa::sim
