// SPDX-License-Identifier: MIT
// What can be read by people stands in the file as text, short binary answers as hexadecimal
// figures; the rest is in the other file, each content once.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>

#include "tools/sim/recording/recording.h"

namespace visa::sim {
namespace {

constexpr std::size_t kMostText = 4096;
constexpr std::size_t kMostFigures = 256;

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      case '"':
      case '\\':
        result += '\\';
        [[fallthrough]];
      default:
        result += c;
    }
  }
  return result + '"';
}

std::string figures(std::string_view bytes) {
  static constexpr char kFigures[] = "0123456789ABCDEF";
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kFigures[byte >> 4];
    text += kFigures[byte & 15];
  }
  return text + '"';
}

/// "a" or ["a", "b"].
std::string one_or_list(const std::vector<std::string>& values) {
  if (values.size() == 1) return values.front();
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? ", " : "") + value;
  return text + "]";
}

/// Puts what is large into the other file.
class DataText {
 public:
  explicit DataText(std::string& data) : data_(data) {}

  std::string place(const std::string& bytes) {
    auto& known = places_[std::hash<std::string>()(bytes)];
    for (const std::size_t at : known) {
      if (data_.compare(at, bytes.size(), bytes) == 0) return pair(at, bytes.size());
    }
    known.push_back(data_.size());
    data_ += bytes;
    return pair(known.back(), bytes.size());
  }

 private:
  static std::string pair(std::size_t offset, std::size_t size) {
    return std::to_string(offset) + ", " + std::to_string(size);
  }
  std::string& data_;
  std::map<std::size_t, std::vector<std::size_t>> places_;
};

void append_answers(std::string& text, const RecordedExchange& exchange, DataText& data) {
  if (exchange.answers.empty()) return;
  bool plain = true;
  std::size_t size = 0;
  for (const SharedBytes& answer : exchange.answers) {
    plain = plain && is_text(*answer);
    size += answer->size();
  }
  std::vector<std::string> values;
  const bool large = size > (plain ? kMostText : kMostFigures);
  for (const SharedBytes& answer : exchange.answers) {
    values.push_back(large ? data.place(*answer) : plain ? toml_text(*answer) : figures(*answer));
  }
  if (large) {
    text += "answer_data = [";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + values[i];
    text += "]\n";
  } else {
    text += (plain ? "answer = " : "answer_hex = ") + one_or_list(values) + "\n";
  }
}

template <class Values, class Show>
void append_list(std::string& text, const char* key, const Values& values, Show show) {
  if (values.empty()) return;
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + std::to_string(show(value));
  text += std::string(key) + " = [" + list + "]\n";
}

void append_exchange(std::string& text, const RecordedExchange& exchange, DataText& data) {
  text += "\n[[recorded.exchange]]\n";
  switch (exchange.kind) {
    case RecordedExchange::Kind::message:
      if (is_text(exchange.message)) {
        text += "send = " + toml_text(exchange.message) + "\n";
      } else {
        text += "send_hex = " + figures(exchange.message) + "\n";
      }
      break;
    case RecordedExchange::Kind::trigger:
      text += "does = \"trigger\"\n";
      break;
    case RecordedExchange::Kind::clear:
      text += "does = \"clear\"\n";
      break;
  }
  if (exchange.secret) text += "secret = " + std::to_string(*exchange.secret) + "\n";
  append_answers(text, exchange, data);
  if (exchange.delay.count() > 0) {
    text += "delay_ms = " + std::to_string(exchange.delay.count()) + "\n";
  }
  append_list(text, "status", exchange.status, [](std::uint8_t byte) { return unsigned{byte}; });
  append_list(text, "service_request_ms", exchange.service_requests,
              [](std::chrono::milliseconds time) { return time.count(); });
}

std::vector<std::string> fields_of(const std::string& resource) {
  std::vector<std::string> fields;
  for (std::size_t at = 0;;) {
    const std::size_t end = resource.find("::", at);
    fields.push_back(resource.substr(at, end - at));
    if (end == std::string::npos) return fields;
    at = end + 2;
  }
}

