// SPDX-License-Identifier: MIT
// freevisa query: commands and their answers.
#include <chrono>
#include <string>
#include <utility>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/answer_text.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each write and read, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help =
         "write the answers to FILE, which stays as it was unless all of them came; a device or "
         "FIFO gets each as it comes, '-' is standard output"},
    {.name = "--raw",
     .help = "print answers exactly as they came, block header and line feed included"},
    {.name = "--binary",
     .letter = "-b",
     .help = "answers are data: no line feed is added, and an answer without a block is left as it "
             "came"},
    {.name = "--json",
     .help = "a JSON object a line: command, answer (text) or data (base64), bytes, seconds"},
};

constexpr char kAbout[] =
    R"(NAME is a resource name or an alias of the configuration. Each COMMAND is sent with a line feed; if
it contains a '?', the answer is read and printed. A command without one is only sent. A long answer
shows on a terminal how far it is and how fast it comes.

An answer that is a definite-length block (#<n><length>...: waveforms, screenshots) is printed
without the block's header. Binary data does not go to a terminal: use --output or '>'.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa query dmm '*IDN?'
  freevisa query TCPIP::192.168.1.20::5025::SOCKET 'CONF:VOLT:DC 10' 'READ?'
  freevisa query -o screen.png scope 'HCOPy:SDUMp:DATA?'

Exit codes: 0 done, 1 a VISA error or FILE cannot be written, 2 wrong usage.
)";

int run(const CommandLine& line) {
  AnswerOutput out(line.value("--output"));
  const AnswerForm form = answer_form(line);
  const Session manager = open_manager();
  catch_interrupts();
  Instrument instrument(manager, line.operands().front(), line.number("--timeout"));
  for (std::size_t i = 1; i < line.operands().size(); ++i) {
    const std::string& command = line.operands()[i];
    instrument.send(command);
    if (!asks(command)) continue;
    const auto begin = std::chrono::steady_clock::now();
    std::string answer;
    {
      Progress progress;
      answer = instrument.receive(command, &progress);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    write_answer(out, {command, std::move(answer), taken.count(), false}, form);
  }
  out.finish();
  return kDone;
}

constexpr Command kCommand = {.name = "query",
                              .topic = Topic::talk,
                              .summary = "send commands to an instrument and print its answers",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME COMMAND...",
                              .least = 2,
                              .most = 10000,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& query_command() {
  return kCommand;
}

}  // namespace visa::tool
