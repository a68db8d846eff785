// SPDX-License-Identifier: MIT
// Formatted I/O of a session (VPP-4.3 6.2): the formatted buffers between the formats and the
// channel. Every call has Lane::formatted to its end, so the buffers need no lock of their own; a
// sink or a source puts the state back on every way out, forced unwinding included.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>

#include "lib/core/session_transfer.h"
#include "lib/format/print_engine.h"
#include "lib/format/scan_engine.h"

namespace visa::core {
namespace {

// The status tables of the formatted calls are shorter than those of viRead and viWrite: what they
// do not have is an I/O fault there. INV_SETUP is of viBufRead and viBufWrite alone.
Status formatted_status(Status status) {
  switch (status) {
    case Status::error_inv_object:
    case Status::error_rsrc_locked:
    case Status::error_tmo:
    case Status::error_abort:
    case Status::error_alloc:
    case Status::error_inv_fmt:
    case Status::error_nsup_fmt:
    case Status::error_user_buf:
    case Status::error_nsup_oper:
    case Status::error_conn_lost:
      return status;
    default:
      return failed(status) ? Status::error_io : status;
  }
}

Status buffer_status(Status status) {
  switch (status) {
    case Status::error_inv_setup:
      return status;
    case Status::error_conn_lost:
      return Status::error_io;
    default:
      return formatted_status(status);
  }
}

}  // namespace

/// Lives while a call reads through the read buffer: a secret that it leaves there is one for the
/// calls after it, too.
class Session::SecretNote {
 public:
  explicit SecretNote(Session& session) : session_(session), before_(session.secrets_read()) {
    if (session.read_buffer_.empty()) session.buffers_secret_ = false;
  }
  ~SecretNote() {
    if (session_.secrets_read() != before_) session_.buffers_secret_ = true;
  }
  SecretNote(const SecretNote&) = delete;
  SecretNote& operator=(const SecretNote&) = delete;

