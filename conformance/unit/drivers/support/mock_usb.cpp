// SPDX-License-Identifier: MIT
// usbfs for one device: each open node is a client with claims, running URBs and ended URBs of its
// own. The node is the slave of a pseudo-terminal, so that poll works: writable when a URB can be
// reaped, hung up when the device is gone. The handler runs on the thread of the testbed.
#include "conformance/unit/drivers/support/mock_usb.h"

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

namespace visa::test {
namespace {

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

std::string hex(const Bytes& bytes) {
  std::string text;
  char two[3];
  for (const auto byte : bytes) {
    std::snprintf(two, sizeof two, "%02X", unsigned{byte});
    text += two;
  }
  return text;
}

std::string number(unsigned value) {
  char text[8];
  std::snprintf(text, sizeof text, "%03u", value);
  return text;
}

}  // namespace

struct MockUsb::Self {
  std::unique_ptr<TmcModel> model;
  MockPlug how;
  UMockdevTestbed* bed = nullptr;
  UMockdevIoctlBase* handler = nullptr;
  mutable std::recursive_mutex lock;
  std::map<IoctlClient*, Client> clients;
  std::string driver;
  std::string real_node;
  std::uint64_t submitted = 0;
  bool gone = false;
  int master = -1;
  int slave = -1;

  static gboolean on_ioctl(UMockdevIoctlBase*, IoctlClient* client, gpointer self) {
    return static_cast<Self*>(self)->ioctl(client) ? TRUE : FALSE;
  }

  std::string node() const { return "/dev/bus/usb/001/" + number(how.address); }
  std::string sys() const { return "/sys/devices/usb1/" + how.port; }

  std::string description() const {
    Bytes all = model->device_descriptor();
    const Bytes configuration = model->configuration();
    all.insert(all.end(), configuration.begin(), configuration.end());
    return "P: /devices/usb1/" + how.port + "\nN: bus/usb/001/" + number(how.address) +
           "\nE: DEVNAME=" + node() +
           "\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: BUSNUM=001\nE: DEVNUM=" +
           number(how.address) + "\nE: PRODUCT=1209/1/100\nE: MAJOR=189\nE: MINOR=1\n" +
           "A: busnum=1\\n\nA: devnum=" + std::to_string(how.address) +
           "\\n\nA: speed=480\\n\nA: bConfigurationValue=1\\n\nA: idVendor=1209\\n\n"
           "A: idProduct=0001\\n\nA: manufacturer=FreeVISA\\n\nA: product=model\\n\n" +
           (model->serial.empty() ? "" : "A: serial=" + model->serial + "\\n\n") +
           "H: descriptors=" + hex(all) + "\n";
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
    case USBDEVFS_CLEAR_HALT:
      model->clear_halt(static_cast<std::uint8_t>(value(argument, 0)));
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

bool MockUsb::available() {
  const char* const preload = ::getenv("LD_PRELOAD");
  return preload != nullptr && std::strstr(preload, "umockdev") != nullptr;
}

MockUsb::MockUsb(std::unique_ptr<TmcModel> model) : self_(std::make_unique<Self>()) {
  self_->model = std::move(model);
  self_->bed = umockdev_testbed_new();
}

MockUsb::~MockUsb() {
  unplug();
  if (self_->handler != nullptr) g_object_unref(self_->handler);
  g_object_unref(self_->bed);
}

TmcModel& MockUsb::model() {
  return *self_->model;
}

void MockUsb::plug(const MockPlug& how) {
  self_->how = how;
  self_->driver = how.kernel_driver;
  self_->gone = false;
  self_->clients.clear();
  GError* error = nullptr;
  if (umockdev_testbed_add_from_string(self_->bed, self_->description().c_str(), &error) == FALSE) {
    throw std::runtime_error(error->message);
  }
  self_->handler = umockdev_ioctl_base_new();
  g_signal_connect(self_->handler, "handle-ioctl", G_CALLBACK(&Self::on_ioctl), self_.get());
  if (umockdev_testbed_attach_ioctl(self_->bed, self_->node().c_str(), self_->handler, &error) ==
      FALSE) {
    throw std::runtime_error(error->message);
  }
  self_->make_pollable();
  if (!how.permitted) {
    umockdev_testbed_disable(self_->bed);
    ::unlink(self_->real_node.c_str());
    ::symlink("/proc/sys/kernel/cap_last_cap", self_->real_node.c_str());  // EACCES for everybody
    umockdev_testbed_enable(self_->bed);
  }
}

void MockUsb::unplug() {
  {
    const std::lock_guard guard(self_->lock);
    if (self_->gone || self_->real_node.empty()) return;
    self_->gone = true;
    self_->pump();
    ::close(self_->master);  // whoever polls the node sees POLLHUP
    ::close(self_->slave);
    self_->master = self_->slave = -1;
  }
  umockdev_testbed_detach_ioctl(self_->bed, self_->node().c_str(), nullptr);
  umockdev_testbed_uevent(self_->bed, self_->sys().c_str(), "remove");
  umockdev_testbed_remove_device(self_->bed, self_->sys().c_str());
  umockdev_testbed_disable(self_->bed);
  ::unlink(self_->real_node.c_str());
  umockdev_testbed_enable(self_->bed);
}

void MockUsb::with(const std::function<void(TmcModel&)>& use) {
  const std::lock_guard guard(self_->lock);
  use(*self_->model);
  self_->pump();
}

int MockUsb::claims() const {
  const std::lock_guard guard(self_->lock);
  self_->bury();
  std::size_t count = 0;
  for (const auto& [key, client] : self_->clients) count += client.claims.size();
  return static_cast<int>(count);
}

int MockUsb::opened() const {
  const std::lock_guard guard(self_->lock);
  self_->bury();
  return static_cast<int>(self_->clients.size());
}

std::string MockUsb::driver() const {
  const std::lock_guard guard(self_->lock);
  return self_->driver;
}

std::string MockUsb::node() const {
  return self_->real_node;
}

std::uint64_t MockUsb::submitted() const {
  const std::lock_guard guard(self_->lock);
  return self_->submitted;
}

}  // namespace visa::test
