// SPDX-License-Identifier: MIT
// Lines, data and readings. While reading_ or waits_until_ is there, input stands in input_.
#include "tools/sim/gpib/gpib_adapter.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tools/sim/gpib/gpib_reply.h"

namespace visa::sim {
namespace {

constexpr char kEscape = 0x1B;
/// Data goes to the device in pieces of that size.
constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

GpibAdapter::GpibAdapter(GpibBus& bus, AdapterKind kind, std::string version)
    : bus_(bus), kind_(kind), version_(std::move(version)) {
  bus_.set_watcher(this);
}

GpibAdapter::~GpibAdapter() {
  bus_.set_watcher(nullptr);
}

void GpibAdapter::begin(Carrier& carrier) {
  end();
  carrier_ = &carrier;
}

void GpibAdapter::end() noexcept {
  carrier_ = nullptr;
  input_.clear();
  line_.clear();
  escaped_ = data_begun_ = false;
  plain_ = true;
  paced_ = PacedOutput();
  reading_.reset();
  waits_until_.reset();
}

void GpibAdapter::on_bus_changed() {
  if (carrier_ != nullptr) carrier_->on_adapter_changed();
}

void GpibAdapter::receive(std::string_view bytes) {
  input_.append(bytes);
  work();
}

void GpibAdapter::go_on(Clock::time_point now) {
  paced_.release(now);
  if (waits_until_ && *waits_until_ <= now) waits_until_.reset();
  if (reading_ && read_on(now)) reading_.reset();
  work();
}

std::optional<Clock::time_point> GpibAdapter::due() const {
  std::optional<Clock::time_point> earliest = paced_.due();
  const auto consider = [&](std::optional<Clock::time_point> one) {
    if (one && (!earliest || *one < *earliest)) earliest = one;
  };
  consider(waits_until_);
  if (reading_ && paced_.ready().size() <= kMostOutput) consider(reading_->last + timer_);
  return earliest;
}

void GpibAdapter::work() {
  std::size_t used = 0;
  while (used < input_.size() && !reading_ && !waits_until_ && !ending()) take(input_[used++]);
  input_.erase(0, used);
}

void GpibAdapter::take(char c) {
  if (!escaped_ && c == kEscape) {
    escaped_ = true;
    plain_ = plain_ && !line_.empty();
    return;
  }
  if (!escaped_ && (c == '\n' || c == '\r')) return end_line();
  // An unescaped + inside a line of data is dropped by the real ones.
  const bool command = plain_ && !data_begun_ && (line_.empty() || line_.starts_with('+'));
  if (!escaped_ && c == '+' && !command && !line_.starts_with("++")) return;
  if (escaped_ && line_.size() < 2) plain_ = false;
  escaped_ = false;
  line_ += c;
  if (line_.size() >= kPiece) write(false);
}

void GpibAdapter::end_line() {
  const bool command = plain_ && !data_begun_ && line_.starts_with("++");
  plain_ = true;
  if (command) {
    const std::string line = std::exchange(line_, {});
    execute(std::string_view(line).substr(2));
    return;
  }
  if (line_.empty() && !data_begun_) return;
  write(true);
  data_begun_ = false;
  if (auto_ == 1 && !waits_until_) start_reading("eoi");
}

void GpibAdapter::write(bool last) {
  std::string data = std::exchange(line_, {});
  data_begun_ = true;
  constexpr std::string_view kEnds[] = {"\r\n", "\r", "\n", ""};
  if (last) data += kEnds[eos_];
  GpibStation* const station = addressed();
  const Fault* const fault = meet_gpib_fault(station, FaultPoint::call, kGpibWrite);
  if (station == nullptr || (fault != nullptr && fault->kind == &kGpibAbsentFault)) return;
  if (fault != nullptr && fault->kind == &kGpibStuckFault) return wait();
  if (station->link().logged()) station->link().log("in", data);
  station->link().receive(data, last && eoi_ == 1);
}

void GpibAdapter::start_reading(std::string_view arguments) {
  Reading reading;
  reading.station = absent(kGpibRead, addressed()) ? nullptr : addressed();
  reading.wants_end = arguments == "eoi" || (is_ar488() && eor_ == 7);
  if (!arguments.empty() && arguments != "eoi") {
    reading.stop = static_cast<char>(std::atoi(std::string(arguments).c_str()));
  }
  reading.last = Clock::now();
  reading_ = reading;
  if (read_on(reading.last)) reading_.reset();
}

/// Moves what the device has to say; true when the reading is over.
bool GpibAdapter::read_on(Clock::time_point now) {
  Reading& reading = *reading_;
  if (output().size() > kMostOutput) return false;  // the client does not read
  if (reading.station != nullptr) {
    Link& link = reading.station->link();
    while (link.message_available() && output().size() <= kMostOutput) {
      auto part = link.read(reading.stop ? 1 : kPiece);
      if (part.bytes.empty() && !part.end) break;
      reading.started = true;
      reading.last = now;
      if (link.logged()) link.log("out", part.bytes);
      const bool stopped =
          reading.stop && !part.bytes.empty() && part.bytes.back() == *reading.stop;
      if (part.end && eot_enable_ == 1) part.bytes += static_cast<char>(eot_char_);
      send(part.bytes, kGpibRead);
      if (stopped || (part.end && (reading.wants_end || !reading.stop))) return true;
    }
  }
  if (now < reading.last + timer_) return false;
  // The device was made to talk and had nothing to say.
  if (reading.station != nullptr && !reading.started && !reading.station->link().holding()) {
    reading.station->link().read(0);
  }
  return true;
}

bool GpibAdapter::absent(const WireOperation& operation, GpibStation* station) {
  const Fault* const fault = meet_gpib_fault(station, FaultPoint::call, operation);
  return station == nullptr || (fault != nullptr && fault->kind == &kGpibAbsentFault);
}

/// Sends to the client what a fault leaves of it.
void GpibAdapter::send(const std::string& text, const WireOperation& operation) {
  GpibReply(addressed(), operation).send(text, true, paced_);
  if (carrier_ != nullptr) carrier_->on_adapter_changed();
}

void GpibAdapter::answer(std::string_view text) {
  send(std::string(text) + "\r\n", kGpibQuestion);
}

}  // namespace visa::sim
