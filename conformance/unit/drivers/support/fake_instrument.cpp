// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/fake_instrument.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace visa::test {
namespace {

enum Kind { kCore, kAbort, kMapper };

constexpr std::uint32_t kReadProcedure = 12;
constexpr std::size_t kCallHeader = 40;

std::uint32_t word_at(std::string_view data, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4 && i < data.size(); ++i) {
    value = value << 8 | static_cast<unsigned char>(data[i]);
  }
  return value;
}

/// Which argument says how long the call may take.
std::size_t timeout_index(std::uint32_t procedure) {
  switch (procedure) {
    case 11:
      return 1;
    case 12:
    case 18:
      return 2;
    default:
      return 3;
  }
}

UniqueFd udp_socket_at(const drivers::Endpoint& where) {
  UniqueFd fd(::socket(where.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::bind(fd.get(), where.address(), where.size()) != 0) throw std::runtime_error("udp bind");
  return fd;
}

}  // namespace

std::uint32_t RpcSeen::word(std::size_t index) const {
  return word_at(arguments, 4 * index);
}

std::string RpcSeen::opaque(std::size_t index) const {
  return arguments.substr(std::min(arguments.size(), 4 * index + 4), word(index));
}

FakeInstrument::FakeInstrument(int family)
    : core_(family),
      abort_(family),
      mapper_(family),
      udp_(udp_socket_at(mapper_.endpoint())),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      poke_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

FakeInstrument::~FakeInstrument() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void FakeInstrument::set_receive_buffer(int bytes) {
  ::setsockopt(core_.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void FakeInstrument::next(std::uint32_t procedure, Answer answer) {
  const std::lock_guard lock(mutex_);
  queued_[procedure].push_back(std::move(answer));
}

void FakeInstrument::always(std::uint32_t procedure, Answer answer) {
  const std::lock_guard lock(mutex_);
  always_[procedure] = std::move(answer);
}

void FakeInstrument::says(std::string message) {
  const std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
}

std::vector<RpcSeen> FakeInstrument::seen(std::uint32_t procedure) const {
  const std::lock_guard lock(mutex_);
  std::vector<RpcSeen> calls;
  for (const RpcSeen& call : seen_) {
    if (call.procedure == procedure && call.program != 100000) calls.push_back(call);
  }
  return calls;
}

bool FakeInstrument::wait_for(std::uint32_t procedure, std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    return static_cast<std::size_t>(std::count_if(
               seen_.begin(), seen_.end(),
               [&](const RpcSeen& call) { return call.procedure == procedure; })) >= count;
  });
}

std::string FakeInstrument::written() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

int FakeInstrument::core_connections() const {
  const std::lock_guard lock(mutex_);
  return core_connections_;
}

int FakeInstrument::abort_connections() const {
  const std::lock_guard lock(mutex_);
  return abort_connections_;
}

void FakeInstrument::finish_stalled() {
  const std::lock_guard lock(mutex_);
  if (stalled_end_ == nullptr) throw std::runtime_error("nothing is stalled");
  stalled_end_->send(stalled_);
  stalled_end_ = nullptr;
}

void FakeInstrument::stop_reading(bool stop) {
  deaf_ = stop;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(poke_.get(), &one, sizeof one);
}

bool FakeInstrument::core_closed() const {
  const std::lock_guard lock(mutex_);
  return core_closed_ > 0;
}

bool FakeInstrument::locked() const {
  const std::lock_guard lock(mutex_);
  return holder_ != nullptr;
}

bool FakeInstrument::wait_until_closed() const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return core_closed_ > 0; });
}

