// SPDX-License-Identifier: MIT
// The settings of an open port: changes them, checks by reading back that the port took them, and
// gives the port its earlier ones back in the end. All sessions of the port see the same settings.
// Any thread.
#pragma once

#include <visa.h>

#include <cstdint>
#include <optional>

#include "drivers/serial/line_input.h"
#include "drivers/serial/line_output.h"
#include "drivers/serial/line_settings.h"
#include "drivers/serial/tty.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::serial {

class LineControl {
 public:
  LineControl(Tty& tty, LineInput& input, LineOutput& output, bool keep_lines) noexcept
      : tty_(tty), input_(input), output_(output), keep_lines_(keep_lines) {}

  /// Notes the settings the port has and gives it `wanted`. Once, before anything else.
  /// error_rsrc_nfound: this is no serial port. error_nsup_attr_state.
  Status start(const LineSettings& wanted, Call& call) VISA_EXCLUDES(mutex_);

  LineSettings settings() const VISA_EXCLUDES(mutex_);

  /// After all output has left: `edit(LineSettings&)` says what changes. error_nsup_attr_state: the
  /// port cannot do that; it then has its former settings.
  template <class Edit>
  Status change(Edit&& edit, Call& call) VISA_EXCLUDES(mutex_) {
    LineSettings wanted = settings();
    const LineSettings before = wanted;
    edit(wanted);
    if (wanted == before) return Status::success;
    if (const std::string why = impossible(wanted); !why.empty()) {
      return tty_.refuse(Status::error_nsup_attr_state, why, call);
    }
    return output_.when_idle(call, [&] { return apply(wanted, call); });
  }

  /// VI_ATTR_ASRL_BREAK_STATE. Output waits while a break is held.
  bool holds_break() const VISA_EXCLUDES(mutex_);
  Status set_break(bool on, Call& call) VISA_EXCLUDES(mutex_);

  /// VI_ATTR_ASRL_ALLOW_TRANSMIT: false is like an XOFF from the instrument, so it needs
  /// XON/XOFF flow control: error_nsup_attr_state.
  bool may_transmit() const VISA_EXCLUDES(mutex_);
  Status set_may_transmit(bool on, Call& call) VISA_EXCLUDES(mutex_);

  /// VI_ATTR_ASRL_WIRE_MODE: VI_ASRL_WIRE_*. error_nsup_attr_state where the port has no RS-485.
  Result<int> wire_mode(Call& call);
  Status set_wire_mode(int mode, Call& call) VISA_EXCLUDES(mutex_);

  /// Gives the port its earlier settings back, without waiting.
  void restore() noexcept VISA_EXCLUDES(mutex_);

 private:
  Status apply(const LineSettings& wanted, Call& call) VISA_EXCLUDES(mutex_);
  void note(const LineSettings& settings) VISA_REQUIRES(mutex_);

  Tty& tty_;
  LineInput& input_;
  LineOutput& output_;
  const bool keep_lines_;

  mutable Mutex mutex_;
  TtyState saved_ VISA_GUARDED_BY(mutex_) = {};
  bool started_ VISA_GUARDED_BY(mutex_) = false;
  LineSettings settings_ VISA_GUARDED_BY(mutex_);
  bool break_ VISA_GUARDED_BY(mutex_) = false;
  bool stopped_ VISA_GUARDED_BY(mutex_) = false;
  std::optional<std::uint32_t> saved_rs485_ VISA_GUARDED_BY(mutex_);  // flags, once changed
};

}  // namespace visa::drivers::serial
