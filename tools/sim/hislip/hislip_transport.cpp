// SPDX-License-Identifier: MIT
// Invariant: without tls_ the phase is clear.
#include "tools/sim/hislip/hislip_transport.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "tools/sim/net/socket_output.h"

namespace visa::sim {
namespace {

constexpr int kSendsInOneTurn = 16;  // then other clients have their turn

}  // namespace

void HislipTransport::start(HislipHandshake handshake) {
  tls_ = std::move(handshake.stream);
  handshake_ = std::move(handshake);
  handshake_sent_ = 0;
  silent_ = heard_ = false;
  phase_ = Phase::starting;
}

void HislipTransport::end(bool notify) {
  if (phase_ != Phase::secure) return;
  phase_ = Phase::finishing;
  notify_ = notify;
}

void HislipTransport::turn() {
  if (phase_ == Phase::starting) {
    phase_ = Phase::handshaking;
    if (handshake_.spoiled == HislipHandshake::Spoiled::garbage) {
      // No type of record, no message of HiSLIP.
      for (std::size_t i = 0; i < handshake_.bytes; ++i) {
        raw_ += static_cast<char>(0x80 + i * 37 % 128);
      }
    }
  } else if (phase_ == Phase::finishing) {
    phase_ = Phase::closing;
    if (notify_) tls_->end();
  }
}

void HislipTransport::give(std::string_view bytes) {
  heard_ = heard_ || !bytes.empty();
  if (tls_ != nullptr) tls_->give(bytes);
}

std::size_t HislipTransport::read(char* to, std::size_t most) {
  return tls_ != nullptr ? tls_->read(to, most) : 0;
}

void HislipTransport::keep() {
  if (tls_ != nullptr) tls_->keep();
}

bool HislipTransport::take_secured() noexcept {
  if (phase_ != Phase::handshaking) return false;
  const TlsStream::State state = tls_->state();
  if (state != TlsStream::State::open && state != TlsStream::State::ended) return false;
  phase_ = Phase::secure;
  return true;
}

HislipTransport::Change HislipTransport::change() {
  if (tls_ == nullptr) return Change::none;
  switch (tls_->state()) {
    case TlsStream::State::ended:
      if (phase_ == Phase::closing) {
        forget_tls();
        return Change::cleared;
      }
      if (phase_ != Phase::finishing) return Change::left;
      break;
    case TlsStream::State::failed:
      error_ = tls_->error();
      forget_tls();
      return Change::failed;
    case TlsStream::State::handshaking:
    case TlsStream::State::open:
      break;
  }
  return Change::none;
}

// Its last words still have to go.
void HislipTransport::forget_tls() {
  if (!silent_ && handshake_.spoiled != HislipHandshake::Spoiled::garbage) {
    raw_ += tls_->output();
  }
  rest_ = tls_->take_rest();
  tls_.reset();
  phase_ = Phase::clear;
}

std::string HislipTransport::take_rest() {
  return std::exchange(rest_, {});
}

bool HislipTransport::open() const noexcept {
  return phase_ != Phase::handshaking && phase_ != Phase::closing;
}

std::string_view HislipTransport::ciphertext() const noexcept {
  const bool goes =
      tls_ != nullptr && phase_ != Phase::starting &&
      (phase_ != Phase::handshaking || handshake_.spoiled != HislipHandshake::Spoiled::garbage);
  return goes ? tls_->output() : std::string_view();
}

bool HislipTransport::limit_handshake(std::string_view& bytes) {
  const bool close = handshake_.spoiled == HislipHandshake::Spoiled::close;
  const bool silence = handshake_.spoiled == HislipHandshake::Spoiled::silence;
  if (phase_ != Phase::handshaking || !(close || silence)) return true;
  bytes = bytes.substr(0, handshake_.bytes - std::min(handshake_sent_, handshake_.bytes));
  if (!bytes.empty()) return true;
  silent_ = silence;
  if (close && handshake_.reset) end_by_reset(socket_.get());
  return false;
}

bool HislipTransport::flush() {
  for (int i = 0; i < kSendsInOneTurn && blocked(); ++i) {
    const bool raw = !raw_.empty();
    std::string_view bytes = raw ? std::string_view(raw_) : ciphertext();
    if (!raw && !limit_handshake(bytes)) return silent_;
    const ssize_t count =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    const auto gone = static_cast<std::size_t>(count);
    if (raw) {
      raw_.erase(0, gone);
    } else {
      tls_->consume(gone);
      handshake_sent_ += gone;
    }
  }
  return true;
}

bool HislipTransport::send(OutputQueue& bytes) {
  if (!flush()) return false;
  const bool secure = phase_ == Phase::secure || phase_ == Phase::finishing;
  if (!secure || handshake_.spoiled == HislipHandshake::Spoiled::clear) {
    return blocked() || send_queue(socket_.get(), bytes);
  }
  for (int i = 0; i < kSendsInOneTurn && !bytes.empty() && !blocked(); ++i) {
    std::size_t taken = 0;
    std::array<iovec, 4> vectors;
    const std::size_t filled = bytes.gather(vectors);
    for (std::size_t k = 0; k < filled && taken < kHighWater; ++k) {
      const std::size_t part = std::min(vectors[k].iov_len, kHighWater - taken);
      tls_->write({static_cast<const char*>(vectors[k].iov_base), part});
      taken += part;
    }
    bytes.consume(taken);
    if (!flush()) return false;
  }
  return true;
}

void HislipTransport::give_up_turns() {
  says_farewell_ = phase_ == Phase::secure || phase_ == Phase::finishing;
  if (!says_farewell_ && tls_ != nullptr) forget_tls();
}

void HislipTransport::farewell() {
  if (std::exchange(says_farewell_, false) && tls_ != nullptr) tls_->end();
}

std::string HislipTransport::client_name() const {
  return tls_ != nullptr ? tls_->client_name() : std::string();
}

std::string HislipTransport::summary() const {
  return tls_ != nullptr ? tls_->summary() : std::string();
}

}  // namespace visa::sim