void FakeInstrument::run() {
  for (;;) {
    std::vector<pollfd> watched{
        {stop_.get(), POLLIN, 0}, {udp_.get(), POLLIN, 0}, {poke_.get(), POLLIN, 0}};
    const std::size_t first_listener = watched.size();
    for (const LoopbackServer* one : {&core_, &abort_, &mapper_}) {
      const bool waits = waits_in_queue(static_cast<int>(watched.size() - first_listener));
      watched.push_back({waits ? -1 : one->fd(), POLLIN, 0});
    }
    const std::size_t first = watched.size();
    int timeout = -1;
    for (const auto& one : connections_) {
      const bool deaf = (deaf_ && one->kind == kCore) || one->late;
      watched.push_back({deaf ? -1 : one->end.fd(), POLLIN, 0});
      if (!one->held) continue;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          one->held_until - std::chrono::steady_clock::now());
      const int wait = static_cast<int>(std::clamp<long long>(left.count(), 0, 100000));
      timeout = timeout < 0 ? wait : std::min(timeout, wait);
    }
    ::poll(watched.data(), watched.size(), timeout);
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) answer_datagram();
    if (watched[2].revents != 0) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const auto size = ::read(poke_.get(), &drained, sizeof drained);
    }
    release_held(false);
    for (std::size_t i = first; i < watched.size(); ++i) {
      if (watched[i].revents != 0) serve(*connections_[i - first]);
    }
    for (int kind = kCore; kind <= kMapper; ++kind) {
      if (watched[first_listener + static_cast<std::size_t>(kind)].revents == 0) continue;
      accept_from(kind);
    }
    std::erase_if(connections_, [](const auto& one) { return one->over; });
  }
}

bool FakeInstrument::others(const Connection& connection) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const auto& one) {
    return one.get() != &connection && one->kind == kCore && !one->over;
  });
}

bool FakeInstrument::waits_in_queue(int kind) const {
  return kind == kCore && second == Second::queued &&
         std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& one) { return one->kind == kCore && !one->over; });
}

void FakeInstrument::accept_from(int kind) {
  const LoopbackServer* const servers[] = {&core_, &abort_, &mapper_};
  UniqueFd fd(::accept4(servers[kind]->fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd || (kind == kMapper && !tcp_answers)) return;
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  auto fresh = std::make_unique<Connection>(Connection{PeerEnd(std::move(fd)), kind, {}, {}});
  {
    const std::lock_guard lock(mutex_);
    ++(kind == kCore ? core_connections_ : abort_connections_);
  }
  const bool refused = out_of_order || (second == Second::refused && others(*fresh));
  if (kind != kCore || !refused) connections_.push_back(std::move(fresh));
}

void FakeInstrument::serve(Connection& connection) {
  char data[65536];
  const ssize_t got = ::recv(connection.end.fd(), data, sizeof data, MSG_DONTWAIT);
  if (got <= 0) {
    connection.over = true;
    const std::lock_guard lock(mutex_);
    if (connection.kind == kCore) ++core_closed_;
    if (holder_ == &connection) holder_ = nullptr;
    changed_.notify_all();
    return;
  }
  connection.received.append(data, static_cast<std::size_t>(got));
  while (connection.received.size() >= 4 && !connection.over && !connection.late) {
    const std::size_t size = word_at(connection.received, 0) & 0x7FFFFFFF;
    if (connection.received.size() < size + 4) break;
    const std::string body = connection.received.substr(4, size);
    connection.received.erase(0, size + 4);
    if (body.size() < kCallHeader) continue;
    handle_call(connection,
                {word_at(body, 12), word_at(body, 20), word_at(body, 0), body.substr(kCallHeader)});
  }
}

void FakeInstrument::handle_call(Connection& connection, const RpcSeen& call) {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(call);
    changed_.notify_all();
    const bool mapper = call.program == 100000;
    auto& queue = queued_[call.procedure];
    if (!mapper && !queue.empty()) {
      answer = std::move(queue.front());
      queue.pop_front();
    } else if (!mapper && always_.count(call.procedure) != 0) {
      answer = always_[call.procedure];
    } else {
      answer = default_answer(connection, call);
    }
  }
  const bool aborts = connection.kind == kAbort && answer.words == std::vector{0u};
  if (aborts && answer.late.count() == 0) release_held(true);
  if (answer.silent) return;
  if (answer.late.count() > 0) {
    connection.held = call;
    connection.held_until = std::chrono::steady_clock::now() + answer.late;
    connection.late = answer;
    return;
  }
  if (answer.hold) {
    connection.held = call;
    const std::uint32_t io_timeout = call.word(timeout_index(call.procedure));
    connection.held_until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(io_timeout);
    return;
  }
  send(connection, answer, call.xid);
}

