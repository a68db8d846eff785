// SPDX-License-Identifier: MIT
// Any libvisa, loaded by path: the functions that the benchmark calls. Nothing is linked against
// it. The library stays loaded until the process ends. One thread.
#pragma once

#include <visa.h>

#include <stdexcept>
#include <string>

namespace visa::bench {

/// Ends a measurement; the text names the library, the call and its status.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class VisaLibrary {
 public:
  /// Loads the library and opens the resource manager; throws Failure.
  explicit VisaLibrary(const std::string& path);
  VisaLibrary(const VisaLibrary&) = delete;
  VisaLibrary& operator=(const VisaLibrary&) = delete;
  ~VisaLibrary();

  /// The file's name without folder and ending, as the title of a column.
  const std::string& name() const { return name_; }

  /// Opens a SOCKET session to the loopback port, with termination character LF and a finite
  /// timeout.
  ViSession open(unsigned port) const;
  /// Opens any resource and sets only a finite timeout.
  ViSession open(const char* resource) const;
  void close(ViSession session) const;

  /// Throws Failure if the status is an error.
  void check(ViStatus status, const char* call) const;

  decltype(&::viOpenDefaultRM) open_default_rm = nullptr;
  decltype(&::viOpen) vi_open = nullptr;
  decltype(&::viClose) vi_close = nullptr;
  decltype(&::viRead) vi_read = nullptr;
  decltype(&::viWrite) vi_write = nullptr;
  decltype(&::viReadSTB) read_stb = nullptr;  // stays null in a library without it
  decltype(&::viGetAttribute) get_attribute = nullptr;
  decltype(&::viSetAttribute) set_attribute = nullptr;

 private:
  void* handle_ = nullptr;
  std::string name_;
  ViSession manager_ = VI_NULL;
};

}  // namespace visa::bench
