// SPDX-License-Identifier: MIT
// Plugging and unplugging, in a testbed of umockdev; mock_usbfs.cpp answers what libusb asks.
#include "conformance/unit/drivers/support/mock_usb.h"

#include <unistd.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "conformance/unit/drivers/support/mock_usbfs.h"
#include "conformance/unit/support/umockdev.h"

namespace visa::test {

const char* MockUsb::missing() {
  return umockdev_missing();
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
  std::unique_lock guard(self_->lock);
  self_->how = how;
  self_->driver = how.kernel_driver;
  self_->gone = false;
  self_->clients.clear();
  guard.unlock();
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

bool MockUsb::closed() const {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (;;) {
    {
      const std::lock_guard guard(self_->lock);
      self_->bury();
      if (self_->clients.empty()) return true;
    }
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
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

std::vector<int> MockUsb::reset() const {
  const std::lock_guard guard(self_->lock);
  return self_->reset;
}

}  // namespace visa::test