 private:
  Session& session_;
  const std::uint64_t before_;
};

format::FormattedDevice Session::wire(Call& call) const {
  const auto timeout = store().timeout();
  format::FormattedDevice wire{*channel_, call, std::chrono::milliseconds(timeout), end_rule(),
                               write_rule()};
  if (timeout == VI_TMO_INFINITE) wire.timeout.reset();
  const auto traits = channel_->traits();
  wire.stream = traits.stream && !traits.ends_messages;
  return wire;
}

/// `message`: the call is over only with its message (viQueryf, VI_FLUSH_ON_ACCESS).
Status Session::print(format::FormattedDevice& wire, const char* format,
                      format::ArgumentList& arguments, bool message) {
  message_sent_.store(true, std::memory_order_relaxed);
  format::WireSink sink(write_buffer_, wire);
  auto status = format::print(format, arguments, sink, formats_);
  if (failed(status)) return status;
  if (message) status = sink.end_message();
  sink.keep();
  return status;
}

Status Session::scan(format::FormattedDevice& wire, const char* format,
                     format::ArgumentList& arguments) {
  if (format == nullptr) return Status::error_inv_fmt;
  const SecretNote note(*this);
  const bool sent = message_sent_.exchange(false, std::memory_order_relaxed);
  format::WireSource source(read_buffer_, wire, sent || format::begins_behind_white(format));
  const auto status = format::scan(format, arguments, source, formats_);
  if (store().drops_input()) source.consume(source.at_hand().size());
  return status;
}

Status Session::print(const char* format, format::ArgumentList& arguments) {
  return transfer(lane(Lane::print), [&](Call& call) {
    auto device = wire(call);
    return formatted_status(print(device, format, arguments, store().sends_at_once()));
  });
}

Status Session::scan(const char* format, format::ArgumentList& arguments) {
  return transfer(lane(Lane::scan), [&](Call& call) {
    auto device = wire(call);
    return formatted_status(scan(device, format, arguments));
  });
}

Status Session::query(const char* write_format, const char* read_format,
                      format::ArgumentList& arguments) {
  return transfer(Lane::query, [&](Call& call) {
    auto device = wire(call);
    // A bad read format is rejected before anything is sent.
    auto status =
        read_format == nullptr ? Status::error_inv_fmt : format::check_scan_format(read_format);
    if (failed(status)) return status;
    status = print(device, write_format, arguments, true);
    if (ok(status)) status = scan(device, read_format, arguments);
    return formatted_status(status);
  });
}

Transfer Session::write_formatted(std::span<const std::byte> data) {
  Transfer done;
  done.status = transfer(lane(Lane::print), [&](Call& call) {
    message_sent_.store(true, std::memory_order_relaxed);
    auto device = wire(call);
    const auto before = write_buffer_.used();
    format::WireSink sink(write_buffer_, device);
    auto status = sink.put({reinterpret_cast<const char*>(data.data()), data.size()});
    if (ok(status) && store().sends_at_once()) status = sink.end_message();
    sink.keep();  // a failure has emptied the buffer
    done.count = ok(status) ? data.size() : std::max(sink.sent(), before) - before;
    return buffer_status(status);
  });
  return done;
}

Transfer Session::read_formatted(std::span<std::byte> into) {
  Transfer done;
  done.status = transfer(lane(Lane::scan), [&](Call& call) {
    auto device = wire(call);
    const auto status = buffer_status(take(device, into, done.count));
    done.secret = buffers_secret_;
    return status;
  });
  return done;
}

// The rules of viRead (6.1.1 to 6.1.3) over what is in the buffer and then on the wire.
Status Session::take(format::FormattedDevice& wire, std::span<std::byte> into, std::size_t& count) {
  const SecretNote note(*this);
  const bool sent = message_sent_.exchange(false, std::memory_order_relaxed);
  format::WireSource source(read_buffer_, wire, sent);
  const auto keep = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(into.data() + count, text.data(), text.size());
    count += text.size();
  };
  const auto finish = [&](Status status) {
    if (store().drops_input()) source.consume(source.at_hand().size());
    return status;
  };
  for (;;) {
    auto text = source.at_hand().substr(0, into.size() - count);
    const auto line = wire.rule.termchar_enabled ? text.find(static_cast<char>(wire.rule.termchar))
                                                 : std::string_view::npos;
    if (line != std::string_view::npos) text = text.substr(0, line + 1);
    keep(text);
    source.consume(text.size());
    if (source.over()) {
      return finish(completion({Status::success, count, source.stop()}, wire.rule));
    }
    if (line != std::string_view::npos) {
      return finish(completion({Status::success, count, spi::StopReason::termchar}, wire.rule));
    }
    if (count == into.size()) return finish(Status::success_max_cnt);
    if (into.size() - count < source.transfer_size()) {
      const auto status = source.more();
      if (ok(status)) continue;
      keep(source.lost().substr(0, into.size() - count));
      return finish(status);
    }
    const auto result = source.read_from_wire(into.subspan(count), wire.rule);
    count += result.count;
    return finish(completion(result, wire.rule));
  }
}

// viFlush: what each bit asks for, and which two contradict each other.
Status Session::flush(ViUInt16 mask) {
  constexpr unsigned kAll = VI_READ_BUF | VI_WRITE_BUF | VI_READ_BUF_DISCARD |
                            VI_WRITE_BUF_DISCARD | VI_IO_IN_BUF | VI_IO_OUT_BUF |
                            VI_IO_IN_BUF_DISCARD | VI_IO_OUT_BUF_DISCARD;
  const auto both = [mask](unsigned a, unsigned b) { return (mask & a) != 0 && (mask & b) != 0; };
  if (mask == 0 || (mask & ~kAll) != 0 || both(VI_READ_BUF, VI_READ_BUF_DISCARD) ||
      both(VI_WRITE_BUF, VI_WRITE_BUF_DISCARD) || both(VI_IO_IN_BUF, VI_IO_IN_BUF_DISCARD) ||
      both(VI_IO_OUT_BUF, VI_IO_OUT_BUF_DISCARD)) {
    return Status::error_inv_mask;
  }
  return transfer(Lane::query, [&](Call& call) {
    auto status = flush_output(mask, call);
    if (ok(status)) status = flush_input(mask, call);
    return formatted_status(status);
  });
}

