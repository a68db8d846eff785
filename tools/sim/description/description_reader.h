// SPDX-License-Identifier: MIT
// Turns the tables of an instrument file into a Description. Properties first, since formulas name
// them; the rest in four files by subject: description_reader.cpp (instrument, properties,
// channels), description_commands.cpp (dialogues, commands, status), description_blocks.cpp (meter,
// records, screenshot), description_faults.cpp (the tables of wires, faults). Lives while one file
// is read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/description/description.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {

class DescriptionReader {
 public:
  DescriptionReader(const std::string& file, WireKinds wires, bool delays = true)
      : file_(file), mistakes_(file), wires_(wires), delays_(delays) {}
  /// Throws DescriptionError.
  std::vector<std::shared_ptr<const Description>> read(std::string_view text);

 private:
  /// The channel block a table stands in; prefix empty: none.
  struct Channels {
    std::string prefix;
    std::size_t count = 1;
  };

  void read_tables(TableReader& root);
  void read_recorded(const Node& node);
  /// Of an instrument.
  static bool plain_name(std::string_view name) noexcept;
  void want_no_commands(const TableReader& root, std::size_t tables);
  void read_instrument(const Node& node);
  void read_channels(const Node& node, bool properties);
  void read_property(const Node& node, const Channels& channels);
  void read_number_property(TableReader& table, PropertyDescription& property);
  void read_text_property(TableReader& table, PropertyDescription& property);
  void read_errors(TableReader& table, PropertyDescription& property);
  void check_presets(TableReader& table, PropertyDescription& property);
  std::optional<NumberFormat> read_format(std::string_view text);

  void read_dialogue(const Node& node, const Channels& channels);
  void read_command(const Node& node, const Channels& channels);
  void read_assignments(TableReader& table, CommandDescription& command, bool channel);
  void read_condition(const Node& node);
  Effects read_effects(TableReader& table);
  Template read_template(TableReader& table, std::string_view key, bool channel);
  bool parse_template(std::string_view text, bool channel, Template& result,
                      Expression::Fault& fault);
  bool read_piece(std::string_view text, bool channel, Template::Piece& piece,
                  Expression::Fault& fault);

  void read_meter(const Node& node);
  void read_integration(TableReader& table, MeterDescription& meter);
  void read_meter_function(const Node& node, MeterDescription& meter, double resolution);
  void read_record(const Node& node);
  SignalDescription read_signal(const Node& node);
  EncodingDescription read_encoding(const Node& node);
  void check_encodings(TableReader& table, RecordDescription& record);
  void read_screenshot(const Node& node);
  void read_section(const WireKind& wire, const Node& node);
  void read_fault(const Node& node);

  /// A number or a formula; `preset` stays if the key is not there or no good.
  void formula(TableReader& table, std::string_view key, bool channel, Expression& result);
  void formula(TableReader& table, std::string_view key, const Node& node, bool channel,
               Expression& result);
  NameLookup names(bool channel) const;
  std::optional<std::size_t> find_property(std::string_view name) const;
  /// A list of property names.
  std::vector<std::size_t> property_list(TableReader& table, std::string_view key);
  /// The name of a choice.
  std::optional<std::size_t> choice_property(TableReader& table, std::string_view key);
  /// SCPI patterns, checked.
  std::vector<std::string> headers(TableReader& table, std::string_view key, bool query,
                                   bool suffix);
  /// `count` of headers with '#'; 0 without one.
  std::size_t suffixes(TableReader& table, std::string_view key,
                       const std::vector<std::string>& headers);
  std::chrono::milliseconds milliseconds(TableReader& table, std::string_view key);
  /// The spellings of `headers` for one channel.
  static std::vector<std::string> of_channel(const std::vector<std::string>& headers,
                                             const Channels& channels, std::size_t channel);

  std::string file_;
  Mistakes mistakes_;
  WireKinds wires_;
  bool delays_;
  std::shared_ptr<Description> description_ = std::make_shared<Description>();
  std::vector<std::string> used_headers_;
};

}  // namespace visa::sim
