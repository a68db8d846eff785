// SPDX-License-Identifier: MIT
// The inside of MockUsb: usbfs for one device. Each open node is a client with claims, running URBs
// and ended URBs of its own. The node is the slave of a pseudo-terminal, so that poll works:
// writable when a URB can be reaped, hung up when the device is gone. The handler runs on the
// thread of the testbed.
#pragma once
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <pty.h>
#include <termios.h>
#include <umockdev-1.0/umockdev.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include "conformance/unit/drivers/support/mock_usb.h"

namespace visa::test {
namespace mock {

using IoctlClient = UMockdevIoctlClient;
using IoctlData = UMockdevIoctlData;

struct Flying {
  IoctlData* urb;   // struct usbdevfs_urb
  IoctlData* data;  // its buffer; null for an empty one
  std::size_t count = 0;
  int error = 0;

  usbdevfs_urb& head() const { return *reinterpret_cast<usbdevfs_urb*>(urb->data); }
};

struct Client {
  std::set<unsigned> claims;
  std::list<Flying> flying;
  std::deque<Flying> ended;
};

inline std::string hex(const Bytes& bytes) {
  std::string text;
  char two[3];
  for (const auto byte : bytes) {
    std::snprintf(two, sizeof two, "%02X", unsigned{byte});
    text += two;
  }
  return text;
}

inline std::string number(unsigned value) {
  char text[8];
  std::snprintf(text, sizeof text, "%03u", value);
  return text;
}

}  // namespace mock

struct MockUsb::Self {
  using IoctlClient = mock::IoctlClient;
  using IoctlData = mock::IoctlData;
  using Client = mock::Client;
  using Flying = mock::Flying;

  std::unique_ptr<TmcModel> model;
  MockPlug how;
  UMockdevTestbed* bed = nullptr;
  UMockdevIoctlBase* handler = nullptr;
  mutable std::recursive_mutex lock;
  std::map<IoctlClient*, Client> clients;
  std::string driver;
  std::string real_node;
  std::uint64_t submitted = 0;
  std::vector<int> reset;  // endpoints whose host side was
  bool gone = false;
  int master = -1;
  int slave = -1;

  static gboolean on_ioctl(UMockdevIoctlBase*, IoctlClient* client, gpointer self) {
    return static_cast<Self*>(self)->ioctl(client) ? TRUE : FALSE;
  }

  std::string node() const { return "/dev/bus/usb/001/" + mock::number(how.address); }
  std::string sys() const { return "/sys/devices/usb1/" + how.port; }

  std::string description() const {
    Bytes all = model->device_descriptor();
    const Bytes configuration = model->configuration();
    all.insert(all.end(), configuration.begin(), configuration.end());
    return "P: /devices/usb1/" + how.port + "\nN: bus/usb/001/" + mock::number(how.address) +
           "\nE: DEVNAME=" + node() +
           "\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: BUSNUM=001\nE: DEVNUM=" +
           mock::number(how.address) + "\nE: PRODUCT=1209/1/100\nE: MAJOR=189\nE: MINOR=1\n" +
           "A: busnum=1\\n\nA: devnum=" + std::to_string(how.address) +
           "\\n\nA: speed=480\\n\nA: bConfigurationValue=1\\n\nA: idVendor=1209\\n\n"
           "A: idProduct=0001\\n\nA: manufacturer=FreeVISA\\n\nA: product=model\\n\n" +
           (model->serial.empty() ? "" : "A: serial=" + model->serial + "\\n\n") +
           "H: descriptors=" + mock::hex(all) + "\n";
  }

