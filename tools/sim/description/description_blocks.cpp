// SPDX-License-Identifier: MIT
// Meter, records and screenshot.
#include <algorithm>

#include "tools/sim/description/description_reader.h"
#include "tools/sim/scpi/command_table.h"
#include "tools/sim/scpi/program_message.h"

namespace visa::sim {

void DescriptionReader::read_meter(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[meter]", mistakes_);
  MeterDescription meter;
  const double resolution =
      table.number("resolution", 1e-12, 1).value_or(MeterDescription::Function().resolution);
  meter.noise = table.number("noise", 0, 1).value_or(meter.noise);
  meter.overrange = table.number("overrange", 1, 10).value_or(meter.overrange);
  meter.most_samples =
      static_cast<std::size_t>(table.integer("most_samples", 1, 100000).value_or(10000));
  const auto input = headers(table, "input_header", false, false);
  meter.input_header = input.empty() ? "" : input.front();
  meter.delay = milliseconds(table, "delay_ms");
  read_integration(table, meter);
  table.require("function", "at least one table: [[meter.function]]");
  for (const Node* const one : table.tables("function")) {
    read_meter_function(*one, meter, resolution);
  }
  if (meter.functions.empty() && table.has("function")) {
    table.mistake("function", "expected at least one table: [[meter.function]]");
  }
  table.finish();
  description_->meter = std::move(meter);
}

void DescriptionReader::read_integration(TableReader& table, MeterDescription& meter) {
  for (const Node* const one : table.tables("integration")) {
    TableReader row(*one->get<Table>(), one->place, "[meter] integration", mistakes_);
    row.require("nplc", "periods of the mains");
    row.require("resolution", "a part of the range");
    MeterDescription::Integration time;
    time.nplc = row.number("nplc", 1e-6, 1e6).value_or(1);
    time.resolution = row.number("resolution", 1e-12, 1).value_or(1);
    row.finish();
    if (!meter.integration.empty() && time.nplc <= meter.integration.back().nplc) {
      row.mistake("nplc", "expected more than in the line before");
    }
    meter.integration.push_back(time);
  }
  const auto preset = table.number("nplc");
  if (meter.integration.empty()) {
    if (preset) {
      table.mistake("nplc", "expected integration = [{ nplc = 1, resolution = 1e-6 }, ...] too");
    }
    return;
  }
  table.require("nplc", "the one after *RST");
  const auto found = std::find_if(
      meter.integration.begin(), meter.integration.end(),
      [&preset](const MeterDescription::Integration& time) { return time.nplc == preset; });
  if (preset && found == meter.integration.end()) {
    table.mistake("nplc", "expected one of those in integration");
  } else if (preset) {
    meter.preset_integration = static_cast<std::size_t>(found - meter.integration.begin());
  }
}

void DescriptionReader::read_meter_function(const Node& node, MeterDescription& meter,
                                            double resolution) {
  TableReader table(*node.get<Table>(), node.place, "[[meter.function]]", mistakes_);
  MeterDescription::Function function;
  table.require("header", "\"VOLTage[:DC]\"");
  table.require("name", "\"VOLT\"");
  const auto given = headers(table, "header", false, false);
  function.header = given.empty() ? "VOLTage" : given.front();
  if (function.header.starts_with('*')) table.mistake("header", "expected no common command");
  function.name = table.text("name").value_or("");
  for (const char* const key : {"lowest", "highest", "default"}) table.require(key, "a number");
  function.lowest = table.number("lowest", 1e-15, 1e15).value_or(1);
  function.highest = table.number("highest", 1e-15, 1e15).value_or(1);
  if (function.highest < function.lowest) table.mistake("highest", "expected no less than lowest");
  function.preset = table.number("default").value_or(function.lowest);
  if (function.preset < function.lowest || function.preset > function.highest) {
    table.mistake("default", "expected a value from lowest to highest");
  }
  function.step = table.number("step", 1.1, 1e12).value_or(10);
  if (const auto bit = table.integer("overload_bit", 0, 14)) {
    function.overload = static_cast<std::uint16_t>(1U << *bit);
  }
  function.input = table.number("input").value_or(0);
  function.resolution = table.number("resolution", 1e-15, 1).value_or(resolution);
  function.integrates = table.boolean("nplc").value_or(false);
  if (function.integrates && meter.integration.empty()) {
    table.mistake("nplc", "expected integration in [meter]");
  }
  table.finish();
  meter.functions.push_back(std::move(function));
}

SignalDescription DescriptionReader::read_signal(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[record.signal]]", mistakes_);
  SignalDescription signal;
  signal.shape_property = choice_property(table, "shape_property");
  table.require("shape", "\"sine\" or another shape");
  for (const std::string& name : table.texts("shape")) {
    if (const auto shape = find_shape(name)) {
      signal.shapes.push_back(*shape);
    } else {
      table.mistake("shape",
                    "expected sine, square, triangle, ramp, pulse, noise or damped instead of " +
                        cited(name));
    }
  }
  const std::size_t wanted =
      signal.shape_property ? description_->properties[*signal.shape_property].choices.size() : 1;
  if (signal.shapes.size() != wanted) {
    table.mistake("shape", "expected " + std::to_string(wanted) +
                               (wanted == 1 ? " shape" : " shapes, one for each choice"));
    signal.shapes.resize(wanted, Shape::sine);
  }
  formula(table, "amplitude", false, signal.amplitude);
  formula(table, "frequency", false, signal.frequency);
  formula(table, "offset", false, signal.offset);
  formula(table, "phase", false, signal.phase);
  formula(table, "duty", false, signal.duty);
  formula(table, "decay", false, signal.decay);
  formula(table, "noise", false, signal.noise);
  table.finish();
  return signal;
}

