// SPDX-License-Identifier: MIT
// Bytes that came while output or a delay comes first stand in held_, and no others are read.
#include "tools/sim/serial/serial_line.h"

#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "tools/sim/serial/serial_faults.h"

namespace visa::sim {
namespace {

constexpr std::size_t kReceiveBytes = std::size_t{16} << 10;
constexpr std::size_t kVectors = 16;
constexpr int kWritesInOneTurn = 16;           // then other clients have their turn
constexpr std::chrono::milliseconds kPace{1};  // bytes of one go while paced: those of this time

void log_sent(const Link& link, std::span<const iovec> vectors, std::size_t count) {
  std::string bytes;
  for (const iovec& vector : vectors) {
    const std::size_t here = std::min(count, vector.iov_len);
    bytes.append(static_cast<const char*>(vector.iov_base), here);
    count -= here;
  }
  link.log("out", bytes);
}

}  // namespace

SerialLine::SerialLine(EventLoop& loop, Instrument& instrument, std::string path, bool paced)
    : loop_(loop), instrument_(instrument), paced_(paced), port_(loop, std::move(path), *this) {
  loop_.add_timer(*this);
}

SerialLine::~SerialLine() {
  loop_.remove_timer(*this);
}

void SerialLine::on_opened() {
  if (!connected() && terminal().connected()) connect();
}

void SerialLine::connect() {
  LinkEvents& events = *this;
  link_ = std::make_unique<Link>(instrument_, Exchange::stream, &events);
  if (link_->logged()) link_->log("open", peer());
  settle();
}

// What was on its way is lost, to the instrument and from it.
void SerialLine::disconnect() {
  port_.watch(0);
  if (link_->logged()) link_->log("close", {});
  link_.reset();
  line_.clear();
  held_.clear();
  ready_.reset();
  wake_.reset();
  hangs_up_ = false;
}

void SerialLine::leave() {
  disconnect();
  terminal().forget_unread();
  if (terminal().connected()) connect();  // opened anew meanwhile
}

void SerialLine::hang_up() {
  disconnect();
  port_.replug();
}

void SerialLine::on_events(std::uint32_t events) {
  if ((events & EPOLLIN) != 0 && port_.watched() == EPOLLIN) {
    receive();
  } else if ((events & EPOLLOUT) != 0 && port_.watched() == EPOLLOUT) {
    resume();
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    leave();
  }
}

std::optional<Clock::time_point> SerialLine::due() const {
  if (!ready_) return wake_;
  return wake_ ? std::min(*wake_, *ready_) : *ready_;
}

void SerialLine::on_due(Clock::time_point now) {
  if (ready_ && *ready_ <= now) ready_.reset();
  if (wake_ && *wake_ <= now) {
    wake_.reset();
    link_->release(now);
  }
  if (hangs_up_) {
    hang_up();
  } else {
    resume();
  }
}

void SerialLine::receive() {
  std::array<char, kReceiveBytes> buffer;
  const ssize_t count = ::read(port_.fd(), buffer.data(), buffer.size());
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) leave();
    return;
  }
  const std::string_view input(buffer.data(), static_cast<std::size_t>(count));
  if (link_->logged()) link_->log("in", input);
  execute(input);
}

bool SerialLine::busy() const noexcept {
  return !line_.empty() || !link_->output().empty() || link_->holding() || hangs_up_ ||
         link_->ending() != Link::Ending::none;
}

void SerialLine::execute(std::string_view input) {
  do {
    input.remove_prefix(link_->receive(input, false));
    send();
  } while (!input.empty() && !busy());
  held_.assign(input);
  settle();
}

void SerialLine::resume() {
  send();
  if (!busy() && !held_.empty()) {
    const std::string input = std::exchange(held_, {});
    execute(input);
    return;
  }
  settle();
}

// The next answer goes on the line, with what a fault makes of it.
void SerialLine::load() {
  if (!line_.empty() || link_->output().empty()) return;
  line_ = std::exchange(link_->output(), OutputQueue());
  link_->refill(1);
  meet_serial_fault(instrument_.faults(), link_->id(), line_);
}

void SerialLine::send() {
  load();
  for (int turn = 0; turn < kWritesInOneTurn && !line_.empty() && !ready_; ++turn) {
    std::size_t most = line_.size();
    std::chrono::nanoseconds byte_time{0};
    if (paced_) {
      byte_time = std::max(terminal().byte_time(), std::chrono::nanoseconds(1));
      most = std::max<std::size_t>(
          1, static_cast<std::size_t>(std::chrono::nanoseconds(kPace) / byte_time));
    }
    std::array<iovec, kVectors> vectors;
    std::size_t filled = line_.gather(vectors);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < filled; ++i) {
      vectors[i].iov_len = std::min(vectors[i].iov_len, most - bytes);
      bytes += vectors[i].iov_len;
    }
    const ssize_t went = ::writev(port_.fd(), vectors.data(), static_cast<int>(filled));
    if (went <= 0) {
      if (went < 0 && errno == EINTR) continue;
      break;  // the program does not read, or has closed the port
    }
    const auto sent = static_cast<std::size_t>(went);
    if (link_->logged()) log_sent(*link_, std::span(vectors).first(filled), sent);
    line_.consume(sent);
    if (paced_) ready_ = Clock::now() + byte_time * static_cast<std::int64_t>(sent);
    load();
  }
}

// Watches for what has to come next.
void SerialLine::settle() {
  if (link_->holding()) {
    if (const auto due = link_->due()) wake_ = *due;
  }
  if (line_.empty() && link_->output().empty() && link_->ending() != Link::Ending::none) {
    on_drop(false);
  }
  const bool waits = busy() && (line_.empty() || ready_.has_value());
  // Also with nothing to do: the hang-up has to be heard.
  port_.watch(!busy() ? EPOLLIN : waits ? EPOLLPRI : EPOLLOUT);
}

void SerialLine::on_late_answer() {
  wake_ = Clock::now();
}

void SerialLine::on_drop(bool) {
  hangs_up_ = true;
  wake_ = Clock::now();
}

}  // namespace visa::sim
