// SPDX-License-Identifier: MIT
// One open connection to one resource, as the core sees it. Owned by exactly one session, which
// calls `read` from one thread at a time and `write` from one thread at a time (from one thread
// altogether unless `traits().duplex`). `wake` may be called from any thread at any moment until
// the channel is destroyed. Nothing here throws but std::bad_alloc; nothing waits beyond
// `call.deadline`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <visa.h>
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/attribute_value.h"
#include "lib/spi/event_sink.h"
#include "lib/spi/facets.h"
#include "lib/spi/transfer_rules.h"

namespace visa::spi {

/// What a wire can do now. The core asks before each operation, because a wire may change it
/// (HiSLIP: by VI_ATTR_TCPIP_HISLIP_OVERLAP_EN and a device clear).
struct Traits {
  /// A read and a write may be in progress at once.
  bool duplex = false;
  /// read_status_byte need not wait for a read or write in progress.
  bool status_beside_transfer = false;
  /// A stream of bytes without messages, status byte or triggers of its own: with
  /// VI_ATTR_IO_PROT = VI_PROT_4882_STRS the core sends *STB?, *TRG and *CLS as messages.
  bool stream = false;
  /// viFlush and viSetBuf of a formatted buffer reach the buffer of the wire, too (serial lines).
  bool flush_through = false;
  /// A byte stream that nevertheless has an END: its reads stop at the end of an answer.
  bool ends_messages = false;
};

class Channel {
 public:
  /// Frees the channel. Drops the connection if `close` has not ended it.
  virtual ~Channel() = default;

  /// Ends the connection in an orderly way, on the closing thread, within `call.deadline`. No other
  /// operation is in progress and none follows. In a child of fork it is not called at all.
  virtual void close(Call& call) noexcept = 0;

  virtual Traits traits() const noexcept = 0;

  /// Reads until `rule` or the size of `into` ends the read. At the deadline: error_tmo with the
  /// bytes so far, which belong to the caller and do not come again. error_abort only if
  /// `call.cancelled()`; error_conn_lost once the peer is gone and everything received was
  /// delivered. An empty `into` returns at once with a count of 0.
  virtual ReadResult read(std::span<std::byte> into, const EndRule& rule, Call& call) = 0;

  /// Sends all of `data`, or tells how many bytes the wire took and why it did not take the rest.
  virtual WriteResult write(std::span<const std::byte> data, const WriteRule& rule, Call& call) = 0;

  /// Makes an operation in progress look at its cancel token soon (at most 20 ms later). Never
  /// blocks. A wake-up that finds no operation waiting must not disturb the next operation.
  virtual void wake() noexcept = 0;

  /// The status byte of the instrument; with `status_beside_transfer` from several threads at once.
  /// error_nsup_oper: the wire has no status byte; the core may then ask by message
  /// (VI_PROT_4882_STRS).
  virtual Result<std::uint8_t> read_status_byte(Call&) { return Status::error_nsup_oper; }

  /// Device clear: afterwards neither side holds anything of an earlier message.
  virtual Status clear(Call&) { return Status::error_nsup_oper; }

  virtual Status trigger(const TriggerRule&, Call&) { return Status::error_nsup_oper; }

  /// Reads and sets the attributes whose home is "driver" in the attribute table (see bindings.h).
  /// Both may wait, fail and explain the failure, as any operation. The core makes one of these
  /// calls at a time, possibly while a read and a write are in progress: the driver guards what
  /// they share with a transfer by atomics or a lock of its own, and an attribute that needs the
  /// wire waits for it there.
  virtual Result<model::AttributeValue> get_attribute(ViAttr, Call&) {
    return Status::error_nsup_attr;
  }
  virtual Status set_attribute(ViAttr, const model::AttributeValue&, Call&) {
    return Status::error_nsup_attr;
  }

  /// After enable_event has succeeded, occurrences of `type` go to `sink` until disable_event has
  /// returned; those during either call are included. The core makes one of these calls at a time,
  /// possibly during transfers. It calls disable_event once for each success, before `close`; an
  /// error of disable_event changes nothing.
  virtual Status enable_event(ViEventType, EventSink&, Call&) { return Status::error_inv_event; }
  virtual Status disable_event(ViEventType, Call&) { return Status::error_inv_event; }

  virtual Facets facets() noexcept { return {}; }
};

}  // namespace visa::spi
