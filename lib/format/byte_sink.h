// SPDX-License-Identifier: MIT
// Where a print puts its bytes: into the write buffer of a session, which sends them to the device,
// or into the memory of viSPrintf. Used by the thread of the call only. A failure becomes the
// status of the call, and nothing more is put.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "lib/base/status.h"

namespace visa::format {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  /// Puts data; any byte value is allowed.
  Status put(std::string_view data) {
    count_ += data.size();
    if (data.size() > static_cast<std::size_t>(end_ - at_)) return overflow(data);
    if (!data.empty()) std::memcpy(at_, data.data(), data.size());
    at_ += data.size();
    return Status::success;
  }
  Status put(char byte) { return put(std::string_view(&byte, 1)); }

  /// Marks the last byte with END and sends everything.
  virtual Status end_message() = 0;

  /// True if the sink takes no more of the format (viSPrintf, after its END).
  virtual bool full_stop() const { return false; }

  /// Bytes put in this call (%n).
  std::size_t count() const { return count_; }

 protected:
  ByteSink() = default;
  /// Takes data that does not fit between at_ and end_.
  virtual Status overflow(std::string_view data) = 0;

  char* at_ = nullptr;
  char* end_ = nullptr;

 private:
  std::size_t count_ = 0;
};

}  // namespace visa::format
