// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/fake_gpib.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <fstream>
#include <mutex>

extern "C" {
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
}

namespace visa::test {
namespace {

std::mutex place;
std::shared_ptr<GpibKernelModel> board;

std::shared_ptr<GpibKernelModel> current() {
  const std::lock_guard lock(place);
  return board;
}

}  // namespace

FakeGpib::FakeGpib()
    : path_(folder_.path() + "/gpib0"), model_(std::make_shared<GpibKernelModel>()) {
  std::ofstream(path_).put('\n');
  const std::lock_guard lock(place);
  board = model_;
}

FakeGpib::~FakeGpib() {
  {
    const std::lock_guard lock(place);
    board.reset();
  }
  // Whatever still waits in there comes out.
  model_->with([](GpibKernelModel& model) {
    model.unplugged = true;
    model.holder = 0;
  });
}

}  // namespace visa::test

int __wrap_ioctl(int fd, unsigned long request, ...) {
  std::va_list list;
  va_start(list, request);
  void* const argument = va_arg(list, void*);
  va_end(list);
  const auto model = visa::test::current();
  if (model == nullptr || _IOC_TYPE(request) != visa::drivers::gpib::kernel::kType) {
    return __real_ioctl(fd, request, argument);
  }
  std::byte* buffer = nullptr;
  if (request == visa::drivers::gpib::kernel::kRead ||
      request == visa::drivers::gpib::kernel::kWrite ||
      request == visa::drivers::gpib::kernel::kCommand) {
    const auto* transfer = static_cast<const visa::drivers::gpib::kernel::Transfer*>(argument);
    buffer = reinterpret_cast<std::byte*>(static_cast<std::uintptr_t>(transfer->buffer));
  }
  const int thread = static_cast<int>(::syscall(SYS_gettid));
  const int error = model->request({thread, nullptr}, request, argument, buffer);
  if (error == 0) return 0;
  errno = error;
  return -1;
}
