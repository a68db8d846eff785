// SPDX-License-Identifier: MIT
// The ioctls of usbfs that are about interfaces: claims, and the kernel's own driver.
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "tools/sim/usb/usbfs_client.h"

namespace visa::sim {
namespace {

constexpr const char* kUsbfs = "usbfs";

}  // namespace

void UsbfsClient::claim(unsigned interface) {
  const auto number = static_cast<std::uint8_t>(interface);
  if (interface > 0xFF || !file_.device().has_interface(number)) {
    done(-1, ENOENT);
  } else if (file_.claims().state(number, *this) == UsbfsClaims::State::busy) {
    done(-1, EBUSY);
  } else {
    file_.claims().claim(number, *this);
    done(0);
  }
}

void UsbfsClient::release(unsigned interface) {
  const bool good =
      interface <= 0xFF && file_.claims().release(static_cast<std::uint8_t>(interface), *this);
  done(good ? 0 : -1, good ? 0 : EINVAL);
}

int UsbfsClient::check(std::uint8_t interface) {
  const UsbfsClaims::State state = file_.claims().state(interface, *this);
  if (state == UsbfsClaims::State::busy) return EBUSY;
  if (state == UsbfsClaims::State::free) file_.claims().claim(interface, *this);
  return 0;
}

int UsbfsClient::check_request(const UsbSetup& setup) {
  const auto index = static_cast<std::uint8_t>(setup.index);
  if (setup.kind() == 2) return 0;  // a vendor's may be for anything
  if (setup.recipient() == 1 && file_.device().has_interface(index)) return check(index);
  if (setup.recipient() == 2) {
    const UsbLayout* const layout = file_.device().interface_of(index);
    return layout != nullptr ? check(layout->number) : ENOENT;
  }
  return 0;
}

void UsbfsClient::clear_halt(unsigned endpoint) {
  const auto address = static_cast<std::uint8_t>(endpoint);
  const UsbLayout* const layout = file_.device().interface_of(address);
  const int error = layout != nullptr ? check(layout->number) : ENOENT;
  if (error != 0) {
    done(-1, error);
    return;
  }
  file_.device().clear_halt(address);
  done(0);
}

void UsbfsClient::set_configuration(unsigned value) {
  if (value > 1) {
    done(-1, EINVAL);
  } else if (!file_.claims().empty()) {
    done(-1, EBUSY);
  } else {
    done(0);
  }
}

void UsbfsClient::set_interface(std::uint64_t argument) {
  fetch(argument, sizeof(usbdevfs_setinterface), [this](const std::string& bytes) {
    const auto wanted = usbfs_value<usbdevfs_setinterface>(bytes);
    const auto number = static_cast<std::uint8_t>(wanted.interface);
    int error = file_.device().has_interface(number) ? check(number) : ENOENT;
    if (error == 0 && wanted.altsetting != 0) error = EINVAL;
    done(error == 0 ? 0 : -1, error);
  });
}

void UsbfsClient::get_driver(std::uint64_t argument) {
  fetch(argument, sizeof(usbdevfs_getdriver), [this, argument](const std::string& bytes) {
    auto asked = usbfs_value<usbdevfs_getdriver>(bytes);
    const auto number = static_cast<std::uint8_t>(asked.interface);
    std::string name = file_.claims().kernel_driver(number);
    if (name.empty() && file_.claims().holder(number) != nullptr) name = kUsbfs;
    if (name.empty()) {
      done(-1, ENODATA);
      return;
    }
    std::snprintf(asked.driver, sizeof asked.driver, "%s", name.c_str());
    store(argument, usbfs_bytes(asked));
    done(0);
  });
}

void UsbfsClient::driver_ioctl(std::uint64_t argument) {
  fetch(argument, sizeof(usbdevfs_ioctl), [this](const std::string& bytes) {
    const auto asked = usbfs_value<usbdevfs_ioctl>(bytes);
    const auto number = static_cast<std::uint8_t>(asked.ifno);
    const auto code = static_cast<unsigned>(asked.ioctl_code);
    if (code == USBDEVFS_DISCONNECT) {
      const bool good = file_.claims().detach(number);
      done(good ? 0 : -1, good ? 0 : ENODATA);
    } else if (code == USBDEVFS_CONNECT) {
      const UsbfsClaims::Attached attached = file_.claims().attach(number);
      const bool busy = attached == UsbfsClaims::Attached::busy;
      done(busy ? -1 : attached == UsbfsClaims::Attached::done ? 1 : 0, busy ? EBUSY : 0);
    } else {
      done(-1, ENOTTY);
    }
  });
}

void UsbfsClient::disconnect_claim(std::uint64_t argument) {
  fetch(argument, sizeof(usbdevfs_disconnect_claim), [this](const std::string& bytes) {
    const auto asked = usbfs_value<usbdevfs_disconnect_claim>(bytes);
    const auto number = static_cast<std::uint8_t>(asked.interface);
    const std::string& bound = file_.claims().kernel_driver(number);
    const std::string named(asked.driver, ::strnlen(asked.driver, sizeof asked.driver));
    if (!bound.empty()) {
      if (((asked.flags & USBDEVFS_DISCONNECT_CLAIM_IF_DRIVER) != 0 && bound != named) ||
          ((asked.flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) != 0 && bound == named)) {
        done(-1, EBUSY);
        return;
      }
      file_.claims().detach(number);
    }
    claim(number);
  });
}

}  // namespace visa::sim
