// SPDX-License-Identifier: MIT
// What one device behind a GPIB-ENET/100 needs: the main connection, on which the box addresses
// this device alone, and its companions. An answer has no limit of bytes; what the caller has no
// room for stays in the connection and is the beginning of the next read. Only an operation that
// comes between the two has it taken out of the connection, and kept.
//
// Where a reply does not come in time, or its call is cancelled, the box is out of step: the link
// is stale then, and the controller makes a new one for the next operation. The box itself ends a
// read in time, so that happens only when it hangs. Where that happens to another connection than
// the main one, only that one is made anew.
//
// Owned by the controller; one operation at a time, `wake` from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/gpib/enet/enet_wire.h"
#include "drivers/gpib/gpib_address.h"
#include "drivers/gpib/kept_answers.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib::enet {

/// "192.0.2.1" or "192.0.2.1:5000". The other ports are as far from the main one as usual.
struct EnetTarget {
  std::string host;
  std::uint16_t port = kMainPort;
  std::uint16_t other(std::uint16_t usual) const noexcept {
    return static_cast<std::uint16_t>(port + (usual - kMainPort));
  }
};

class EnetLink {
  enum class Rest : std::uint8_t { keep, drop };  // of an answer that was not read to its end

 public:
  /// Connects and makes the box address `device`. Statuses of viOpen.
  static Result<std::unique_ptr<EnetLink>> open(const EnetTarget& target, const Address& device,
                                                Call& call);
  void close(Call& call) noexcept;
  void wake() noexcept VISA_EXCLUDES(wires_);
  bool stale() const noexcept { return stale_; }

  spi::WriteResult write(std::span<const std::byte> data, Call& call);
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  Status clear(Call& call) { return command(enet::clear(), Rest::drop, call); }
  /// trigger, go_to_local.
  Status command(const Frame& frame, Call& call) { return command(frame, Rest::keep, call); }
  Result<std::uint8_t> serial_poll(Call& call);
  /// Names another device to the box and polls it; true if it answers. It has 10 ms for that. For a
  /// link that serves no session: its own device is not addressed any more.
  Result<bool> answers_at(const Address& device, Call& call);
  /// On connections of their own.
  Status clear_interface(Call& call);
  Result<std::uint16_t> bus_state(std::uint16_t mask, Call& call);

 private:
  EnetLink(EnetTarget target, const Address& device)
      : target_(std::move(target)), device_(device) {}

  Status start(Call& call);
  Status join(std::unique_ptr<EnetWire>& wire, std::uint16_t port, Call& call);
  Status request(EnetWire& wire, const Frame& frame, Call& call);
  Status poll(ReplyReader& reply, Call& call);
  Status command(const Frame& frame, Rest rest, Call& call);
  Result<EnetStatus> side_exchange(std::unique_ptr<EnetWire>& wire, const Frame& frame, Call& call);
  Status side_request(std::unique_ptr<EnetWire>& wire, const Frame& frame, Call& call);
  void leave(std::unique_ptr<EnetWire>& wire) noexcept;
  Status settle(Rest rest, Call& call);
  Status prepare(Rest rest, Call& call);
  Status watch_status(Status status, Call& call);
  Status read_on(std::span<std::byte>& into, const spi::EndRule& rule, spi::StopReason& reason,
                 Call& call);

  const EnetTarget target_;
  const Address device_;
  mutable Mutex wires_;  // for the pointers
  std::unique_ptr<EnetWire> main_;
  std::unique_ptr<EnetWire> companion_;
  std::unique_ptr<EnetWire> wait_;
  std::unique_ptr<EnetWire> control_;
  KeptAnswers kept_;                    // what came of the answer before this part of it
  std::optional<ReplyReader> reading_;  // a reply whose end has not come
  bool after_mark_ = false;             // the last read stopped at its termination character
  std::uint8_t code_ = 0;               // the timeout that the box has
  bool stale_ = false;
};

}  // namespace visa::drivers::gpib::enet
