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
  /// A byte stream that has an END nevertheless: its reads stop for the end of an answer.
  bool ends_messages = false;
};

class Channel {
 public:
  /// Frees memory. The connection was closed before by `close`; where it was not, it is dropped.
  virtual ~Channel() = default;

  /// Ends the connection in an orderly way, on the closing thread, within `call.deadline`. No other
  /// operation is in progress and none follows. In a child of fork it is not called at all.
  virtual void close(Call& call) noexcept = 0;

  virtual Traits traits() const noexcept = 0;

  /// Reads until `rule` or the size of `into` ends it. error_tmo with the bytes so far at the
  /// deadline (those bytes are the caller's, they do not come again); error_abort only if
  /// `call.cancelled()`; error_conn_lost once the peer is gone and everything received was
  /// delivered. An empty `into` returns at once with a count of 0.
  virtual ReadResult read(std::span<std::byte> into, const EndRule& rule, Call& call) = 0;

  /// Sends all of `data`, or says how much the wire took and why not the rest.
  virtual WriteResult write(std::span<const std::byte> data, const WriteRule& rule, Call& call) = 0;

  /// Makes an operation in progress look at its cancel token soon (at most 20 ms later). Never
  /// blocks. A wake-up nobody waits for must not disturb the operation after it.
  virtual void wake() noexcept = 0;

  /// The status byte of the instrument; with `status_beside_transfer` from several threads at once.
  /// error_nsup_oper: the wire has no such thing; the core may
  /// then ask by message (VI_PROT_4882_STRS).
  virtual Result<std::uint8_t> read_status_byte(Call&) { return Status::error_nsup_oper; }

  /// Device clear: afterwards neither side holds anything of an earlier message.
  virtual Status clear(Call&) { return Status::error_nsup_oper; }

  virtual Status trigger(const TriggerRule&, Call&) { return Status::error_nsup_oper; }

  /// Attributes whose home is "driver" in the attribute table (see bindings.h). May wait, fail and
  /// explain itself as any operation. One call of the two at a time, but beside a read and a write
  /// in progress: what they share with a transfer is atomic or under a lock of the driver's own,
  /// and an attribute that needs the wire waits for it there.
  virtual Result<model::AttributeValue> get_attribute(ViAttr, Call&) {
    return Status::error_nsup_attr;
  }
  virtual Status set_attribute(ViAttr, const model::AttributeValue&, Call&) {
    return Status::error_nsup_attr;
  }

  /// From a success on, occurrences of `type` go to `sink` until disable_event has returned; also
  /// those of the meantime. One at a time, but beside transfers. disable_event is called once for
  /// each success, before `close`; an error of it changes nothing.
  virtual Status enable_event(ViEventType, EventSink&, Call&) { return Status::error_inv_event; }
  virtual Status disable_event(ViEventType, Call&) { return Status::error_inv_event; }

  virtual Facets facets() noexcept { return {}; }
};

}  // namespace visa::spi
