// SPDX-License-Identifier: MIT
// The trace of what passed over the wire: one line per operation in the file of FREEVISA_TRACE,
// when FREEVISA_TRACE_LEVEL is "wire". Data is shown by its first bytes, as hexadecimal figures and
// as text; what follows a password's header is hidden in both. Any thread.
#pragma once

#include <string>

#include "lib/base/secret_filter.h"
#include "lib/base/thread_annotations.h"
#include "lib/core/wire_observer.h"

namespace visa::core {

/// True when a session opened now is to be traced. Reads the environment; asked once per viOpen.
bool wire_trace_wanted() noexcept;

class WireTrace final : public WireObserver {
 public:
  /// The most bytes of one operation that a line shows.
  static constexpr std::size_t kShown = 64;

  /// `resource` begins every line.
  explicit WireTrace(std::string resource) : resource_(std::move(resource)) {}
  void seen(const WireRecord& record) override VISA_EXCLUDES(mutex_);

  /// The line without what the log adds.
  std::string line_of(const WireRecord& record) VISA_EXCLUDES(mutex_);

 private:
  std::string hide_secrets(const WireRecord& record) VISA_EXCLUDES(mutex_);

  const std::string resource_;
  Mutex mutex_;
  SecretFilter filter_ VISA_GUARDED_BY(mutex_);  // for the message being sent
};

}  // namespace visa::core
