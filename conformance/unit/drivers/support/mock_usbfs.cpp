// SPDX-License-Identifier: MIT
// The ioctls of usbfs that libusb uses.
#include "conformance/unit/drivers/support/mock_usbfs.h"

namespace visa::test {

int MockUsb::Self::submit(Client& client, IoctlData* argument) {
  Flying one{};
  one.urb = umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_urb), nullptr);
  if (one.urb == nullptr) return EFAULT;
  const auto size = static_cast<gsize>(one.head().buffer_length);
  if (size > 0) {
    one.data = umockdev_ioctl_data_resolve(one.urb, offsetof(usbdevfs_urb, buffer), size, nullptr);
    if (one.data == nullptr) return EFAULT;
  }
  ++submitted;
  client.flying.push_back(one);
  pump();
  return 0;
}

int MockUsb::Self::discard(Client& client, IoctlData* argument) {
  const gulong address = *reinterpret_cast<gulong*>(argument->data);
  for (auto at = client.flying.begin(); at != client.flying.end(); ++at) {
    if (at->urb->client_addr != address) continue;
    end(client, at, -ENOENT);
    writable();
    return 0;
  }
  return EINVAL;
}

int MockUsb::Self::reap(Client& client, IoctlData* argument) {
  if (client.ended.empty()) return gone ? ENODEV : EAGAIN;
  const Flying one = client.ended.front();
  client.ended.pop_front();
  writable();
  one.head().status = one.error;
  one.head().actual_length = static_cast<int>(one.count);
  IoctlData* const pointer = umockdev_ioctl_data_resolve(argument, 0, sizeof(gpointer), nullptr);
  if (pointer == nullptr) return EFAULT;
  umockdev_ioctl_data_set_ptr(pointer, 0, one.urb);
  umockdev_ioctl_data_unref(pointer);
  if (one.data != nullptr) umockdev_ioctl_data_unref(one.data);
  umockdev_ioctl_data_unref(one.urb);
  return 0;
}

int MockUsb::Self::claim(IoctlClient* client, unsigned interface, bool detach) {
  if (claimed_by_other(client, interface)) return EBUSY;
  if (!driver.empty() && !detach) return EBUSY;
  driver.clear();
  clients[client].claims.insert(interface);
  return 0;
}

/// Reads an unsigned argument.
int MockUsb::Self::value(IoctlData* argument, unsigned set_to) {
  IoctlData* const data = umockdev_ioctl_data_resolve(argument, 0, sizeof(unsigned), nullptr);
  if (data == nullptr) return -1;
  int read = 0;
  std::memcpy(&read, data->data, sizeof read);
  if (set_to != 0) {
    umockdev_ioctl_data_update(data, 0, reinterpret_cast<guint8*>(&set_to), sizeof set_to);
  }
  umockdev_ioctl_data_unref(data);
  return read;
}

bool MockUsb::Self::ioctl(IoctlClient* client) {
  const std::lock_guard guard(lock);
  auto* const argument = umockdev_ioctl_client_get_arg(client);
  const gulong request = umockdev_ioctl_client_get_request(client);
  const auto [at, fresh] = clients.try_emplace(client);
  if (fresh) g_object_ref(client);
  Client& own = at->second;
  int error = 0;
  long result = 0;
  const bool reaps = request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB;
  if (gone && !reaps) {
    umockdev_ioctl_client_complete(client, -1, ENODEV);
    return true;
  }
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
      value(argument, USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                          USBDEVFS_CAP_REAP_AFTER_DISCONNECT);
      break;
    case USBDEVFS_GET_SPEED:
      result = 3;
      break;
    case USBDEVFS_CLAIMINTERFACE:
      error = claim(client, static_cast<unsigned>(value(argument, 0)), false);
      break;
    case USBDEVFS_DISCONNECT_CLAIM: {
      IoctlData* const data =
          umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_disconnect_claim), nullptr);
      error =
          claim(client, reinterpret_cast<usbdevfs_disconnect_claim*>(data->data)->interface, true);
      umockdev_ioctl_data_unref(data);
      break;
    }
    case USBDEVFS_RELEASEINTERFACE:
      own.claims.erase(static_cast<unsigned>(value(argument, 0)));
      break;
    case USBDEVFS_IOCTL:  // libusb sends it to attach the driver again
      driver = how.kernel_driver;
      result = driver.empty() ? 0 : 1;
      break;
    case USBDEVFS_SETINTERFACE:
      break;
    case USBDEVFS_RESETEP:
      reset.push_back(value(argument, 0));
      break;
    case USBDEVFS_SUBMITURB:
      error = submit(own, argument);
      break;
    case USBDEVFS_DISCARDURB:
      error = discard(own, argument);
      break;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
      error = reap(own, argument);
      break;
    default:
      error = ENOTTY;
      break;
  }
  umockdev_ioctl_client_complete(client, error != 0 ? -1 : result, error);
  return true;
}

}  // namespace visa::test