Answer FakeInstrument::read_answer(const RpcSeen& call) {
  Answer answer;
  answer.hold = messages_.empty();
  if (answer.hold) return answer;
  std::string& message = messages_.front();
  std::size_t size = std::min<std::size_t>(message.size(), call.word(1));
  std::uint32_t reason = 0;
  if ((call.word(4) & 0x80) != 0) {
    const auto end = message.find(static_cast<char>(call.word(5)));
    if (end < size) {
      size = end + 1;
      reason |= 2;
    }
  }
  answer.data = message.substr(0, size);
  message.erase(0, size);
  if (size == call.word(1)) reason |= 1;
  if (message.empty()) {
    reason |= 4;
    messages_.pop_front();
  }
  answer.words = {0, reason};
  return answer;
}

Answer FakeInstrument::lock_answer(Connection& connection, bool lock) {
  const bool own = holder_ == &connection;
  if (lock ? holder_ != nullptr : !own) return {.words = {lock ? 11u : 12u}};
  holder_ = lock ? &connection : nullptr;
  return {.words = {0}};
}

Answer FakeInstrument::default_answer(Connection& connection, const RpcSeen& call) {
  if (call.program == 100000) {
    return {.words = {registered ? std::uint32_t{core_.port()} : 0u}};
  }
  if (call.program == 0x0607B0) return {.words = {0}};
  switch (call.procedure) {
    case 10:
      if (second == Second::without_link && others(connection)) return {.words = {9, 0, 0, 0}};
      return {.words = {0, next_link_++,
                        abort_port < 0 ? abort_.port() : static_cast<std::uint32_t>(abort_port),
                        max_receive}};
    case 11:
      written_ += call.opaque(4);
      return {.words = {0, call.word(4)}};
    case 12:
      return read_answer(call);
    case 13:
      return {.words = {0, 0x10}};
    case 18:
      return lock_answer(connection, true);
    case 19:
      return lock_answer(connection, false);
    case 20:
      handle_ = call.opaque(2);
      return {.words = {0}};
    case 25:
      return create_channel(call);
    default:
      return {.words = {0}};
  }
}

void FakeInstrument::release_held(bool aborted) {
  bool late_abort = false;
  for (const auto& one : connections_) {
    const bool due = one->held && std::chrono::steady_clock::now() >= one->held_until;
    const bool ends = aborted && (!one->late || one->late->abortable);
    if (!one->held || (!due && !ends)) continue;
    const RpcSeen call = *one->held;
    const std::optional<Answer> late = std::exchange(one->late, std::nullopt);
    one->held.reset();
    Answer answer{.words = {ends && !due ? 23u : 15u}};
    if (call.procedure == 11) answer.words.push_back(0);
    if (call.procedure == kReadProcedure) {
      answer.words.push_back(0);
      answer.data = "";
    }
    if (late && due) {
      const std::lock_guard lock(mutex_);
      answer = late->words.empty() ? default_answer(*one, call) : *late;
    }
    send(*one, answer, call.xid);
    late_abort = late_abort || one->kind == kAbort;
  }
  if (late_abort) release_held(true);
}

void FakeInstrument::send(Connection& connection, const Answer& answer, std::uint32_t xid) {
  std::string bytes = answer.before + record_of(answer, xid);
  if (answer.stalls_at) {
    const std::size_t sent = std::min(bytes.size(), *answer.stalls_at);
    const std::lock_guard lock(mutex_);
    stalled_ = bytes.substr(sent);
    stalled_end_ = &connection.end;
    bytes.resize(sent);
  }
  const std::size_t step = answer.pieces != 0 ? answer.pieces : bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (at > 0) std::this_thread::yield();
    connection.end.send(std::string_view(bytes).substr(at, step));
  }
  if (!answer.closes) return;
  connection.end.close();
  connection.over = true;
}

void FakeInstrument::answer_datagram() {
  char data[256];
  sockaddr_in6 from{};
  socklen_t size = sizeof from;
  const ssize_t got = ::recvfrom(udp_.get(), data, sizeof data, MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &size);
  if (got < static_cast<ssize_t>(kCallHeader) || !udp_answers) return;
  const std::string_view call(data, static_cast<std::size_t>(got));
  const Answer answer{.words = {registered ? std::uint32_t{core_.port()} : 0u}};
  const std::string reply = record_of(answer, word_at(call, 0)).substr(4);
  ::sendto(udp_.get(), reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from),
           size);
}

}  // namespace visa::test
