// SPDX-License-Identifier: MIT
// Bytes that came while the session takes nothing stand in held_, and no others are read.
#include "tools/sim/hislip/hislip_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tools/sim/hislip/hislip_registry.h"
#include "tools/sim/hislip/hislip_session.h"
#include "tools/sim/net/socket_output.h"

namespace visa::sim {

HislipConnection::HislipConnection(HislipRegistry& registry, TcpServer& server,
                                   FileDescriptor socket)
    : registry_(registry),
      server_(server),
      transport_(std::move(socket)),
      first_by_(Clock::now() + registry.handshake_time),
      watched_(EPOLLIN) {
  server_.loop().add(transport_.socket(), watched_, *this);
  wake_at(first_by_);
}

HislipConnection::~HislipConnection() {
  server_.loop().remove(transport_.socket());
  detach();
}

// The session loses its channel, and with that its end.
void HislipConnection::detach() {
  if (HislipSession* const session = std::exchange(session_, nullptr)) session->channel_gone(*this);
}

std::string HislipConnection::peer() const {
  return peer_name(transport_.socket());
}

void HislipConnection::on_events(std::uint32_t events) {
  server_.serve(*this, [&] { return serve(events); });
}

void HislipConnection::on_due(Clock::time_point now) {
  server_.serve(*this, [&] {
    if (ended_ || (over_by_ && *over_by_ <= now)) return false;
    if (role_ == Role::fresh && first_by_ <= now) {
      refuse(HislipFatal::initialization, "the first message did not come in time");
    } else if (role_ == Role::synchronous) {
      session_->on_time(now);
    }
    return !ended_ && resume();
  });
}

bool HislipConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    // A client that likes no certificate sends its alert and resets the connection: that is read.
    if (!transport_.reads_clear() && (watched_ & EPOLLIN) != 0) receive();
    return false;
  }
  if ((events & EPOLLOUT) != 0 && !resume()) return false;
  if ((watched_ & EPOLLIN) != 0) return (events & (EPOLLIN | EPOLLHUP)) == 0 || receive();
  // A client that has closed does not wait for its turn.
  return (events & (EPOLLHUP | EPOLLRDHUP)) == 0;
}

