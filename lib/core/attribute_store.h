// SPDX-License-Identifier: MIT
// The plain values of one session (rows whose home is "stored"): the table's default until somebody
// sets another. Keeps only what was set, so that an idle session costs little. The values every
// transfer needs are kept beside, readable without the mutex. Thread-safe.
#pragma once

#include <visa.h>

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/base/deadline.h"
#include "lib/base/thread_annotations.h"
#include "lib/model/attribute.h"
#include "lib/model/resource_class.h"

namespace visa::core {

class AttributeStore {
 public:
  explicit AttributeStore(model::Kind kind);

  /// Precondition for both: the home of `row` is "stored".
  std::uint64_t get(const model::Attribute& row) const VISA_EXCLUDES(mutex_);
  void set(const model::Attribute& row, std::uint64_t value) VISA_EXCLUDES(mutex_);

  /// VI_ATTR_TMO_VALUE, from now on.
  Deadline deadline() const noexcept;
  std::uint32_t timeout() const noexcept { return timeout_.load(std::memory_order_relaxed); }

  bool suppress_end() const noexcept { return flag(VI_ATTR_SUPPRESS_END_EN); }
  bool termchar_enabled() const noexcept { return flag(VI_ATTR_TERMCHAR_EN); }
  bool send_end() const noexcept { return flag(VI_ATTR_SEND_END_EN); }
  bool append_files() const noexcept { return flag(VI_ATTR_FILE_APPEND_EN); }
  bool drops_input() const noexcept { return flag(VI_ATTR_RD_BUF_OPER_MODE); }
  bool sends_at_once() const noexcept { return flag(VI_ATTR_WR_BUF_OPER_MODE); }
  std::uint8_t termchar() const noexcept { return termchar_.load(std::memory_order_relaxed); }
  std::uint16_t io_protocol() const noexcept { return protocol_.load(std::memory_order_relaxed); }
  std::uint16_t end_in() const noexcept { return end_in_.load(std::memory_order_relaxed); }
  std::uint16_t end_out() const noexcept { return end_out_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint8_t flag_bit(ViAttr id) noexcept {
    return id == VI_ATTR_SUPPRESS_END_EN    ? 1
           : id == VI_ATTR_TERMCHAR_EN      ? 2
           : id == VI_ATTR_SEND_END_EN      ? 4
           : id == VI_ATTR_FILE_APPEND_EN   ? 8
           : id == VI_ATTR_RD_BUF_OPER_MODE ? 16
           : id == VI_ATTR_WR_BUF_OPER_MODE ? 32
                                            : 0;
  }
  bool flag(ViAttr id) const noexcept {
    return (flags_.load(std::memory_order_relaxed) & flag_bit(id)) != 0;
  }
  void mirror(ViAttr id, std::uint64_t value) noexcept;

  mutable Mutex mutex_;
  std::vector<std::pair<ViAttr, std::uint64_t>> values_ VISA_GUARDED_BY(mutex_);

  std::atomic<std::uint32_t> timeout_{2000};
  std::atomic<std::uint16_t> protocol_{VI_PROT_NORMAL};
  std::atomic<std::uint16_t> end_in_{VI_ASRL_END_NONE};
  std::atomic<std::uint16_t> end_out_{VI_ASRL_END_NONE};
  std::atomic<std::uint8_t> termchar_{'\n'};
  std::atomic<std::uint8_t> flags_{0};
};

}  // namespace visa::core
