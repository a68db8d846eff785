// SPDX-License-Identifier: MIT
// What is read belongs to the last message before it of the same session. A message comes at the
// beginning of its operation: what another thread notes meanwhile, a request for service for
// instance, came of it. When a read took no time
// the answer was there already, and nobody knows since when: it is noted without a delay.
#include "tools/sim/recording/recorder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tools/sim/engine/message_reader.h"

namespace visa::sim {
namespace {

constexpr std::size_t kMostOperations = 1000000;
constexpr std::size_t kMostStatus = 1000;  // of one exchange
constexpr std::int64_t kWaited = 1000;     // us: a read that took longer waited
constexpr std::size_t kLongestMessage = std::size_t{16} << 20;

Framing framing_of(char terminator) {
  Framing framing;
  framing.limit = kLongestMessage;
  framing.terminator = terminator;
  return framing;
}

/// When it counts: what comes from the instrument when it was there, what goes to it when it began.
std::int64_t place_of(const SeenOperation& seen) {
  switch (seen.kind) {
    case SeenOperation::Kind::write:
    case SeenOperation::Kind::trigger:
    case SeenOperation::Kind::clear:
      return seen.began;
    case SeenOperation::Kind::read:
    case SeenOperation::Kind::status:
    case SeenOperation::Kind::service_request:
      break;
  }
  return seen.end;
}

/// What the sessions of one resource did, put into exchanges.
class Assembly {
 public:
  Assembly(bool stream, char terminator)
      : stream_(stream), terminator_(terminator), budget_(Recording::kMostData) {}

  void add(const SeenOperation& seen) {
    Session& session = session_of(seen.session);
    switch (seen.kind) {
      case SeenOperation::Kind::write:
        write(session, seen);
        return;
      case SeenOperation::Kind::read:
        read(session, seen);
        return;
      case SeenOperation::Kind::status:
        if (RecordedExchange* const exchange = current(session)) note_status(*exchange, seen.data);
        return;
      case SeenOperation::Kind::trigger:
      case SeenOperation::Kind::clear:
        end_answer(session);
        begin(session,
              seen.kind == SeenOperation::Kind::trigger ? RecordedExchange::Kind::trigger
                                                        : RecordedExchange::Kind::clear,
              {}, {}, seen.end);
        return;
      case SeenOperation::Kind::service_request:
        if (RecordedExchange* const exchange = current(session)) {
          const auto after = std::max<std::int64_t>(0, seen.end - session.began) / 1000;
          exchange->service_requests.emplace_back(after);
        }
        return;
    }
  }

  std::vector<RecordedExchange> finish() {
    for (auto& [number, session] : sessions_) {
      if (session->reader.partial()) end_message(*session);
      end_answer(*session);
    }
    // A clear that nothing came of is no exchange: the bench does it in any case.
    std::erase_if(exchanges_, [](const RecordedExchange& one) {
      return one.kind == RecordedExchange::Kind::clear && one.answers.empty() &&
             one.status.empty() && one.service_requests.empty();
    });
    return std::move(exchanges_);
  }
  std::size_t endless() const noexcept { return endless_; }
  std::size_t unasked() const noexcept { return unasked_; }
  std::size_t cut() const noexcept { return cut_; }
  std::size_t secret() const noexcept { return secret_; }

 private:
  struct Session {
    Session(char terminator, InputBudget& budget) : reader(framing_of(terminator), budget) {}
    MessageReader reader;
    std::string hidden;            // of what the reader keeps
    std::ptrdiff_t exchange = -1;  // in exchanges_
    std::int64_t began = 0;        // when its message had been sent
    std::int64_t written = 0;      // when the last write ended
    std::string answer;            // as far as it has been read
    std::string pending;           // of a stream: what the reader keeps, for a message without end
  };

  Session& session_of(unsigned number) {
    auto& session = sessions_[number];
    if (session == nullptr) session = std::make_unique<Session>(terminator_, budget_);
    return *session;
  }
  RecordedExchange* current(const Session& session) {
    return session.exchange >= 0 ? &exchanges_[static_cast<std::size_t>(session.exchange)]
                                 : nullptr;
  }

  void begin(Session& session, RecordedExchange::Kind kind, std::string_view message,
             std::string_view hidden, std::int64_t time) {
    end_answer(session);
    RecordedExchange exchange;
    exchange.kind = kind;
    if (message.ends_with(terminator_)) message.remove_suffix(1);
    exchange.message = without_line_end(message);
    const auto secret = hidden.find('\1');
    if (secret < exchange.message.size()) exchange.secret = secret;
    exchanges_.push_back(std::move(exchange));
    session.exchange = static_cast<std::ptrdiff_t>(exchanges_.size()) - 1;
    session.began = time;
  }

