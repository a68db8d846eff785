// SPDX-License-Identifier: MIT
// With VI_ATTR_SUPPRESS_END_EN true (the default of the class) a read ends only on count,
// termination character, timeout or close: for an answer shorter than the count it returns
// VI_ERROR_TMO and delivers the data. The standard wants that; the detail of the timeout says what
// to do.
#include "drivers/socket/socket_channel.h"

#include <sys/socket.h>

#include <utility>

namespace visa::drivers {

SocketChannel::SocketChannel(Connection connection, std::string host, const ConnectOptions& options,
                             const SocketSettings& settings)
    : TcpAttributes(connection.peer, std::move(host), options),
      drain_before_write_(settings.drain_before_write),
      close_ends_answer_(settings.close_ends_answer),
      stream_(std::move(connection.socket), describe_peer(peer(), this->host())),
      reader_(stream_) {}

void SocketChannel::close(Call&) noexcept {
  stream_.close();
}

spi::Traits SocketChannel::traits() const noexcept {
  // A drain before a write would take the bytes that a read in progress waits for.
  return {.duplex = !drain_before_write_, .stream = true};
}

spi::ReadResult SocketChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                    Call& call) {
  spi::ReadResult result = reader_.read(into, rule, call);
  if (close_ends_answer_) result = end_by_close(result, call);
  if (result.status == Status::error_tmo && !call.deadline.is_immediate()) {
    std::string text = stream_.peer();
    if (result.count == 0) {
      text += ": no answer in time; was it a query, and does it end as the instrument expects?";
    } else if (rule.termchar_enabled) {
      text += ": the answer did not reach its termination character in time";
    } else {
      text +=
          ": the answer was shorter than the count; a SOCKET has no other end than a "
          "termination character (VI_ATTR_TERMCHAR_EN)";
    }
    call.fail(result.status, text);
  }
  return result;
}

// A read that ended by count or timeout leaves the session inside an answer; any other end of a
// read ends the answer.
spi::ReadResult SocketChannel::end_by_close(const spi::ReadResult& result, Call& call) {
  using spi::StopReason;
  if (result.status == Status::error_conn_lost && stream_.closed_by_peer()) {
    const bool answered = result.count > 0 || inside_answer_.load(std::memory_order_relaxed);
    inside_answer_.store(false, std::memory_order_relaxed);
    if (!answered) return {result.status, 0, StopReason::closed};
    call.detail.clear();
    return {Status::success, result.count, StopReason::closed};
  }
  if (ok(result.status) && result.reason != StopReason::count) {
    inside_answer_.store(false, std::memory_order_relaxed);
  } else if (result.count > 0) {
    inside_answer_.store(true, std::memory_order_relaxed);
  }
  return result;
}

spi::WriteResult SocketChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                      Call& call) {
  inside_answer_.store(false, std::memory_order_relaxed);  // the next bytes answer this message
  if (drain_before_write_ && !inside_message_) {
    if (const Status drained = reader_.discard(call); failed(drained)) return {drained, 0};
  }
  const StreamResult sent = stream_.send(data, call);
  inside_message_ = rule.end == spi::WriteEnd::none;
  if (sent.status == Status::error_tmo) {
    call.fail(sent.status, stream_.peer() + ": the instrument does not take the data");
  }
  return {sent.status, sent.count};
}

void SocketChannel::wake() noexcept {
  stream_.wake();
}

Status SocketChannel::clear(Call& call) {
  inside_message_ = false;
  inside_answer_.store(false, std::memory_order_relaxed);
  return reader_.discard_until_quiet(call);
}

spi::Facets SocketChannel::facets() noexcept {
  spi::Facets facets;
  facets.buffers = this;
  return facets;
}

Status SocketChannel::discard_input(Call& call) {
  return reader_.discard(call);
}

// There is no buffer on this side: a write has passed everything to the system when it returns.
Status SocketChannel::flush_output(bool, Call&) {
  return Status::success;
}

// The system enlarges its buffers as the connection needs; setting a size would switch that off and
// limit it to far less. A size that the buffer has already is granted, a larger one is not
// promised.
Status SocketChannel::resize(bool input, std::uint32_t size, Call&) {
  int current = 0;
  socklen_t length = sizeof current;
  const int option = input ? SO_RCVBUF : SO_SNDBUF;
  if (::getsockopt(stream_.fd(), SOL_SOCKET, option, &current, &length) != 0) {
    return Status::warn_nsup_buf;
  }
  return size <= static_cast<std::uint32_t>(current) ? Status::success : Status::warn_nsup_buf;
}

std::span<const spi::Binding<SocketChannel>> SocketChannel::bindings() noexcept {
  static constexpr spi::Binding<SocketChannel> kBindings[] = {
      {VI_ATTR_TCPIP_ADDR, &SocketChannel::address, nullptr},
      {VI_ATTR_TCPIP_HOSTNAME, &SocketChannel::hostname, nullptr},
      {VI_ATTR_TCPIP_PORT, &SocketChannel::port, nullptr},
      {VI_ATTR_TCPIP_NODELAY, &SocketChannel::nodelay, &SocketChannel::set_nodelay},
      {VI_ATTR_TCPIP_KEEPALIVE, &SocketChannel::keepalive, &SocketChannel::set_keepalive},
  };
  return kBindings;
}

Result<model::AttributeValue> SocketChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status SocketChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

}  // namespace visa::drivers
