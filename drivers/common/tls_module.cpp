// SPDX-License-Identifier: MIT
// A failure is not remembered: the user may install what is missing while the program runs.
#include "drivers/common/tls_module.h"

#include <dlfcn.h>
#include <link.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <memory>

#include "lib/base/cancel_shield.h"
#include "lib/base/process_local.h"

namespace visa::drivers {
namespace {

constexpr const char* kPlace = "/freevisa-modules/tls.so";

/// Of this process; null until the module is open.
struct Slot {
  std::atomic<const TlsModule*> module{nullptr};
};
constinit ProcessLocal<Slot> slot;

std::string beside_the_library() {
  const std::string folder = own_folder();
  return folder.empty() ? folder : folder + kPlace;
}

/// The module binds to its own OpenSSL first, even where the program has another one among its
/// global symbols. A sanitizer's runtime ends the process at RTLD_DEEPBIND, so it is left out
/// there.
int binding() noexcept {
  return ::dlsym(RTLD_DEFAULT, "__sanitizer_set_death_callback") == nullptr ? RTLD_DEEPBIND : 0;
}

std::string loader_text() {
  // The text of this thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* text = ::dlerror();
  return text == nullptr ? "unknown" : text;
}

Status fail(Call& call, const std::string& what) {
  return call.fail(Status::error_library_nfound,
                   what +
                       "; a secure connection needs the TLS module that is installed with "
                       "FreeVISA, and OpenSSL 3");
}

Result<const fv_tls_table*> open_table(const std::string& file, Call& call) {
  if (file.empty()) return fail(call, "the file of this library is unknown");
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE | binding());
  if (handle == nullptr) return fail(call, loader_text());
  using Entry = const fv_tls_table* (*)();
  const auto entry = reinterpret_cast<Entry>(::dlsym(handle, FREEVISA_TLS_SYMBOL));
  if (entry == nullptr) return fail(call, file + " is no TLS module of FreeVISA");
  const fv_tls_table* table = entry();
  if (table->abi != FREEVISA_TLS_ABI || table->size != sizeof(fv_tls_table)) {
    return fail(call, file + " belongs to another version of FreeVISA");
  }
  return table;
}

}  // namespace

std::string (*TlsModule::path)() = beside_the_library;

std::string own_folder() {
  Dl_info info{};
  link_map* map = nullptr;
  const auto* here = reinterpret_cast<const void*>(&own_folder);
  if (::dladdr1(here, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0) return {};
  if (map == nullptr || info.dli_fname == nullptr) return {};
  // The path may be relative to the folder the program was in then; the loader keeps the absolute
  // one, though not of the program itself.
  const bool program = map->l_name == nullptr || map->l_name[0] == '\0';
  std::string file = program ? "/proc/self/exe" : info.dli_fname;
  std::array<char, PATH_MAX> origin{};
  if (!program && ::dlinfo(map, RTLD_DI_ORIGIN, origin.data()) == 0 && origin[0] == '/') {
    file = std::string(origin.data()) + "/" + file.substr(file.rfind('/') + 1);
  }
  const std::unique_ptr<char, decltype(&std::free)> whole(::realpath(file.c_str(), nullptr),
                                                          &std::free);
  if (whole == nullptr) return {};
  const std::string resolved = whole.get();
  return resolved.substr(0, resolved.rfind('/'));
}

bool TlsModule::loaded() noexcept {
  const Slot* mine = slot.current();
  return mine != nullptr && mine->module.load(std::memory_order_acquire) != nullptr;
}

Result<const TlsModule*> TlsModule::get(Call& call) {
  Slot& mine = slot.instance();
  if (const auto* module = mine.module.load(std::memory_order_acquire)) return module;
  const CancelShield shield;  // the loader's own locks must be given back
  const auto table = open_table(path(), call);
  if (!table) return table.status();
  fv_tls_library* library = (*table)->library_open();
  if (library == nullptr) return fail(call, "OpenSSL cannot be used in this program");
  auto fresh = std::make_unique<TlsModule>(*table, library);
  const TlsModule* first = nullptr;
  if (mine.module.compare_exchange_strong(first, fresh.get(), std::memory_order_acq_rel)) {
    return fresh.release();
  }
  (*table)->library_close(library);  // another thread was first
  return first;
}

}  // namespace visa::drivers
