// SPDX-License-Identifier: MIT
// freevisa plot: a waveform as a picture. What its numbers mean is asked of the instrument, as the
// oscilloscopes of Keysight, Rigol, Siglent and Tektronix tell it, or said by the user.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/plot/picture.h"
#include "tools/freevisa/plot/series.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/reading.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help = "FILE.png, FILE.svg, or FILE.csv for the numbers; must be given"},
    {.name = "--preamble",
     .value = "QUERY",
     .help = "what asks for the scales; 'WAVeform:PREamble?' if left out and the last COMMAND is "
             "of the WAVeform subsystem, Tektronix's WFMOutpre if it is CURVe?; 'none': numbers as "
             "they come, over their index"},
    {.name = "--format",
     .value = "NUMBER",
     .help = "what a block is made of: int8, uint8, int16, uint16, int32, uint32, float32, float64 "
             "or ascii; otherwise as the preamble says"},
    {.name = "--order",
     .value = "ORDER",
     .help = "of the bytes of a number: big or little; otherwise 'WAVeform:BYTeorder?' is asked "
             "where there is a preamble, else big"},
    {.name = "--title", .value = "TEXT", .help = "above the curve; the name and QUERY if left out"},
    {.name = "--x-unit", .value = "UNIT", .help = "'s' with a preamble"},
    {.name = "--y-unit", .value = "UNIT", .help = "'V' with a preamble"},
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each write and read, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--width",
     .value = "DOTS",
     .help = "of the picture, 1000 if left out",
     .number = Number{300, 8000, 1000}},
    {.name = "--height",
     .value = "DOTS",
     .help = "of the picture, 600 if left out",
     .number = Number{200, 8000, 600}},
};

constexpr char kAbout[] =
    R"(Sends each COMMAND to NAME; the answer of the last one is the waveform: numbers with commas, or a
block. With a preamble (the ten numbers of WAVeform:PREamble?, or Tektronix's WFMOutpre) the axes
are seconds and volts. FILE stays as it was unless the picture is whole.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa plot -o wave.png scope 'WAVeform:DATA?'
  freevisa plot -o wave.svg scope 'WAVeform:SOURce CHANnel2' 'WAVeform:DATA?'
  freevisa plot -o wave.png --format int16 --order little --preamble none awg 'DATA?'

Exit codes: 0 done, 1 a VISA error, data that is not understood, or FILE cannot be written,
2 wrong usage.
)";

bool starts_as(std::string_view text, std::string_view start) {
  if (text.starts_with(':')) text.remove_prefix(1);
  for (std::size_t i = 0; i < start.size(); ++i)
    if (i >= text.size() || (text[i] | 0x20) != start[i]) return false;
  return true;
}

std::string preamble_query(const CommandLine& line) {
  const auto given = line.value("--preamble");
  if (given) return *given == "none" ? "" : *given;
  if (starts_as(line.operands().back(), "curv")) return std::string(kTektronixPreamble);
  return starts_as(line.operands().back(), "wav") ? "WAVeform:PREamble?" : "";
}

std::optional<Preamble> ask_preamble(Instrument& instrument, const std::string& query) {
  if (query.empty()) return std::nullopt;
  const std::string answer = instrument.query_line(query);
  auto preamble =
      query == kTektronixPreamble ? parse_tektronix(answer) : parse_preamble(data_of(answer));
  if (!preamble)
    throw VisaFailure("the answer to '" + query + "' is no preamble: '" + answer.substr(0, 80) +
                      "'\n  '--preamble none' plots without one");
  return preamble;
}

bool is_little(const CommandLine& line, Instrument& instrument,
               const std::optional<Preamble>& preamble) {
  if (const auto order = line.value("--order")) return *order == "little";
  if (preamble && preamble->little) return *preamble->little;
  return preamble && starts_as(instrument.query_line("WAVeform:BYTeorder?"), "lsb");
}

Series fetch(const CommandLine& line, Instrument& instrument) {
  for (std::size_t i = 1; i + 1 < line.operands().size(); ++i) instrument.send(line.operands()[i]);
  const std::string& query = line.operands().back();
  const auto preamble = ask_preamble(instrument, preamble_query(line));
  std::string answer;
  {
    Progress progress;
    answer = instrument.query(query, &progress);
  }
  const std::string_view data = data_of(answer);
  auto number = line.has("--format")
                    ? sample_type_named(*line.value("--format"))
                    : guess_type(data, block_at_start(answer).header > 0, preamble);
  if (!number)
    throw VisaFailure("what the " + std::to_string(data.size()) + " bytes of the answer to '" +
                      query + "' are made of is not known\n  --format says it, as 'int16'");
  const bool little = width_of(*number) > 1 && is_little(line, instrument, preamble);
  try {
    Series series = make_series(decode(data, *number, little), *number, preamble);
    if (series.y.empty()) throw SeriesFault("there is no point");
    series.title = line.value("--title").value_or(instrument.name() + "  " + query);
    series.x_unit = line.value("--x-unit").value_or(series.x_unit);
    series.y_unit = line.value("--y-unit").value_or(series.y_unit);
    return series;
  } catch (const SeriesFault& fault) {
    throw VisaFailure("cannot plot the answer to '" + query + "': " + fault.what());
  }
}

std::string csv(const Series& series) {
  std::string text = "x,y\n";
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double x = series.x_origin + static_cast<double>(i) * series.x_increment;
    text += number_text(x) + "," + number_text(series.y[i]) + "\n";
  }
  return text;
}

int run(const CommandLine& line) {
  const std::string file = line.value("--output").value_or("");
  const std::string kind = file.substr(std::min(file.rfind('.'), file.size()));
  if (kind != ".png" && kind != ".svg" && kind != ".csv")
    throw UsageError{"option --output is needed: FILE.png, FILE.svg or FILE.csv"};
  const std::string format = line.value("--format").value_or("ascii");
  if (!sample_type_named(format))
    throw UsageError{"option --format does not take '" + format + "'"};
  const std::string order = line.value("--order").value_or("big");
  if (order != "big" && order != "little")
    throw UsageError{"option --order takes 'big' or 'little', not '" + order + "'"};
  AnswerOutput out(file);
  const Session manager = open_manager();
  catch_interrupts();
  Instrument instrument(manager, line.operands().front(), line.number("--timeout"));
  const Series series = fetch(line, instrument);
  const PictureSize size{static_cast<int>(line.number("--width")),
                         static_cast<int>(line.number("--height"))};
  out.write(kind == ".csv"   ? csv(series)
            : kind == ".svg" ? svg_picture(series, size)
                             : png_picture(series, size));
  out.finish();
  return kDone;
}

constexpr Command kCommand = {.name = "plot",
                              .topic = Topic::measure,
                              .summary = "draw a waveform, as PNG or SVG",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME COMMAND...",
                              .least = 2,
                              .most = 1000,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& plot_command() {
  return kCommand;
}

}  // namespace visa::tool
