// SPDX-License-Identifier: MIT
// [[recorded]] and [[recorded.exchange]]. Answers stand in the file as text, as hexadecimal
// figures, or by their places in the file with large answers.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "tools/sim/recording/recording.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::int64_t kLongest = 3600000;  // ms

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// The content of the file with large answers; read when the first of them is met.
class DataFile {
 public:
  explicit DataFile(std::string path) : path_(std::move(path)) {}

  /// Empty with `error` if there is no such piece.
  SharedBytes piece(double offset, double size, std::string& error) {
    const double end = offset + size;
    if (!(offset >= 0 && size >= 0 && end <= static_cast<double>(Recording::kMostData))) {
      error = "expected pairs of offset and size";
      return nullptr;
    }
    if (file_ == nullptr) open();
    if (file_ == nullptr) {
      error = path_ + ": " + std::generic_category().message(error_);
      return nullptr;
    }
    std::string bytes(end <= size_ ? static_cast<std::size_t>(size) : 0, '\0');
    if (end > size_ || std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) != 0 ||
        std::fread(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
      error = path_ + " is too short";
      return nullptr;
    }
    return std::make_shared<const std::string>(std::move(bytes));
  }

 private:
  void open() {
    file_.reset(std::fopen(path_.c_str(), "re"));
    error_ = errno;
    struct stat info {};
    if (file_ != nullptr && ::fstat(::fileno(file_.get()), &info) == 0) {
      size_ = static_cast<double>(info.st_size);
    }
  }

  std::string path_;
  File file_{nullptr, &std::fclose};
  int error_ = 0;
  double size_ = 0;
};

int figure(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> from_hexadecimal(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = figure(text[i]);
    const int low = figure(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

void read_answers(TableReader& table, DataFile& data, RecordedExchange& exchange) {
  for (const std::string& text : table.texts("answer")) {
    exchange.answers.push_back(std::make_shared<const std::string>(text));
  }
  for (const std::string& text : table.texts("answer_hex")) {
    auto bytes = from_hexadecimal(text);
    if (!bytes) {
      table.mistake("answer_hex", "expected two figures, 0 to 9 and A to F, for each byte");
      break;
    }
    exchange.answers.push_back(std::make_shared<const std::string>(*std::move(bytes)));
  }
  const auto places = table.numbers("answer_data");
  for (std::size_t i = 0; i < places.size(); i += 2) {
    std::string error = "expected pairs of offset and size";
    SharedBytes piece =
        i + 1 < places.size() ? data.piece(places[i], places[i + 1], error) : nullptr;
    if (piece == nullptr) {
      table.mistake("answer_data", error);
      break;
    }
    exchange.answers.push_back(std::move(piece));
  }
}

RecordedExchange read_exchange(const Node& node, DataFile& data, Mistakes& mistakes) {
  TableReader table(*node.get<Table>(), node.place, "[[recorded.exchange]]", mistakes);
  RecordedExchange exchange;
  const auto send = table.text("send");
  const auto send_hex = table.text("send_hex");
  const auto does = table.word("does", {"trigger", "clear"});
  if (int{send.has_value()} + int{send_hex.has_value()} + int{does.has_value()} != 1) {
    table.mistake("send", "expected one of send, send_hex and does");
  }
  exchange.message = send.value_or("");
  if (send_hex) {
    const auto bytes = from_hexadecimal(*send_hex);
    if (!bytes) table.mistake("send_hex", "expected two figures, 0 to 9 and A to F, for each byte");
    exchange.message = bytes.value_or("");
  }
  if (does) {
    exchange.kind = *does == 0 ? RecordedExchange::Kind::trigger : RecordedExchange::Kind::clear;
  }
  exchange.message = without_line_end(exchange.message);
  if (const auto secret = table.integer("secret", 0, 1 << 20)) {
    exchange.secret = std::min(static_cast<std::size_t>(*secret), exchange.message.size());
  }
  read_answers(table, data, exchange);
  exchange.delay = std::chrono::milliseconds(table.integer("delay_ms", 0, kLongest).value_or(0));
  for (const double status : table.numbers("status")) {
    if (!(status >= 0 && status <= 255)) {
      table.mistake("status", "expected numbers from 0 to 255");
      break;
    }
    exchange.status.push_back(static_cast<std::uint8_t>(status));
  }
  for (const double time : table.numbers("service_request_ms")) {
    if (!(time >= 0 && time <= static_cast<double>(kLongest))) {
      table.mistake("service_request_ms", "expected numbers from 0 to 3600000");
      break;
    }
    exchange.service_requests.emplace_back(static_cast<std::int64_t>(time));
  }
  table.finish();
  return exchange;
}

}  // namespace

std::string_view without_line_end(std::string_view message) noexcept {
  while (message.ends_with('\n') || message.ends_with('\r')) message.remove_suffix(1);
  return message;
}

std::string data_file_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  const std::size_t dot = file.rfind('.');
  const bool named = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  return file.substr(0, named ? dot : file.size()) + ".data";
}

Recording read_recording(TableReader& table, const std::string& file) {
  Recording recording;
  table.require("name", "\"a short name\"");
  recording.name = table.text("name").value_or("instrument");
  table.require("resource", "\"the name of the resource that was recorded\"");
  recording.resource = table.text("resource").value_or("");
  recording.opened_as = table.texts("opened_as");
  const std::vector<std::string_view> wires = {"socket", "vxi11", "hislip",
                                               "serial", "usb",   "gpib"};
  recording.wire = wires[table.word("wire", wires).value_or(0)];
  recording.loads_configuration = table.boolean("load_config").value_or(false);
  if (const auto end = table.text("terminator")) {
    if (end->size() == 1) {
      recording.terminator = end->front();
    } else {
      table.mistake("terminator", "expected one character");
    }
  }
  DataFile data(data_file_of(file));
  const auto exchanges = table.tables("exchange");
  if (exchanges.size() > Recording::kMostExchanges) {
    table.mistake("exchange", "expected at most 50000 of them");
    return recording;
  }
  for (const Node* const node : exchanges) {
    recording.exchanges.push_back(read_exchange(*node, data, table.mistakes()));
  }
  return recording;
}

}  // namespace visa::sim
