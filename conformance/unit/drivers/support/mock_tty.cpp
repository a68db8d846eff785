// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/mock_tty.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <umockdev-1.0/umockdev.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "conformance/unit/support/patience.h"
#include "conformance/unit/support/umockdev.h"

namespace visa::test {
namespace {

constexpr char kDevice[] = "/devices/usb1/1-4";
constexpr int kOutputs = TIOCM_RTS | TIOCM_DTR;

std::string description() {
  const std::string usb = kDevice;
  const std::string port = usb + "/1-4:1.0/ttyUSB7";
  return "P: " + port + "/tty/ttyUSB7\nN: ttyUSB7\nS: " + (MockTty::kById + 5) +
         "\nE: DEVNAME=/dev/ttyUSB7\nE: SUBSYSTEM=tty\nE: MAJOR=188\nE: MINOR=7\n"
         "A: dev=188:7\\n\nL: device=../../../ttyUSB7\n\n"
         "P: " +
         port + "\nE: SUBSYSTEM=usb-serial\n\nP: " + usb +
         "/1-4:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n\nP: " + usb +
         "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
         "A: busnum=1\\n\nA: devnum=9\\n\nA: idVendor=0403\\n\nA: idProduct=6001\\n\n"
         "A: manufacturer=FTDI\\n\nA: product=Toy serial\\n\nA: serial=S7\\n\n"
         "A: bConfigurationValue=1\\n\n";
}

}  // namespace

struct MockTty::Self {
  UMockdevTestbed* bed = umockdev_testbed_new();
  UMockdevIoctlBase* handler = umockdev_ioctl_base_new();
  int master = -1;
  mutable std::mutex mutex;
  int inputs = 0;
  int outputs = 0;
  int opened = 0;

  static void on_open(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer self) {
    const std::lock_guard lock(static_cast<Self*>(self)->mutex);
    ++static_cast<Self*>(self)->opened;
  }
  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
    static_cast<Self*>(self)->answer(client);
    return TRUE;
  }

  void answer(UMockdevIoctlClient* client) {
    const unsigned long request = umockdev_ioctl_client_get_request(client);
    const bool of_lines =
        request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC;
    if (!of_lines) {  // the pseudo-terminal knows the others
      int error = 0;
      const int result = umockdev_ioctl_client_execute(client, &error, nullptr);
      umockdev_ioctl_client_complete(client, result, error);
      return;
    }
    UMockdevIoctlData* const argument =
        umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(int), nullptr);
    if (argument == nullptr) {  // the program has died in this call
      umockdev_ioctl_client_complete(client, -1, EFAULT);
      return;
    }
    int bits = 0;
    std::memcpy(&bits, argument->data, sizeof bits);
    {
      const std::lock_guard lock(mutex);
      if (request == TIOCMSET) outputs = bits & kOutputs;
      if (request == TIOCMBIS) outputs |= bits & kOutputs;
      if (request == TIOCMBIC) outputs &= ~bits;
      bits = inputs | outputs;
    }
    if (request == TIOCMGET) {
      umockdev_ioctl_data_update(argument, 0, reinterpret_cast<guint8*>(&bits), sizeof bits);
    }
    umockdev_ioctl_data_unref(argument);
    umockdev_ioctl_client_complete(client, 0, 0);
  }

  /// As udev makes it. umockdev's leads to the real path of its node, and the number of a device is
  /// known to it by the path alone.
  void make_link() const {
    gchar* const folder = umockdev_testbed_get_root_dir(bed);
    const std::string root = folder;
    g_free(folder);
    std::string name = kById + 5;
    std::replace(name.begin(), name.end(), '/', '_');
    umockdev_testbed_disable(bed);  // these calls mean the real files
    const std::string link = root + kById;
    const bool made = ::unlink(link.c_str()) == 0 &&
                      ::symlink("../../ttyUSB7", link.c_str()) == 0 &&
                      ::symlink("188:7", (root + "/dev/.node/" + name).c_str()) == 0;
    umockdev_testbed_enable(bed);
    if (!made) throw std::runtime_error("no link to the port");
  }

  bool arrives() const {
    pollfd watched{master, POLLIN, 0};
    const std::chrono::milliseconds most = kPatience;
    return ::poll(&watched, 1, static_cast<int>(most.count())) > 0 &&
           (watched.revents & POLLIN) != 0;
  }
};

const char* MockTty::missing() {
  if (const char* const why = umockdev_missing()) return why;
  const char* const preload = ::getenv("LD_PRELOAD");
  return std::strstr(preload, "realpath_of_nodes") != nullptr ? nullptr
                                                              : "realpath_of_nodes is not loaded";
}

MockTty::MockTty() : self_(std::make_unique<Self>()) {
  g_signal_connect(self_->handler, "handle-ioctl", G_CALLBACK(&Self::on_ioctl), self_.get());
  g_signal_connect(self_->handler, "client-connected", G_CALLBACK(&Self::on_open), self_.get());
}

MockTty::~MockTty() {
  if (self_->master >= 0) unplug();
  g_object_unref(self_->handler);
  g_object_unref(self_->bed);
}

void MockTty::plug() {
  GError* error = nullptr;
  bool good = umockdev_testbed_add_from_string(self_->bed, description().c_str(), &error) != FALSE;
  for (const char* const path : {kNode, kById}) {
    good = good && umockdev_testbed_attach_ioctl(self_->bed, path, self_->handler, &error) != FALSE;
  }
  if (!good) throw std::runtime_error(error->message);
  self_->make_link();
  self_->master = umockdev_testbed_get_dev_fd(self_->bed, kNode);
}

// The testbed never closes the instrument's side.
void MockTty::unplug() {
  ::close(self_->master);
  self_->master = -1;
  umockdev_testbed_remove_device(self_->bed, (std::string("/sys") + kDevice).c_str());
}

void MockTty::send(const std::string& bytes) const {
  if (::write(self_->master, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("the port is closed");
  }
}

std::string MockTty::receive(std::size_t size) const {
  std::string data(size, '\0');
  std::size_t count = 0;
  while (count < size && self_->arrives()) {
    const ssize_t got = ::read(self_->master, data.data() + count, size - count);
    if (got <= 0) break;
    count += static_cast<std::size_t>(got);
  }
  data.resize(count);
  return data;
}

void MockTty::set_inputs(int lines) {
  const std::lock_guard lock(self_->mutex);
  self_->inputs = lines;
}

int MockTty::outputs() const {
  const std::lock_guard lock(self_->mutex);
  return self_->outputs;
}

int MockTty::opened() const {
  const std::lock_guard lock(self_->mutex);
  return self_->opened;
}

}  // namespace visa::test
