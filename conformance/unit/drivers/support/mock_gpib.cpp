// SPDX-License-Identifier: MIT
// Requests wait as the kernel's do, so that each is answered by a thread of its own.
#include "conformance/unit/drivers/support/mock_gpib.h"

#include <sys/ioctl.h>
#include <umockdev-1.0/umockdev.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "conformance/unit/support/sanitizers.h"

namespace visa::test {
namespace {

namespace kernel = drivers::gpib::kernel;

constexpr char kDevice[] =
    "P: /devices/virtual/gpib_common/gpib0\nN: gpib0\nE: DEVNAME=/dev/gpib0\n"
    "E: SUBSYSTEM=gpib_common\nE: MAJOR=160\nE: MINOR=0\nA: dev=160:0\\n\n";

}  // namespace

struct MockGpib::Self {
  GpibKernelModel model;
  UMockdevTestbed* bed = nullptr;
  UMockdevIoctlBase* handler = nullptr;
  std::mutex lock;
  std::condition_variable idle;
  int running = 0;
  std::map<UMockdevIoctlClient*, int> numbers;  // instead of thread ids

  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
    static_cast<Self*>(self)->take(client);
    return TRUE;
  }

  /// What a request needs of its program: the argument, and the buffer of a transfer. Read on the
  /// testbed's thread, which umockdev wants.
  struct Asked {
    UMockdevIoctlClient* client = nullptr;
    int number = 0;
    gulong request = 0;
    gsize size = 0;
    UMockdevIoctlData* data = nullptr;
    UMockdevIoctlData* buffer = nullptr;
  };

  void take(UMockdevIoctlClient* client) {
    Asked asked;
    asked.client = static_cast<UMockdevIoctlClient*>(g_object_ref(client));
    asked.request = umockdev_ioctl_client_get_request(client);
    asked.size = static_cast<gsize>(_IOC_SIZE(asked.request));
    if (asked.size > 0) {
      asked.data = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, asked.size,
                                               nullptr);
    }
    const bool moves = asked.request == kernel::kRead || asked.request == kernel::kWrite ||
                       asked.request == kernel::kCommand;
    if (moves && asked.data != nullptr) {
      const auto* transfer = reinterpret_cast<const kernel::Transfer*>(asked.data->data);
      asked.buffer = umockdev_ioctl_data_resolve(asked.data, 0, transfer->requested, nullptr);
    }
    const std::lock_guard guard(lock);
    asked.number = numbers.try_emplace(client, 1 + static_cast<int>(numbers.size())).first->second;
    ++running;
    std::thread([this, asked] {
      answer(asked);
      const std::lock_guard done(lock);
      --running;
      idle.notify_all();
    }).detach();
  }

  void answer(const Asked& asked) {
    auto* const buffer =
        asked.buffer != nullptr ? reinterpret_cast<std::byte*>(asked.buffer->data) : nullptr;
    void* const argument = asked.data != nullptr ? asked.data->data : nullptr;
    const int error = model.request({asked.number, nullptr}, asked.request, argument, buffer);
    if (asked.buffer != nullptr && asked.request == kernel::kRead) {
      const auto count = static_cast<const kernel::Transfer*>(argument)->completed;
      const std::string copy(reinterpret_cast<const char*>(buffer), count);
      umockdev_ioctl_data_update(asked.buffer, 0,
                                 reinterpret_cast<guint8*>(const_cast<char*>(copy.data())),
                                 static_cast<gint>(copy.size()));
    }
    if (asked.data != nullptr) {
      const std::string copy(static_cast<const char*>(argument), asked.size);
      umockdev_ioctl_data_update(asked.data, 0,
                                 reinterpret_cast<guint8*>(const_cast<char*>(copy.data())),
                                 static_cast<gint>(copy.size()));
    }
    umockdev_ioctl_client_complete(asked.client, error == 0 ? 0 : -1, error);
    if (asked.buffer != nullptr) umockdev_ioctl_data_unref(asked.buffer);
    if (asked.data != nullptr) umockdev_ioctl_data_unref(asked.data);
    g_object_unref(asked.client);
  }
};

const char* MockGpib::missing() {
  if (kThreadSanitizer) return "umockdev and GLib are not built for the thread sanitizer";
  const char* const preload = ::getenv("LD_PRELOAD");
  const bool loaded = preload != nullptr && std::strstr(preload, "umockdev") != nullptr;
  return loaded ? nullptr : "umockdev is not loaded (Debian, Ubuntu: umockdev)";
}

MockGpib::MockGpib() : self_(std::make_unique<Self>()) {
  self_->bed = umockdev_testbed_new();
  GError* error = nullptr;
  if (umockdev_testbed_add_from_string(self_->bed, kDevice, &error) == FALSE) {
    throw std::runtime_error(error->message);
  }
  self_->handler = umockdev_ioctl_base_new();
  g_signal_connect(self_->handler, "handle-ioctl", G_CALLBACK(&Self::on_ioctl), self_.get());
  if (umockdev_testbed_attach_ioctl(self_->bed, "/dev/gpib0", self_->handler, &error) == FALSE) {
    throw std::runtime_error(error->message);
  }
}

MockGpib::~MockGpib() {
  self_->model.with([](GpibKernelModel& model) {
    model.unplugged = true;  // ends what waits
    model.holder = 0;
  });
  {
    std::unique_lock guard(self_->lock);
    self_->idle.wait(guard, [&] { return self_->running == 0; });
  }
  umockdev_testbed_detach_ioctl(self_->bed, "/dev/gpib0", nullptr);
  g_object_unref(self_->handler);
  g_object_unref(self_->bed);
}

GpibKernelModel& MockGpib::model() noexcept {
  return self_->model;
}

}  // namespace visa::test
