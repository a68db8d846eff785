// SPDX-License-Identifier: MIT
// What an instrument file says, checked and compiled: the plain data a DescribedInstrument works
// on. README.md in this folder explains every key. Immutable once read; shared by all instruments
// of a kind.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/description/expression.h"
#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/recording/recording.h"
#include "tools/sim/signal/waveform.h"

namespace visa::sim {

enum class PropertyType : std::uint8_t { number, integer, boolean, choice, text };
/// How a number is answered.
struct NumberFormat {
  enum class Style : std::uint8_t { integer, fixed, exponent };
  Style style = Style::exponent;
  int digits = 8;     ///< after the point
  bool sign = false;  ///< integers get a '+' too; the other styles always do
};
std::string format_number(double value, const NumberFormat& format);

enum class StatusRegister : std::uint8_t { standard, operation, questionable };

struct StatusChange {
  StatusRegister where = StatusRegister::operation;
  std::uint16_t bits = 0;
  bool on = true;  ///< standard: the event is set, whatever this says
};

/// What a property or command does beside its values.
struct Effects {
  bool acquire = false;          ///< records are taken anew
  bool trigger = false;          ///< as *TRG
  bool service_request = false;  ///< whatever the service request enable register says
  std::vector<StatusChange> status;
  std::chrono::milliseconds delay{0};
};

struct PropertyDescription {
  std::string name;
  PropertyType type = PropertyType::number;
  /// Of each channel; with a suffix or one channel only the first. None: nobody can ask for it,
  /// formulas use it.
  std::vector<std::vector<std::string>> headers;
  std::size_t count = 1;  ///< channels
  bool suffix = false;    ///< the channel is a numeric suffix ('#') of the headers
  bool settable = true;
  bool once = false;  ///< of a boolean: ONCE is done now and leaves it off
  bool keeps_on_reset = false;
  double minimum = 0;
  double maximum = 0;
  std::vector<double> presets;     ///< one, or one a channel
  std::vector<std::string> texts;  ///< the same for strings
  std::string unit;
  std::vector<std::string> choices;
  std::size_t longest = 255;  ///< bytes of a string
  bool cut = false;           ///< a longer one is cut and not refused
  NumberFormat format;
  int range_error = -222;
  int type_error = -104;
  int choice_error = -224;
  Effects effects;
  std::chrono::milliseconds query_delay{0};
};

/// "{voltage|f3},{current}": text with values.
struct Template {
  struct Piece {
    std::string text;                     ///< what stands before the value
    std::optional<Expression> value;      ///< a number ...
    std::optional<std::size_t> property;  ///< ... or a property in its own form
    NumberFormat format;
    bool quoted = false;
  };
  std::vector<Piece> pieces;
};

enum class Generator : std::uint8_t { none, peak_to_peak };

struct DialogueDescription {
  std::vector<std::string> queries;
  Template answer;
  Generator generator = Generator::none;
  std::size_t arguments = 0;  ///< parameters that are allowed and ignored
  std::size_t channel = 0;    ///< of the block it stands in, from 1
  std::size_t suffixes = 0;   ///< the channel is the numeric suffix, up to this
  int error = 0;              ///< recorded instead of an answer
  Effects effects;
};

struct CommandDescription {
  struct Assignment {
    std::size_t property = 0;
    Expression value;
  };
  std::vector<std::string> headers;
  std::vector<std::size_t> parameters;  ///< properties that the parameters set, in order
  std::size_t required = 0;
  std::size_t ignored = 0;  ///< further parameters that are allowed
  std::vector<Assignment> set;
  bool reset_all = false;
  std::vector<std::size_t> reset;
  std::vector<std::size_t> keep;
  std::size_t channel = 0;
  std::size_t suffixes = 0;
  int error = 0;
  Effects effects;
};

struct ConditionDescription {
  StatusRegister where = StatusRegister::operation;
  std::uint16_t bits = 0;
  Expression when;
};

/// A measuring function with ranges: CONFigure, MEASure, READ?, INITiate, FETCh?, overload.
struct MeterDescription {
  struct Function {
    std::string header;  ///< "VOLTage[:DC]"
    std::string name;    ///< "VOLT", as CONFigure? answers
    double lowest = 0;   ///< ranges are lowest * step^n, up to highest
    double highest = 0;
    double preset = 0;
    double step = 10;
    std::uint16_t overload = 0;  ///< bits of STATus:QUEStionable
    double input = 0;            ///< what is connected
    double resolution = 3e-7;    ///< of the range, unless it integrates
    bool integrates = false;     ///< has NPLC, and its resolution by that
  };
  /// A time of integration, in periods of the mains, and the resolution it gives, of the range.
  struct Integration {
    double nplc = 1;
    double resolution = 0;
  };
  std::vector<Function> functions;
  std::string input_header;
  std::vector<Integration> integration;  ///< by nplc, upwards
  std::size_t preset_integration = 0;
  double noise = 2e-6;     ///< of the input
  double overrange = 1.2;  ///< a range measures up to 120 % of its name
  std::size_t most_samples = 10000;
  std::chrono::milliseconds delay{0};  ///< of each reading
};

struct SignalDescription {
  std::vector<Shape> shapes;                  ///< one, or one for each word of ...
  std::optional<std::size_t> shape_property;  ///< ... this choice
  Expression amplitude{1.0};
  Expression frequency{1000.0};
  Expression offset;
  Expression phase;  ///< degrees
  Expression duty{50.0};
  Expression decay;
  Expression noise;
};

struct EncodingDescription {
  SampleType type = SampleType::float32;
  Expression step{1.0};  ///< volts a code
  Expression zero;       ///< volts at code `reference`
  double reference = 0;
  double low = 0;
  double high = 0;
  std::size_t most_points = 0;  ///< 0: as many as the record has
  std::string word;             ///< of the choice that selects it
  bool block = true;            ///< answered as a block
};

/// A waveform record that clients fetch.
struct RecordDescription {
  std::vector<std::string> queries;
  std::vector<SignalDescription> signals;
  Expression source{1.0};
  Expression points{1000.0};
  Expression start;
  Expression interval{1e-6};
  std::optional<std::size_t> encoding_property;
  std::vector<EncodingDescription> encodings;  ///< one, or one for each word of that choice
  std::optional<std::size_t> order_property;   ///< a choice: its first word is little-endian
  ByteOrder order = ByteOrder::little;
  std::size_t block_digits = 1;  ///< the header of a block gives its length in at least so many
  Effects effects;
};

struct ScreenshotDescription {
  std::vector<std::string> queries;
  std::string title;
  Expression time_scale{1e-3};
  Expression shown{1.0};  ///< these three are formulas of `channel`
  Expression scale{1.0};
  Expression offset;
  std::size_t block_digits = 1;  ///< as those of a record
};

struct Description {
  std::string name;
  std::string title;  ///< one line for people
  std::string identity;
  std::string options = "0";                   ///< *OPT?
  std::uint16_t port = 0;                      ///< usual port of its SOCKET; 0: none
  bool pyvisa_test = false;                    ///< kind = "pyvisa-test"
  bool loopback = false;                       ///< kind = "loopback"
  std::shared_ptr<const Recording> recording;  ///< [[recorded]]: nothing of the rest but sections
  bool trigger_acquires = false;
  bool signed_integers = false;        ///< integers = "+d"
  std::chrono::milliseconds delay{0};  ///< of every message
  std::vector<PropertyDescription> properties;
  std::vector<DialogueDescription> dialogues;
  std::vector<CommandDescription> commands;
  std::vector<ConditionDescription> conditions;
  std::optional<MeterDescription> meter;
  std::vector<RecordDescription> records;
  std::optional<ScreenshotDescription> screenshot;
  std::vector<Fault> faults;  ///< switched on from the start
  /// What it says of each wire that has a table in it.
  std::map<const WireKind*, std::unique_ptr<const WireSection>> sections;

  /// Null if it says nothing of that wire.
  const WireSection* section(const WireKind& wire) const {
    const auto found = sections.find(&wire);
    return found != sections.end() ? found->second.get() : nullptr;
  }
};

/// Every mistake of a file, a line each: "dmm.toml:12:3: min: expected a number".
class DescriptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads `text`; `file` is what messages call it. The tables and the kinds of fault it may have are
/// those of `wires`. Throws DescriptionError.
std::shared_ptr<const Description> read_description(std::string_view text, const std::string& file,
                                                    WireKinds wires = builtin_wires());
/// The same for a file that may have several: a recording has one for each resource. Without
/// `delays` what was recorded is answered at once.
std::vector<std::shared_ptr<const Description>> read_descriptions(
    std::string_view text, const std::string& file, bool delays = true,
    WireKinds wires = builtin_wires());

}  // namespace visa::sim