bool HislipConnection::receive() {
  char* const buffer = server_.receive_buffer();
  const ssize_t count = ::recv(transport_.socket(), buffer, TcpServer::kReceiveBytes, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (count == 0) return false;
  execute({buffer, static_cast<std::size_t>(count)});
  return send_answers();
}

void HislipConnection::execute(std::string_view input) {
  if (transport_.reads_clear()) {
    execute_clear(input);
  } else {
    execute_tls(input);
  }
}

// After StartTLS the rest is TLS.
void HislipConnection::execute_clear(std::string_view input) {
  holding_ = false;
  while (!output_.ends() && role_ != Role::leaving && transport_.reads_clear() && advance(input)) {
  }
  if (!transport_.reads_clear() && !holding_) {
    execute_tls(input);
  } else {
    held_.assign(holding_ ? input : std::string_view());
  }
}

// A client that likes nothing of it may say so in clear, instead of its first message of TLS.
void HislipConnection::execute_tls(std::string_view input) {
  if (input.starts_with("HS") && transport_.awaits_hello()) {
    transport_.give_up_turns();
    execute_clear(input);
    return;
  }
  transport_.give(input);
  char* const buffer = registry_.plain_buffer();
  while (!holding_ && !output_.ends() && role_ != Role::leaving && !transport_.crowded()) {
    const std::size_t count = transport_.read(buffer, TcpServer::kReceiveBytes);
    if (transport_.take_secured()) session_->on_secured(*this, transport_.summary());
    if (count == 0) break;
    execute_plain({buffer, count});
  }
  if (!holding_) tell_change();
  transport_.keep();
  if (!transport_.reads_clear() || holding_) return;
  const std::string rest = transport_.take_rest();
  if (!rest.empty()) execute_clear(rest);
}

void HislipConnection::execute_plain(std::string_view plain) {
  while (!output_.ends() && role_ != Role::leaving && advance(plain)) {
  }
  held_.assign(holding_ ? plain : std::string_view());
}

void HislipConnection::execute_held(std::string_view plain) {
  if (transport_.reads_clear()) {
    execute_clear(plain);
    return;
  }
  holding_ = false;
  execute_plain(plain);
  if (!holding_) execute_tls({});
}

void HislipConnection::tell_change() {
  if (role_ == Role::leaving || session_ == nullptr) return;
  switch (transport_.change()) {
    case HislipTransport::Change::none:
      break;
    case HislipTransport::Change::cleared:
      session_->on_cleared(*this);
      break;
    case HislipTransport::Change::left:
      end(false);
      break;
    case HislipTransport::Change::failed:
      session_->on_tls_failed(*this, transport_.error());
      break;
  }
}

void HislipConnection::start_tls(HislipHandshake handshake) {
  transport_.start(std::move(handshake));
  output_.put({.bytes = {}, .turns = true});
  push();
}

void HislipConnection::end_tls(bool notify) {
  transport_.end(notify);
  output_.put({.bytes = {}, .turns = true});
  push();
}

bool HislipConnection::send_output() {
  return output_.send(transport_, Clock::now()) && transport_.flush();
}

// What waits because there was no room goes on when the answers have made some.
bool HislipConnection::send_answers() {
  const bool wanted_room = holding_ && role_ == Role::synchronous && !session_->has_room();
  if (role_ == Role::synchronous) session_->respond();
  if (!send_output()) return false;
  if (wanted_room && role_ == Role::synchronous && session_->has_room()) wake();
  return settle();
}

bool HislipConnection::advance(std::string_view& input) {
  if (!reader_.read_header(input)) return false;
  if (!plan_) {
    plan_ = admit();
    collected_.clear();
    if (*plan_ == HislipPlan::wait) {
      plan_.reset();
      holding_ = true;
      return false;
    }
  }
  const std::string_view payload = reader_.payload(input);
  std::size_t taken = payload.size();
  if (*plan_ == HislipPlan::stream && !payload.empty()) {
    taken = session_->take(reader_.header(), payload, payload.size() == reader_.left());
  } else if (*plan_ == HislipPlan::collect) {
    collected_.append(payload);
  }
  reader_.take(input, taken);
  if (taken < payload.size()) {
    holding_ = true;
    return false;
  }
  if (reader_.left() > 0) return false;
  finish_message();
  return true;
}

void HislipConnection::finish_message() {
  const HislipPlan plan = *std::exchange(plan_, std::nullopt);
  const HislipHeader header = reader_.header();
  reader_.next();
  if (plan == HislipPlan::skip) return;
  if (role_ != Role::fresh) {
    session_->finish(*this, header, collected_);
  } else if (header.kind() == HislipType::initialize) {
    initialize(header);
  } else {
    initialize_asynchronous(header);
  }
}

HislipPlan HislipConnection::admit() {
  const HislipHeader& header = reader_.header();
  if (role_ == Role::fresh) return admit_first(header);
  if (!reader_.well_formed()) {
    session_->fatal(HislipFatal::poorly_formed, "a message does not begin with HS");
    return HislipPlan::skip;
  }
  return session_->admit(*this, header);
}

HislipPlan HislipConnection::admit_first(const HislipHeader& header) {
  if (!reader_.well_formed()) {
    refuse(HislipFatal::poorly_formed, "a message does not begin with HS");
  } else if (header.kind() != HislipType::initialize &&
             header.kind() != HislipType::async_initialize) {
    refuse(HislipFatal::initialization,
           "expected Initialize or AsyncInitialize instead of " + hislip_type_name(header.type));
  } else if (header.length > HislipRegistry::kLongestSubAddress) {
    refuse(HislipFatal::initialization, "a sub-address has 256 characters at most");
  } else {
    return HislipPlan::collect;
  }
  return HislipPlan::skip;
}

bool HislipConnection::meet_fault(const FaultBoard::Active* active) {
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  const auto code = static_cast<std::uint8_t>(active != nullptr ? active->fault.error : 0);
  if (kind == &kHislipErrorFault) {
    put_hislip(output_, {.type = HislipType::error, .control = code}, nullptr);
  } else if (kind == &kHislipFatalFault) {
    refuse(static_cast<HislipFatal>(code), "a fault of the bench");
  } else {
    return kind == &kHislipSilenceFault;  // else none, or another wire's
  }
  return true;
}

void HislipConnection::initialize(const HislipHeader& header) {
  constexpr const WireOperation* kOperation = hislip_operation(HislipType::initialize);
  HislipDevice* const device = registry_.find_device(collected_);
  const auto* const active = device != nullptr
                                 ? device->instrument.faults().next(FaultPoint::call, 0, kOperation)
                                 : registry_.next_fault(FaultPoint::call, kOperation);
  if (meet_fault(active)) return;
  const auto version = static_cast<std::uint16_t>(header.parameter >> 16U);
  const auto opened = registry_.open(*this, collected_, version);
  if (const auto* const refusal = std::get_if<HislipRegistry::Refusal>(&opened)) {
    refuse(refusal->code, refusal->text);
    return;
  }
  session_ = std::get<HislipSession*>(opened);
  role_ = Role::synchronous;
  session_->greet();
}

void HislipConnection::initialize_asynchronous(const HislipHeader& header) {
  constexpr const WireOperation* kOperation = hislip_operation(HislipType::async_initialize);
  HislipSession* const session = registry_.find_session(header.parameter);
  if (session == nullptr || session->complete()) {
    refuse(HislipFatal::initialization,
           "no session " + std::to_string(header.parameter) + " waits for its second channel");
    return;
  }
  if (meet_fault(session->next_fault(FaultPoint::call, kOperation))) return;
  session_ = session;
  role_ = Role::asynchronous;
  session_->attach(*this);
}

void HislipConnection::refuse(HislipFatal code, std::string_view text) {
  output_.put({.bytes = hislip_bytes_of(
                   static_cast<std::uint8_t>(HislipType::fatal_error),
                   {.control = static_cast<std::uint8_t>(code), .payload = hislip_payload(text)}),
               .ending = HislipOutput::Ending::close});
}

bool HislipConnection::resume() {
  if (!send_output()) return false;
  if (role_ == Role::asynchronous) session_->on_asynchronous_sent();
  if (holding_) {
    const std::string input = std::exchange(held_, {});
    execute_held(input);
  } else if (!transport_.reads_clear()) {
    execute_tls({});
  }
  return send_answers();
}

// Sees to what has to come next; false when nothing has.
bool HislipConnection::settle() {
  if (ended_) return false;
  if (role_ != Role::leaving && output_.ending() != HislipOutput::Ending::none) {
    if (output_.ending() == HislipOutput::Ending::reset) {
      end_by_reset(transport_.socket());
      return false;
    }
    detach();
    leave();
  }
  if (role_ == Role::leaving && !finish_leaving()) return false;
  watch();
  return true;
}

// A socket that is closed with unread input is reset, and the client may then never see what was
// sent last: its input is read until it has closed its end.
bool HislipConnection::finish_leaving() {
  if (!output_.empty() || transport_.blocked()) return true;
  transport_.farewell();
  if (!transport_.flush()) return false;
  if (transport_.blocked()) return true;
  ::shutdown(transport_.socket(), SHUT_WR);
  char* const buffer = server_.receive_buffer();
  const ssize_t count = ::recv(transport_.socket(), buffer, TcpServer::kReceiveBytes, MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

void HislipConnection::watch() {
  const auto now = Clock::now();
  std::uint32_t wanted = holding_ || transport_.crowded() ? EPOLLRDHUP : EPOLLIN;
  if (transport_.blocked() || (transport_.open() && output_.blocked(now))) {
    wanted |= EPOLLOUT;
    if (output_.ends() && !over_by_) {
      over_by_ = now + kLeaveTime;  // its client does not read
    }
  } else if (const auto due = output_.due(); due && transport_.open()) {
    wake_at(*due);
  }
  if (over_by_) wake_at(*over_by_);
  if (role_ == Role::fresh) wake_at(first_by_);
  if (role_ == Role::synchronous) {
    if (const auto due = session_->next_due()) wake_at(*due);
  }
  if (wanted != watched_) {
    watched_ = wanted;
    server_.loop().modify(transport_.socket(), wanted, *this);
  }
}

void HislipConnection::push() {
  if (!send_output()) {
    end(false);
    return;
  }
  if (output_.ending() != HislipOutput::Ending::none || (holding_ && !output_.crowded())) wake();
  watch();
}

void HislipConnection::wake() {
  server_.wake_at(*this, Clock::now());
}

void HislipConnection::wake_at(Clock::time_point when) {
  server_.wake_at(*this, when);
}

void HislipConnection::end(bool reset) {
  if (reset) end_by_reset(transport_.socket());
  ended_ = true;
  wake();
}

void HislipConnection::leave() {
  session_ = nullptr;
  role_ = Role::leaving;
  holding_ = false;
  held_.clear();
  over_by_ = Clock::now() + kLeaveTime;
  wake();
}

void HislipConnection::faults_changed() {
  if (session_ == nullptr) return;
  output_.let_go([this](std::uint32_t id) { return session_->is_on(id); });
  wake();
}

}  // namespace visa::sim
