// SPDX-License-Identifier: MIT
// What an adapter says to one client: bytes in, bytes out. The port that carries them (TCP, a
// serial port) hands over what comes, sends `output()`, and calls go_on when due() has come and
// after it has sent something. On the bench's thread only.
#pragma once

#include <optional>
#include <string_view>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

class GpibConversation {
 public:
  /// What carries the bytes.
  class Carrier {
   public:
    virtual ~Carrier() = default;
    /// There is output, or input is taken again: go on, later and not in here.
    virtual void on_adapter_changed() = 0;
  };

  virtual ~GpibConversation() = default;
  virtual void receive(std::string_view bytes) = 0;
  /// More than this shall not be received at present.
  virtual bool accepting() const noexcept = 0;
  virtual OutputQueue& output() noexcept = 0;
  /// A fault ends the connection once the output has gone; with `reset` by RST.
  virtual bool ending() const noexcept = 0;
  virtual bool ends_by_reset() const noexcept = 0;
  virtual void go_on(Clock::time_point now) = 0;
  virtual std::optional<Clock::time_point> due() const = 0;
};

}  // namespace visa::sim