  void make_pollable() {
    gchar* const root = umockdev_testbed_get_root_dir(bed);
    real_node = std::string(root) + node();
    g_free(root);
    umockdev_testbed_disable(bed);  // these calls mean the real files
    char name[64];
    const bool made = ::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0 &&
                      ::ttyname_r(slave, name, sizeof name) == 0 &&
                      ::unlink(real_node.c_str()) == 0 && ::symlink(name, real_node.c_str()) == 0;
    ::fcntl(master, F_SETFD, FD_CLOEXEC);
    ::fcntl(slave, F_SETFD, FD_CLOEXEC);
    umockdev_testbed_enable(bed);
    if (!made) throw std::runtime_error("no pseudo-terminal for the device node");
    writable();
  }

  void writable() const {
    bool any = false;
    for (const auto& [key, client] : clients) any = any || !client.ended.empty();
    if (slave >= 0) ::tcflow(slave, any ? TCOON : TCOOFF);
  }

  /// Forgets what clients that have died hold. umockdev does not tell of their death.
  void bury() {
    for (auto at = clients.begin(); at != clients.end();) {
      const bool alive = umockdev_ioctl_client_get_connected(at->first) != FALSE;
      if (!alive) g_object_unref(at->first);
      at = alive ? std::next(at) : clients.erase(at);
    }
  }

  bool claimed_by_other(IoctlClient* client, unsigned interface) {
    bury();
    for (const auto& [key, one] : clients) {
      if (key != client && one.claims.contains(interface)) return true;
    }
    return false;
  }

  void end(Client& client, std::list<Flying>::iterator at, int error) {
    at->error = error;
    client.ended.push_back(*at);
    client.flying.erase(at);
  }

  /// Lets each running URB go on, those of one endpoint in their order, until none can.
  void pump() {
    while (pump_once()) {
    }
    writable();
  }

  bool pump_once() {
    bool any = false;
    for (auto& [key, client] : clients) {
      std::set<unsigned> waiting;
      for (auto at = client.flying.begin(); at != client.flying.end();) {
        const auto now = at++;
        const unsigned endpoint = now->head().endpoint;
        if (gone) {
          end(client, now, -ESHUTDOWN);
        } else if (!waiting.contains(endpoint)) {
          const bool ended = advance(client, now);
          if (!ended) waiting.insert(endpoint);
          any = any || ended;
        }
      }
    }
    return any;
  }

  bool advance(Client& client, std::list<Flying>::iterator at) {
    usbdevfs_urb& urb = at->head();
    const auto room = static_cast<std::size_t>(urb.buffer_length);
    auto* const buffer = at->data == nullptr ? nullptr : at->data->data;
    Urb result;
    std::size_t offset = at->count;
    bool to_host = (urb.endpoint & 0x80) != 0;
    if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
      const spi::UsbSetup setup{buffer[0], buffer[1],
                                static_cast<std::uint16_t>(buffer[2] | buffer[3] << 8),
                                static_cast<std::uint16_t>(buffer[4] | buffer[5] << 8)};
      to_host = (setup.request_type & 0x80) != 0;
      offset = 8;
      result =
          model->control(setup, to_host ? Bytes() : Bytes(buffer + 8, buffer + room), room - 8);
    } else if (!to_host) {
      result = model->out(Bytes(buffer, buffer + room));
    } else if (urb.endpoint == TmcModel::kInterrupt) {
      result = model->interrupt();
    } else {
      result = model->in(room - at->count, at->count);
    }
    if (to_host && !result.data.empty()) {
      std::memcpy(buffer + offset, result.data.data(), result.data.size());
      at->count += result.data.size();
    }
    if (!result.ended) return false;
    if (!to_host && result.error == 0) {
      at->count = room - (urb.type == USBDEVFS_URB_TYPE_CONTROL ? 8 : 0);
    }
    end(client, at, -result.error);
    return true;
  }

  bool ioctl(IoctlClient* client);
  int submit(Client& client, IoctlData* argument);
  int discard(Client& client, IoctlData* argument);
  int reap(Client& client, IoctlData* argument);
  int claim(IoctlClient* client, unsigned interface, bool detach);
  int value(IoctlData* argument, unsigned set_to);
};

}  // namespace visa::test
