// SPDX-License-Identifier: MIT
// Transfers, in clear text and encrypted; the handshake and the end stand in tls_handshake.cpp.
//
// Invariant: a record that was made is never made again. The module is given all of it at once, and
// what the stream below does not take waits in out_ or wire_; so the bytes of the caller that went
// into it count as sent, as those do that a system keeps in its send buffer.
#include "drivers/common/tls_stream.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "lib/base/cancel_shield.h"

namespace visa::drivers {
namespace {

/// A transfer without time goes through at most this many steps that bring no data.
constexpr int kMostSteps = 1000;

std::span<std::byte> bytes_of(const iovec& piece) noexcept {
  return {static_cast<std::byte*>(piece.iov_base), piece.iov_len};
}

std::size_t total(std::span<const iovec> pieces) noexcept {
  std::size_t size = 0;
  for (const iovec& piece : pieces) size += piece.iov_len;
  return size;
}

/// Moves bytes from the begin of `pieces` into `into`, as many as there is room for.
std::size_t gather(std::span<iovec>& pieces, std::span<std::byte> into) noexcept {
  std::size_t count = 0;
  while (!pieces.empty() && count < into.size()) {
    iovec& piece = pieces.front();
    const std::size_t size = std::min(piece.iov_len, into.size() - count);
    if (size > 0) std::memcpy(into.data() + count, piece.iov_base, size);  // else it may be null
    count += size;
    piece.iov_base = static_cast<std::byte*>(piece.iov_base) + size;
    piece.iov_len -= size;
    if (piece.iov_len == 0) pieces = pieces.subspan(1);
  }
  return count;
}

bool over(const Call& call, int steps) noexcept {
  return call.deadline.is_immediate() ? steps > kMostSteps : steps > 0 && call.deadline.expired();
}

}  // namespace

std::ptrdiff_t TlsStream::take(void* stream, void* into, std::size_t size) {
  return static_cast<TlsStream*>(stream)->take_arrived({static_cast<std::byte*>(into), size});
}

int TlsStream::give(void* stream, const void* data, std::size_t size) {
  return static_cast<TlsStream*>(stream)->give_record({static_cast<const std::byte*>(data), size})
             ? 0
             : -1;
}

std::ptrdiff_t TlsStream::take_arrived(std::span<std::byte> into) noexcept {
  const std::size_t count = std::min(into.size(), end_ - begin_);
  if (count > 0) std::memcpy(into.data(), arrived_.data() + begin_, count);
  begin_ += count;
  return static_cast<std::ptrdiff_t>(count);
}

/// Called by the module, which knows no exceptions.
bool TlsStream::give_record(std::span<const std::byte> data) try {
  if (direct_ != nullptr && out_.empty()) {
    Call moment(*direct_, Deadline::immediate());
    const StreamResult sent = below_->send(data, moment);
    data = data.subspan(sent.count);
    const bool later = sent.status == Status::error_tmo || sent.status == Status::error_abort;
    if (failed(sent.status) && !later) {
      given_ = sent.status;
      direct_->detail = std::move(moment.detail);
      return false;
    }
  }
  out_.insert(out_.end(), data.begin(), data.end());
  return true;
} catch (const std::bad_alloc&) {
  given_ = Status::error_alloc;
  return false;
}

StreamResult TlsStream::receive_clear(std::span<const iovec> pieces, bool wait, Call& call) {
  if (!arrived_.empty()) {  // what came after the end of the secure connection
    std::size_t count = 0;
    {
      const MutexLock lock(mutex_);
      for (const iovec& piece : pieces) {
        count += static_cast<std::size_t>(take_arrived(bytes_of(piece)));
      }
    }
    if (count > 0) return {Status::success, count};
    std::vector<std::byte>().swap(arrived_);
  }
  return wait ? below_->receive_scattered(pieces, call)
              : below_->receive_now(bytes_of(pieces.front()), call);
}

/// Gets more of what the peer sent. Nothing of it is left when this is called.
StreamResult TlsStream::fill(bool wait, Call& call) {
  const StreamResult got =
      wait ? below_->receive(arrived_, call) : below_->receive_now(arrived_, call);
  const MutexLock lock(mutex_);
  begin_ = 0;
  end_ = got.count;
  more_ = got.count == arrived_.size();
  return got;
}

/// Adds to `count` what could be decrypted into `pieces`, of which `count` bytes are filled.
/// Success also where there was nothing.
Status TlsStream::decrypt(std::span<const iovec> pieces, std::size_t& count, Call& call) {
  fv_tls_text text{};
  int code = FV_TLS_DONE;
  {
    const CancelShield shield;
    const MutexLock lock(mutex_);
    std::size_t filled = count;
    for (const iovec& piece : pieces) {
      std::span<std::byte> into = bytes_of(piece);
      const std::size_t skip = std::min(filled, into.size());
      filled -= skip;
      into = into.subspan(skip);
      while (!into.empty() && code == FV_TLS_DONE) {
        std::size_t got = 0;
        code = table_->read(tls_, into.data(), into.size(), &got, &text);
        if (code == FV_TLS_DONE) {
          count += got;
          into = into.subspan(got);
        }
      }
    }
  }
  return code == FV_TLS_DONE || code == FV_TLS_WAIT ? Status::success
                                                    : explain(code, text, false, call);
}

StreamResult TlsStream::receive_secure(std::span<const iovec> pieces, bool wait, Call& call) {
  const std::size_t wanted = total(pieces);
  std::size_t count = 0;
  for (int steps = 0;; ++steps) {
    if (count == 0 && call.cancelled()) return {Status::error_abort, 0};
    const Status status = decrypt(pieces, count, call);
    if (count == wanted || (count > 0 && (!more_ || failed(status)))) {
      return {Status::success, count};
    }
    if (failed(status)) return {status, 0};
    if (count == 0 && over(call, steps)) return {Status::error_tmo, 0};
    const StreamResult got = fill(wait && count == 0, call);
    if (count > 0 && got.count == 0) return {Status::success, count};
    if (failed(got.status) || got.count == 0) return got;
  }
}

StreamResult TlsStream::receive(std::span<std::byte> into, Call& call) {
  const iovec piece{into.data(), into.size()};
  return receive_scattered(std::span(&piece, 1), call);
}

StreamResult TlsStream::receive_scattered(std::span<const iovec> pieces, Call& call) {
  if (broken_.load(std::memory_order_relaxed)) return {broken(call), 0};
  return secure() ? receive_secure(pieces, true, call) : receive_clear(pieces, true, call);
}

StreamResult TlsStream::receive_now(std::span<std::byte> into, Call& call) {
  if (broken_.load(std::memory_order_relaxed)) return {broken(call), 0};
  const iovec piece{into.data(), into.size()};
  return secure() ? receive_secure(std::span(&piece, 1), false, call)
                  : receive_clear(std::span(&piece, 1), false, call);
}

/// Sends what is encrypted already.
Status TlsStream::flush(Call& call) {
  for (;;) {
    if (!holds_unsent()) {
      wire_.clear();
      wire_begin_ = 0;
      const MutexLock lock(mutex_);
      wire_.swap(out_);
    }
    if (wire_.empty()) return Status::success;
    const StreamResult sent = below_->send(std::span(wire_).subspan(wire_begin_), call);
    wire_begin_ += sent.count;
    if (failed(sent.status)) return sent.status;
  }
}

/// Makes one record of the begin of `data`; `count` bytes went into it.
Status TlsStream::encrypt(std::span<const std::byte> data, std::size_t& count, Call& call) {
  fv_tls_text text{};
  int code = FV_TLS_DONE;
  Status given = Status::success;
  {
    const CancelShield shield;
    const MutexLock lock(mutex_);
    direct_ = &call;
    code = table_->write(tls_, data.data(), data.size(), &count, &text);
    direct_ = nullptr;
    given = std::exchange(given_, Status::success);
  }
  if (failed(given)) return break_off(given, std::string(call.detail), call);  // a record is lost
  return code == FV_TLS_DONE ? Status::success : explain(code, text, false, call);
}

StreamResult TlsStream::send_secure(std::span<const std::byte> data, Call& call) {
  Status status = flush(call);
  std::size_t count = 0;
  while (ok(status) && count < data.size()) {
    if (call.cancelled()) return {Status::error_abort, count};
    std::size_t taken = 0;
    status = encrypt(data.subspan(count), taken, call);
    count += taken;
    if (ok(status)) status = flush(call);
    const bool late = !call.deadline.is_immediate() && call.deadline.expired();
    if (ok(status) && late && count < data.size()) status = Status::error_tmo;
  }
  return {status, count};
}

StreamResult TlsStream::send(std::span<const std::byte> data, Call& call) {
  if (broken_.load(std::memory_order_relaxed)) return {broken(call), 0};
  return secure() ? send_secure(data, call) : below_->send(data, call);
}

/// A short message is one record, so that it is one packet, too.
StreamResult TlsStream::send_gathered(std::span<iovec> pieces, Call& call) {
  if (broken_.load(std::memory_order_relaxed)) return {broken(call), 0};
  if (!secure()) return below_->send_gathered(pieces, call);
  const std::size_t first = gather(pieces, record_);
  StreamResult result = send_secure(std::span(record_).first(first), call);
  for (const iovec& piece : pieces) {
    if (failed(result.status)) break;
    const StreamResult sent = send_secure(bytes_of(piece), call);
    result = {sent.status, result.count + sent.count};
  }
  return result;
}

}  // namespace visa::drivers
