// SPDX-License-Identifier: MIT
// For the bench's tests through libvisa: a session on an instrument, by the public C API. One
// thread each.
#pragma once

#include <visa.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace visa::sim {

class VisaClient {
 public:
  VisaClient(const std::string& resource, ViUInt32 timeout) {
    if (viOpenDefaultRM(&manager_) < VI_SUCCESS) {
      throw std::runtime_error("viOpenDefaultRM");
    }
    open(resource, timeout);
  }
  ~VisaClient() { viClose(manager_); }
  VisaClient(const VisaClient&) = delete;
  VisaClient& operator=(const VisaClient&) = delete;

  // Again, as a program does after VI_ERROR_CONN_LOST.
  void open(const std::string& resource, ViUInt32 timeout) {
    if (session_ != VI_NULL) {
      viClose(session_);
    }
    const ViStatus status = viOpen(manager_, resource.c_str(), VI_NULL, 5000, &session_);
    if (status < VI_SUCCESS) {
      throw std::runtime_error("viOpen: " + std::to_string(status));
    }
    viSetAttribute(session_, VI_ATTR_TERMCHAR_EN, VI_TRUE);
    viSetAttribute(session_, VI_ATTR_TMO_VALUE, timeout);
  }

  ViStatus write(std::string_view text) {
    const std::string line = std::string(text) + "\n";
    ViUInt32 count = 0;
    return viWrite(session_, reinterpret_cast<ViConstBuf>(line.data()),
                   static_cast<ViUInt32>(line.size()), &count);
  }
  // What came, also with an error.
  std::pair<ViStatus, std::string> read() {
    std::string text(1000, '\0');
    ViUInt32 count = 0;
    const ViStatus status = viRead(session_, reinterpret_cast<ViPBuf>(text.data()),
                                   static_cast<ViUInt32>(text.size()), &count);
    text.resize(count);
    return {status, text};
  }
  std::pair<ViStatus, std::string> query(std::string_view text) {
    const ViStatus status = write(text);
    return status < VI_SUCCESS ? std::pair(status, std::string()) : read();
  }
  ViStatus clear() { return viClear(session_); }

 private:
  ViSession manager_ = VI_NULL;
  ViSession session_ = VI_NULL;
};

}  // namespace visa::sim
