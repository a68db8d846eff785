// SPDX-License-Identifier: MIT
// freevisa screenshot: the screen of an instrument as a file. Each maker has a query of its own;
// which one is decided by '*IDN?'. The queries are from the makers' programming manuals.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/picture_data.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/tektronix_screen.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help = "otherwise the model and a suitable ending in this folder; '-' is standard output"},
    {.name = "--command",
     .value = "QUERY",
     .help = "what asks for the picture, for an instrument that is not known here"},
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each write and read, 15000 if left out",
     .number = Number{1, 4000000000U, 15000}},
};

constexpr char kAbout[] =
    R"(Asks NAME who made it, and then for a picture of its screen, by the query that this maker's
instruments have. Prints the name of the file. FILE stays as it was unless the picture is whole.

  Keysight, Agilent    :DISPlay:DATA? PNG, COLor
  Rigol                :DISPlay:DATA?
  Rohde & Schwarz      HCOPy:DATA?, after HCOPy:LANGuage PNG
  Siglent              SCDP
  LeCroy               SCREEN_DUMP, after HARDCOPY_SETUP DEV,PNG,PORT,NET
  Tektronix            SAVe:IMAGe, FILESystem:READFile and DELEte: 2, 4, 5, 6 Series MSO
                       the same with HARDCopy STARt, PORT FILE: those with Windows
                       HARDCopy STARt, after SAVe:IMAGe:FILEFormat PNG: MSO, DPO, MDO 2000 to 4000
                       HARDCopy STARt, after FORMat BMP, LAYout, PORT: TDS, TPS, TBS1000
  FreeVISA's bench     HCOPy:SDUMp:DATA?, as meters of Keysight have it
Tried with the bench only, the others are as the makers' manuals have them; --command is for all
others.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa screenshot scope
  freevisa screenshot -o screen.bmp --command 'HCOPy:SDUMp:DATA?' dmm

Exit codes: 0 done, 1 a VISA error, no picture, or FILE cannot be written, 2 wrong usage.
)";

struct Maker {
  std::string_view name;    // in capitals, the beginning of the first field of *IDN?
  std::string_view before;  // a command, or nothing
  std::string_view query;
};
constexpr Maker kMakers[] = {
    {"KEYSIGHT", "", ":DISPlay:DATA? PNG, COLor"},
    {"AGILENT", "", ":DISPlay:DATA? PNG, COLor"},
    {"RIGOL", "", ":DISPlay:DATA?"},
    {"ROHDE", "HCOPy:LANGuage PNG", "HCOPy:DATA?"},
    {"SIGLENT", "", "SCDP"},
    {"LECROY", "HARDCOPY_SETUP DEV,PNG,PORT,NET", "SCREEN_DUMP"},
    {"FREEVISA", "", "HCOPy:SDUMp:DATA?"},
};

std::string capitals(std::string text) {
  for (char& letter : text)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return text;
}

const Maker& maker_of(const std::string& name, const std::string& identity) {
  const std::string text = capitals(identity);
  for (const Maker& maker : kMakers)
    if (text.starts_with(maker.name)) return maker;
  throw VisaFailure("how " + name + " is asked for its screen is not known: it is '" +
                    printable(identity) + "'\n  --command QUERY says it");
}

/// The second field of *IDN?.
std::string model_of(const std::string& identity) {
  const std::size_t begin = std::min(identity.find(','), identity.size() - 1) + 1;
  return identity.substr(begin, identity.find(',', begin) - begin);
}

// Of letters that every file system takes.
std::string file_name(const std::string& identity) {
  std::string model = model_of(identity);
  for (char& letter : model) {
    const bool good = (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= 'a' && letter <= 'z') || letter == '-';
    if (!good) letter = '_';
  }
  return model.empty() ? "screen" : model;
}

/// `query` becomes what was asked.
std::string ask_as_its_maker(Instrument& instrument, const std::string& identity,
                             std::string& query, Progress* progress) {
  if (capitals(identity).starts_with("TEKTRONIX")) {
    query = "HARDCopy STARt";
    return tektronix_screen(instrument, model_of(identity), progress);
  }
  const Maker& maker = maker_of(instrument.name(), identity);
  if (!maker.before.empty()) instrument.send(std::string(maker.before));
  query = maker.query;
  return instrument.query(query, progress);
}

int run(const CommandLine& line) {
  const auto file = line.value("--output");
  if (file) AnswerOutput probe(file);  // before anything is sent
  const Session manager = open_manager();
  catch_interrupts();
  Instrument instrument(manager, line.operands().front(), line.number("--timeout"));
  const auto own = line.value("--command");
  const std::string identity = own && file ? "" : instrument.query_line("*IDN?");
  std::string query = own.value_or("");
  std::string answer;
  {
    Progress progress;
    answer = own ? instrument.query(query, &progress)
                 : ask_as_its_maker(instrument, identity, query, &progress);
  }
  const std::string_view picture = data_of(answer);
  const std::string_view ending = picture_ending(picture);
  if (ending.empty())
    throw VisaFailure("the answer of " + instrument.name() + " to '" + query +
                      "' is no picture: '" + printable(picture.substr(0, 40)) + "'");
  const std::string name = file.value_or(file_name(identity) + std::string(ending));
  AnswerOutput out(name);
  out.write(picture);
  out.finish();
  if (name != "-") std::puts(name.c_str());
  return kDone;
}

constexpr Command kCommand = {.name = "screenshot",
                              .topic = Topic::measure,
                              .summary = "save the screen of an instrument",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME",
                              .least = 1,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& screenshot_command() {
  return kCommand;
}

}  // namespace visa::tool