// On a serial line, flushing a formatted buffer also flushes the buffer of the wire.
Status Session::flush_output(unsigned mask, Call& call) {
  const bool through = channel_->traits().flush_through;
  const bool discard = (mask & VI_WRITE_BUF_DISCARD) != 0;
  auto status = Status::success;
  auto device = wire(call);
  if (discard) write_buffer_.discard();
  if ((mask & VI_WRITE_BUF) != 0) {
    format::WireSink sink(write_buffer_, device);
    status = sink.end_message();
    sink.keep();
  }
  auto* const buffers = channel_->facets().buffers;
  const bool drain = (mask & VI_IO_OUT_BUF) != 0 || (through && (mask & VI_WRITE_BUF) != 0);
  const bool drop = (mask & VI_IO_OUT_BUF_DISCARD) != 0 || (through && discard);
  if (buffers == nullptr || failed(status) || !(drain || drop)) return status;
  device.next_transfer();
  return buffers->flush_output(drop, call);
}

Status Session::flush_input(unsigned mask, Call& call) {
  const bool through = channel_->traits().flush_through;
  auto status = Status::success;
  auto device = wire(call);
  device.used = true;  // the output had its time
  if ((mask & VI_READ_BUF) != 0) {
    status = format::WireSource(read_buffer_, device, false).drop_message();
  }
  if ((mask & VI_READ_BUF_DISCARD) != 0) read_buffer_.discard();
  auto* const buffers = channel_->facets().buffers;
  const unsigned dropping =
      VI_IO_IN_BUF | VI_IO_IN_BUF_DISCARD | (through ? VI_READ_BUF | VI_READ_BUF_DISCARD : 0u);
  if (buffers == nullptr || failed(status) || (mask & dropping) == 0) return status;
  device.next_transfer();
  return buffers->discard_input(call);
}

// The named formatted buffers are flushed first. A larger buffer is allocated here, so that a lack
// of memory is reported here; 6.2.3, 6.2.4: a wire without buffers of its own answers NSUP_OPER.
Status Session::set_buffer(ViUInt16 mask, ViUInt32 size) {
  constexpr unsigned kWire = VI_IO_IN_BUF | VI_IO_OUT_BUF;
  constexpr unsigned kAll = kWire | VI_READ_BUF | VI_WRITE_BUF;
  if (mask == 0 || (mask & ~kAll) != 0) return Status::error_inv_mask;
  return transfer(Lane::query, [&](Call& call) {
    auto* const buffers = channel_->facets().buffers;
    if ((mask & kWire) != 0 && buffers == nullptr) return Status::error_nsup_oper;
    auto status = Status::success;
    if ((mask & VI_WRITE_BUF) != 0) {
      auto device = wire(call);
      format::WireSink sink(write_buffer_, device);
      status = sink.end_message();
      sink.keep();
      if (failed(status)) return formatted_status(status);
    }
    if ((mask & VI_WRITE_BUF) != 0) {
      write_buffer_.set_size(size);
      write_buffer_size_.store(size, std::memory_order_relaxed);
    }
    if ((mask & VI_READ_BUF) != 0) {
      read_buffer_.set_size(size);
      read_buffer_size_.store(size, std::memory_order_relaxed);
    }
    if ((mask & VI_IO_IN_BUF) != 0) status = buffers->resize(true, size, call);
    if (ok(status) && (mask & VI_IO_OUT_BUF) != 0) status = buffers->resize(false, size, call);
    return status;
  });
}

}  // namespace visa::core
