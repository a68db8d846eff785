// SPDX-License-Identifier: MIT
// The interrupt channel: the bench is the client here. Connects back to where create_intr_chan
// said, sends device_intr_srq there and waits for no reply; what comes back is thrown away.
//
// Owned by the Vxi11Core that asked for it; on the bench's thread only. bury() is how to get rid of
// one while the loop may still hold an event for it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/faults.h"

namespace visa::sim {

class InterruptChannel : public EventHandler {
 public:
  enum class State : std::uint8_t { connecting, open, broken };
  /// Service requests beyond this that a client does not take are lost.
  static constexpr std::size_t kMostWaiting = std::size_t{64} << 10;

  /// Begins to connect to an IPv4 address. `changed` is called when state() has become open or
  /// broken, not from inside the constructor.
  InterruptChannel(EventLoop& loop, std::uint32_t host, std::uint16_t port, std::uint32_t program,
                   std::uint32_t version, std::function<void()> changed);
  ~InterruptChannel() override;
  InterruptChannel(const InterruptChannel&) = delete;
  InterruptChannel& operator=(const InterruptChannel&) = delete;

  State state() const noexcept { return state_; }
  /// `fault` may be null.
  void request_service(std::string_view handle, const Fault* fault);

  void on_events(std::uint32_t events) override;

  /// Closes the connection; the object goes in the next round of the loop.
  static void bury(EventLoop& loop, std::unique_ptr<InterruptChannel> channel);

 private:
  void finish_connecting();
  bool discard();
  void flush();
  void close(bool tell);

  EventLoop& loop_;
  FileDescriptor socket_;
  std::uint32_t program_;
  std::uint32_t version_;
  std::function<void()> changed_;
  State state_ = State::connecting;
  std::uint32_t watched_ = 0;
  std::uint32_t xid_;
  OutputQueue output_;
};

}  // namespace visa::sim
