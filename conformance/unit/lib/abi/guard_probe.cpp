// SPDX-License-Identifier: MIT
// A library for guard_probe_test.py: the guard of lib/abi/guard.h with a user's callback where
// handlers will run, so that Python can end a thread in there. Loaded by ctypes; never shipped.
#include <visa.h>

#include <thread>

#include "lib/abi/guard.h"
#include "lib/base/log.h"
#include "lib/core/resource_manager.h"
#include "lib/spi/builtin.h"

// The probe opens nothing.
std::vector<std::unique_ptr<visa::spi::Driver>> visa::spi::make_builtin_drivers() {
  return {};
}
std::vector<std::unique_ptr<visa::spi::Finder>> visa::spi::make_builtin_finders() {
  return {};
}

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::core::Object;

using Callback = void (*)();

void call_back(void* callback, visa::core::Handle, const char*, Status) {
  (*static_cast<Callback*>(callback))();
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) ViUInt32 probe_open() {
  const auto opened = visa::core::ResourceManager::open_default();
  return opened ? *opened : 0;
}

/// The callback inside the body, below every catch clause of the guard.
__attribute__((visibility("default"))) ViStatus probe_body(ViUInt32 vi, Callback callback) {
  return visa::abi::on<Object>(__func__, vi, Args{in("vi", vi)}, [&](Object&) {
    callback();
    return Status::success;
  });
}

/// The callback as an EXCEPTION handler, which runs after the body.
__attribute__((visibility("default"))) ViStatus probe_hook(ViUInt32 vi, Callback callback) {
  const auto object = visa::core::Library::current()->objects.find<Object>(vi);
  object->set_exception_hook({call_back, &callback});
  return visa::abi::on<Object>(__func__, vi, Args{in("vi", vi)},
                               [](Object&) { return Status::error_tmo; });
}

/// The callback on a thread that Python did not make, as handlers of queued events will run.
__attribute__((visibility("default"))) ViStatus probe_thread(ViUInt32 vi, Callback callback) {
  std::thread([vi, callback] { probe_body(vi, callback); }).detach();
  return VI_SUCCESS;
}

/// What the guard must not be: one noexcept frame. Ends the process, which shows that Python's
/// unwinding does pass here.
__attribute__((visibility("default"))) ViStatus probe_noexcept(ViUInt32, Callback callback) {
  [&]() noexcept { callback(); }();
  return VI_SUCCESS;
}

}  // extern "C"