EncodingDescription DescriptionReader::read_encoding(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[record.encoding]]", mistakes_);
  EncodingDescription encoding;
  table.require("type", "\"uint8\", \"float32\", \"ascii\" or another");
  if (const auto name = table.text("type")) {
    if (const auto type = find_sample_type(*name)) {
      encoding.type = *type;
    } else {
      table.mistake("type",
                    "expected int8, uint8, int16, uint16, int32, uint32, float32, float64 or ascii "
                    "instead of " +
                        cited(*name));
    }
  }
  encoding.word = table.text("choice").value_or("");
  encoding.low = lowest_code(encoding.type);
  encoding.high = highest_code(encoding.type);
  if (encoding.high > 0) {
    const double least = encoding.low;
    const double most = encoding.high;
    formula(table, "step", false, encoding.step);
    formula(table, "zero", false, encoding.zero);
    encoding.reference = table.number("reference", least, most).value_or(0);
    encoding.low = table.number("low", least, most).value_or(least);
    encoding.high = table.number("high", encoding.low, most).value_or(most);
  }
  if (encoding.type == SampleType::ascii) encoding.block = table.boolean("block").value_or(false);
  encoding.most_points =
      static_cast<std::size_t>(table.integer("most_points", 1, 1 << 26).value_or(0));
  table.finish();
  return encoding;
}

void DescriptionReader::read_record(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[record]]", mistakes_);
  RecordDescription record;
  table.require("query", "\"CURVe?\"");
  record.queries = headers(table, "query", true, false);
  for (const Node* const one : table.tables("signal")) record.signals.push_back(read_signal(*one));
  formula(table, "source", false, record.source);
  formula(table, "points", false, record.points);
  formula(table, "start", false, record.start);
  formula(table, "interval", false, record.interval);
  record.encoding_property = choice_property(table, "encoding_property");
  for (const Node* const one : table.tables("encoding")) {
    record.encodings.push_back(read_encoding(*one));
  }
  record.order_property = choice_property(table, "order_property");
  record.order = table.word("order", {"little", "big"}) == std::optional<std::size_t>(1)
                     ? ByteOrder::big
                     : ByteOrder::little;
  record.block_digits = static_cast<std::size_t>(table.integer("block_digits", 1, 9).value_or(1));
  record.effects = read_effects(table);
  if (record.signals.empty()) {
    table.require("signal", "at least one table: [[record.signal]]");
    record.signals.emplace_back().shapes.push_back(Shape::sine);
  }
  check_encodings(table, record);
  table.finish();
  description_->records.push_back(std::move(record));
}

// One encoding, or one for each word of the choice, in the order of the words.
void DescriptionReader::check_encodings(TableReader& table, RecordDescription& record) {
  if (!record.encoding_property) {
    if (record.encodings.size() != 1) {
      table.mistake("encoding", "expected one table: [[record.encoding]]");
    }
    return;
  }
  std::vector<EncodingDescription> ordered;
  for (const std::string& word : description_->properties[*record.encoding_property].choices) {
    const auto found = std::find_if(record.encodings.begin(), record.encodings.end(),
                                    [&word](const EncodingDescription& encoding) {
                                      return equal_ignoring_case(encoding.word, word);
                                    });
    if (found == record.encodings.end()) {
      table.mistake("encoding_property",
                    "expected a [[record.encoding]] with choice = " + cited(word));
    } else {
      ordered.push_back(*found);
    }
  }
  if (record.encodings.size() != ordered.size()) {
    table.mistake("encoding", "expected one for each choice of encoding_property");
  }
  record.encodings = std::move(ordered);
}

void DescriptionReader::read_screenshot(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[screenshot]", mistakes_);
  ScreenshotDescription screenshot;
  table.require("query", "\"HCOPy:SDUMp:DATA?\"");
  screenshot.queries = headers(table, "query", true, false);
  screenshot.title = table.text("title").value_or("FreeVISA");
  formula(table, "time_scale", false, screenshot.time_scale);
  formula(table, "shown", true, screenshot.shown);
  formula(table, "scale", true, screenshot.scale);
  formula(table, "offset", true, screenshot.offset);
  screenshot.block_digits =
      static_cast<std::size_t>(table.integer("block_digits", 1, 9).value_or(1));
  if (description_->records.empty()) {
    mistakes_.add(node.place, "[screenshot]: expected a [[record]], whose signals it shows");
  }
  table.finish();
  description_->screenshot = std::move(screenshot);
}

}  // namespace visa::sim
