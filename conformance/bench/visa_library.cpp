// SPDX-License-Identifier: MIT
// A library without one of the functions is refused when it is loaded, not in the middle of a run.
#include "conformance/bench/visa_library.h"

#include <dlfcn.h>

#include <cstdio>

namespace visa::bench {
namespace {

constexpr ViUInt32 kTimeoutMs = 5000;

template <typename Function>
void find(void* handle, const std::string& library, const char* name, Function& function) {
  void* const address = dlsym(handle, name);
  if (address == nullptr) throw Failure(library + ": has no " + name);
  function = reinterpret_cast<Function>(address);
}

std::string short_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return name.substr(0, name.find(".so"));
}

}  // namespace

VisaLibrary::VisaLibrary(const std::string& path)
    : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)), name_(short_name(path)) {
  if (handle_ == nullptr) throw Failure(dlerror());
  find(handle_, name_, "viOpenDefaultRM", open_default_rm);
  find(handle_, name_, "viOpen", vi_open);
  find(handle_, name_, "viClose", vi_close);
  find(handle_, name_, "viRead", vi_read);
  find(handle_, name_, "viWrite", vi_write);
  read_stb = reinterpret_cast<decltype(read_stb)>(dlsym(handle_, "viReadSTB"));
  find(handle_, name_, "viGetAttribute", get_attribute);
  find(handle_, name_, "viSetAttribute", set_attribute);
  check(open_default_rm(&manager_), "viOpenDefaultRM");
}

VisaLibrary::~VisaLibrary() {
  vi_close(manager_);
}

ViSession VisaLibrary::open(unsigned port) const {
  char resource[64];
  std::snprintf(resource, sizeof resource, "TCPIP0::127.0.0.1::%u::SOCKET", port);
  const ViSession session = open(resource);
  check(set_attribute(session, VI_ATTR_TERMCHAR, '\n'), "viSetAttribute(TERMCHAR)");
  check(set_attribute(session, VI_ATTR_TERMCHAR_EN, VI_TRUE), "viSetAttribute(TERMCHAR_EN)");
  return session;
}

ViSession VisaLibrary::open(const char* resource) const {
  ViSession session = VI_NULL;
  check(vi_open(manager_, resource, VI_NO_LOCK, kTimeoutMs, &session), "viOpen");
  check(set_attribute(session, VI_ATTR_TMO_VALUE, kTimeoutMs), "viSetAttribute(TMO_VALUE)");
  return session;
}

void VisaLibrary::close(ViSession session) const {
  check(vi_close(session), "viClose");
}

void VisaLibrary::check(ViStatus status, const char* call) const {
  if (status >= VI_SUCCESS) return;
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", static_cast<unsigned>(status));
  throw Failure(name_ + ": " + call + " answered " + text);
}

}  // namespace visa::bench