  void write(Session& session, const SeenOperation& seen) {
    session.written = seen.end;
    std::string hidden = seen.hidden;
    hidden.resize(seen.data.size(), '\0');
    session.hidden += hidden;
    session.pending += seen.data;
    std::string_view rest = seen.data;
    const bool end = !stream_ && seen.whole;
    bool alone = end && rest.empty() && session.reader.partial();
    while (!rest.empty() || std::exchange(alone, false)) {
      const MessageReader::Step step = session.reader.next(rest, end);
      if (step.kind != MessageReader::Kind::message) continue;
      take(session, std::string(step.text), seen.end);
    }
  }

  void take(Session& session, const std::string& message, std::int64_t time) {
    const std::size_t size = std::min(message.size(), session.hidden.size());
    const std::string hidden = session.hidden.substr(0, size);
    session.hidden.erase(0, size);
    session.pending.erase(0, std::min(message.size(), session.pending.size()));
    if (without_line_end(message).empty()) return;
    begin(session, RecordedExchange::Kind::message, message, hidden, time);
  }

  /// The instrument has answered a message that has no end as far as the bench could see.
  void end_message(Session& session) {
    ++endless_;
    const std::string message = std::exchange(session.pending, {});
    const std::string hidden = std::exchange(session.hidden, {});
    session.reader.clear();
    begin(session, RecordedExchange::Kind::message, message, hidden, session.written);
  }

  void read(Session& session, const SeenOperation& seen) {
    if (seen.data.empty()) {
      if (seen.whole) end_answer(session);
      return;
    }
    if (session.reader.partial()) end_message(session);
    RecordedExchange* const exchange = current(session);
    if (exchange == nullptr) {
      ++unasked_;
      return;
    }
    if (exchange->answers.empty() && session.answer.empty() && seen.took > kWaited) {
      exchange->delay = std::chrono::milliseconds(
          std::max<std::int64_t>(0, seen.end - session.began + 500) / 1000);
    }
    if (seen.hidden.find('\1') != std::string::npos) ++secret_;
    session.answer += seen.data;
    if (!stream_ && seen.whole) end_answer(session);
  }

  void end_answer(Session& session) {
    std::string answer = std::exchange(session.answer, {});
    RecordedExchange* const exchange = current(session);
    if (answer.empty() || exchange == nullptr) return;
    exchange->answers.push_back(std::make_shared<const std::string>(std::move(answer)));
  }

  void note_status(RecordedExchange& exchange, const std::string& byte) {
    if (byte.empty()) return;
    if (exchange.status.size() >= kMostStatus) {
      exchange.status.pop_back();
      ++cut_;
    }
    exchange.status.push_back(static_cast<std::uint8_t>(byte.front()));
  }

  const bool stream_;
  const char terminator_;
  InputBudget budget_;
  std::map<unsigned, std::unique_ptr<Session>> sessions_;
  std::vector<RecordedExchange> exchanges_;
  std::size_t endless_ = 0;
  std::size_t unasked_ = 0;
  std::size_t cut_ = 0;
  std::size_t secret_ = 0;
};

}  // namespace

bool Recorder::add(SeenOperation operation) {
  bytes_ += operation.data.size();
  if (seen_.size() >= kMostOperations || bytes_ > most_) return false;
  seen_.push_back(std::move(operation));
  return true;
}

void Recorder::finish(Recording& recording, std::vector<std::string>& remarks) const {
  std::vector<const SeenOperation*> seen;
  seen.reserve(seen_.size());
  for (const SeenOperation& one : seen_) seen.push_back(&one);
  std::stable_sort(seen.begin(), seen.end(), [](const SeenOperation* a, const SeenOperation* b) {
    return place_of(*a) < place_of(*b);
  });
  Assembly assembly(stream_, '\n');
  for (const SeenOperation* const one : seen) assembly.add(*one);
  auto exchanges = assembly.finish();
  char terminator = '\n';
  std::size_t endless = assembly.endless();
  if (endless > 0 && stream_) {
    Assembly other(stream_, '\r');
    for (const SeenOperation* const one : seen) other.add(*one);
    auto others = other.finish();
    if (other.endless() == 0) {
      exchanges = std::move(others);
      terminator = '\r';
      endless = 0;
    }
  }
  if (endless > 0 && stream_) {
    remarks.push_back(std::to_string(endless) +
                      " messages have neither line feed nor carriage return at their end, so that "
                      "the bench cannot see where they end");
  }
  if (assembly.unasked() > 0) {
    remarks.push_back(std::to_string(assembly.unasked()) +
                      " answers came before any question and are left out");
  }
  if (assembly.cut() > 0) {
    remarks.push_back("of more than " + std::to_string(kMostStatus) +
                      " polls after one message only the last is kept");
  }
  if (assembly.secret() > 0) {
    remarks.push_back(std::to_string(assembly.secret()) +
                      " answers are passwords: they were not noted, asterisks stand for them");
  }
  recording.terminator = terminator;
  recording.exchanges = std::move(exchanges);
}

}  // namespace visa::sim