/// The address of "GPIB0::5::INSTR" or "GPIB0::9::2::INSTR": the instrument's on the bench's bus.
void append_gpib(std::string& text, const std::string& resource) {
  if (!resource.starts_with("GPIB") || !resource.ends_with("::INSTR")) return;
  const std::vector<std::string> fields = fields_of(resource);
  if (fields.size() != 3 && fields.size() != 4) return;
  std::string address = fields[1];
  if (fields.size() == 4) address += "," + fields[2];
  text += "\n[recorded.gpib]\naddress = " + toml_text(address) + "\n";
}

/// The ids of "USB0::0x1209::0x0001::SERIAL::INSTR", so that the bench's device has the same name.
void append_usb(std::string& text, const std::string& resource) {
  if (!resource.starts_with("USB")) return;
  const std::vector<std::string> fields = fields_of(resource);
  if (fields.size() < 5 || !is_text(fields[3]) || fields[3].find('@') != std::string::npos) return;
  text += "\n[recorded.usb]\nvendor = " + fields[1] + "\nproduct = " + fields[2] +
          "\nserial = " + toml_text(fields[3]) + "\n";
  if (fields.size() == 6 && fields[4] != "0") text += "interface = " + fields[4] + "\n";
}

/// "inst1" of "TCPIP0::host::inst1::INSTR", "hislip0" likewise; "" for every other name.
std::string device_of(const Recording& recording) {
  constexpr std::string_view kEnd = "::INSTR";
  std::string_view name = recording.resource;
  const std::string_view begin = recording.wire == "vxi11" ? "inst" : "hislip";
  if (!name.starts_with("TCPIP") || !name.ends_with(kEnd)) return {};
  name.remove_suffix(kEnd.size());
  name.remove_prefix(name.rfind("::") + 2);
  name = name.substr(0, name.find(','));  // a port
  if (!name.starts_with(begin) || name.size() == begin.size()) return {};
  const auto number = name.substr(begin.size());
  return number.find_first_not_of("0123456789") == std::string_view::npos ? std::string(name)
                                                                          : std::string();
}

/// Those that keep their device, for which no other one asks: they come first in the file, so that
/// none of the others takes it.
std::vector<std::pair<const Recording*, bool>> in_order(const std::vector<Recording>& recordings) {
  std::map<std::string, int> devices;
  for (const Recording& one : recordings) ++devices[device_of(one)];
  std::vector<std::pair<const Recording*, bool>> order;
  for (const bool keeps : {true, false}) {
    for (const Recording& one : recordings) {
      const std::string device = device_of(one);
      const bool alone = !device.empty() && devices[device] == 1;
      if (alone == keeps) order.emplace_back(&one, keeps);
    }
  }
  return order;
}

}  // namespace

std::string recording_text(const std::vector<Recording>& recordings, std::string& data) {
  DataText large(data);
  std::string text;
  for (const auto& [one, keeps_device] : in_order(recordings)) {
    const Recording& recording = *one;
    text += "\n[[recorded]]\nname = " + toml_text(recording.name) +
            "\nresource = " + toml_text(recording.resource) + "\n";
    if (!recording.opened_as.empty()) {
      std::vector<std::string> names;
      for (const std::string& name : recording.opened_as) names.push_back(toml_text(name));
      text += "opened_as = " + one_or_list(names) + "\n";
    }
    text += "wire = " + toml_text(recording.wire) + "\n";
    if (recording.loads_configuration) text += "load_config = true\n";
    if (recording.terminator != '\n') {
      text += "terminator = " + toml_text(std::string(1, recording.terminator)) + "\n";
    }
    append_usb(text, recording.resource);
    if (recording.wire == "gpib") append_gpib(text, recording.resource);
    if (keeps_device) {
      text +=
          "\n[recorded." + recording.wire + "]\ndevice = " + toml_text(device_of(recording)) + "\n";
    }
    for (const RecordedExchange& exchange : recording.exchanges) {
      append_exchange(text, exchange, large);
    }
  }
  return text;
}

}  // namespace visa::sim
