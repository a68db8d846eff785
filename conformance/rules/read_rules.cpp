// SPDX-License-Identifier: MIT
// VPP-4.3 6.1.1 to 6.1.5: why a viRead ends and what it returns; reading in pieces. The echo
// instrument sends back each line that it receives.
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

void no_end(const Check& check) {
  if (check.is_stream()) throw NotShown{"a byte stream has no END"};
}

std::string message(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i + 1 < length; ++i) text += static_cast<char>('!' + i % 90);
  return text + "\n";
}

void rule_6_1_1_end_is_success(Check& check) {
  no_end(check);
  const ViSession vi = check.talk();
  const std::string line = message(65);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);     // END has priority over it
  for (const ViUInt32 room : {65U, 66U, 1000U}) {  // and over a count that is filled exactly
    check.have_sent(vi, line);
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, room, status) == line, "something else came back");
    check.answered("viRead of a message with END", status, {VI_SUCCESS});
  }
}

void rule_6_1_2_the_termination_character(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  const std::string line = message(65);
  for (const ViUInt32 room : {65U, 66U, 1000U}) {
    check.have_sent(vi, line);
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, room, status) == line, "something else came back");
    check.answered("viRead up to the termination character", status, {VI_SUCCESS_TERM_CHAR});
  }
  // Any character can be the termination character, also 0 and 255.
  for (const char character : {';', '\0', '\xFF'}) {
    check.set(vi, VI_ATTR_TERMCHAR, static_cast<ViUInt8>(character));
    const std::string first = std::string("first") + character;
    check.have_sent(vi, first + "second\n");
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, 1000, status) == first, "the line was cut elsewhere");
    check.answered("viRead up to the termination character", status, {VI_SUCCESS_TERM_CHAR});
    check.set(vi, VI_ATTR_TERMCHAR, '\n');
    check.that(check.read(vi, 1000, status) == "second\n", "the rest is not there");
  }
}

void rule_6_1_3_the_count(Check& check) {
  const ViSession vi = check.talk();
  const std::string line = message(65);
  check.have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 10, status) == line.substr(0, 10), "other bytes came back");
  check.answered("viRead of less than there is", status, {VI_SUCCESS_MAX_CNT});
  check.that(check.read(vi, 1, status) == line.substr(10, 1), "the rest is not there");
  check.answered("viRead of less than there is", status, {VI_SUCCESS_MAX_CNT});
  check.that(check.read(vi, 1000, status) == line.substr(11), "the rest is not there");
}

void rule_6_1_4_end_suppressed(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  const std::string line = message(20);
  ViStatus status = VI_SUCCESS;
  check.have_sent(vi, line);
  check.that(check.read(vi, 20, status) == line, "something else came back");
  check.answered("viRead that fills the count", status, {VI_SUCCESS_MAX_CNT});
  check.have_sent(vi, line);
  check.that(check.read(vi, 100, status) == line, "the data read is not returned");
  check.answered("viRead with room left", status, {VI_ERROR_TMO});
}

void rule_6_1_5_termination_character_off(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  const std::string line = message(20);
  for (const ViUInt32 room : {20U, 100U}) {
    check.have_sent(vi, line);
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, room, status) == line, "something else came back");
    check.that(status != VI_SUCCESS_TERM_CHAR, "viRead answers VI_SUCCESS_TERM_CHAR");
  }
}

// Every byte arrives once, for any size of the pieces.
void rule_6_1_reading_in_pieces(Check& check) {
  const ViSession vi = check.talk();
  const std::string line = message(3201);
  for (const ViUInt32 piece : {1U, 7U, 64U, 997U, 3201U}) {
    check.have_sent(vi, line);
    std::string all;
    ViStatus status = VI_SUCCESS_MAX_CNT;
    while (status == VI_SUCCESS_MAX_CNT && all.size() < line.size()) {
      all += check.read(vi, piece, status);
    }
    check.that(all == line, "pieces of " + std::to_string(piece) + " make something else");
    check.answered("the last piece", status,
                   {check.is_stream() ? ViStatus{VI_SUCCESS_TERM_CHAR} : ViStatus{VI_SUCCESS}});
  }
  check.that(!check.ask(vi, "*IDN?\n").empty(), "something is left over");
}

// Each viRead returns one line; the others stay for later.
void rule_6_1_one_line_a_read(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  check.set(vi, VI_ATTR_TERMCHAR, ';');
  check.have_sent(vi, "one;two;;four;\n");
  ViStatus status = VI_SUCCESS;
  for (const char* const wanted : {"one;", "two;", ";", "four;"}) {
    const std::string line = check.read(vi, 1000, status);
    check.that(line == wanted, "expected '" + std::string(wanted) + "', read '" + line + "'");
    check.answered("viRead of a line", status, {VI_SUCCESS_TERM_CHAR});
  }
  check.set(vi, VI_ATTR_TERMCHAR, '\n');
  check.that(check.read(vi, 1000, status) == "\n", "the end of the message is not there");
  check.answered("viRead of the end", status,
                 {check.is_stream() ? ViStatus{VI_SUCCESS_TERM_CHAR} : ViStatus{VI_SUCCESS}});
}

void rule_6_1_large_messages(Check& check) {
  const ViSession vi = check.talk();
  const std::string line = message(300'000);
  check.have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 1'000'000, status) == line, "300 000 bytes come back changed");
}

void rule_6_1_the_count_may_be_left_out(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViByte buffer[512] = {};
  ANSWERS(viWrite(vi, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, VI_NULL), VI_SUCCESS);
  ANSWERS(viRead(vi, buffer, sizeof buffer, VI_NULL), VI_SUCCESS, VI_SUCCESS_TERM_CHAR);
  check.that(buffer[0] != 0, "nothing was read");
}

void rule_s6_1_1_a_read_lasts_as_long_as_the_timeout(Check& check) {
  const ViSession vi = check.talk();
  for (const ViUInt32 timeout : {100U, 500U, 1000U}) {
    check.set(vi, VI_ATTR_TMO_VALUE, timeout);
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { check.read(vi, 10, status); });
    check.answered("viRead of nothing", status, {VI_ERROR_TMO});
    check.that(seconds >= timeout / 1000.0 - 0.001 && seconds < timeout / 1000.0 + 2,
               "with " + std::to_string(timeout) + " ms it took " + std::to_string(seconds) + " s");
  }
}

void rule_s6_1_1_an_immediate_read(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, VI_TMO_IMMEDIATE);
  ViStatus status = VI_SUCCESS;
  const double seconds = seconds_of([&] { check.read(vi, 10, status); });
  check.answered("viRead of nothing, immediate", status, {VI_ERROR_TMO});
  check.that(seconds < 1.5, "it took " + std::to_string(seconds) + " s");
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

void rule_s6_1_1_an_infinite_read(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "no answer without a timeout");
}

void rule_6_1_send_end_off(Check& check) {
  no_end(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_SEND_END_EN, VI_FALSE);
  check.write(vi, "*ID");
  check.set(vi, VI_ATTR_SEND_END_EN, VI_TRUE);
  check.that(!check.ask(vi, "N?\n").empty(), "the two halves did not make one message");
}

}  // namespace

Rules read_rules() {
  return {
      {"rule_6_1_1_end_is_success", rule_6_1_1_end_is_success, On::echoing},
      {"rule_6_1_2_the_termination_character", rule_6_1_2_the_termination_character, On::echoing},
      {"rule_6_1_3_the_count", rule_6_1_3_the_count, On::echoing},
      {"rule_6_1_4_end_suppressed", rule_6_1_4_end_suppressed, On::echoing},
      {"rule_6_1_5_termination_character_off", rule_6_1_5_termination_character_off, On::echoing},
      {"rule_6_1_reading_in_pieces", rule_6_1_reading_in_pieces, On::echoing, "", 60},
      {"rule_6_1_one_line_a_read", rule_6_1_one_line_a_read, On::echoing},
      {"rule_6_1_large_messages", rule_6_1_large_messages, On::echoing},
      {"rule_6_1_the_count_may_be_left_out", rule_6_1_the_count_may_be_left_out, On::answering},
      {"rule_s6_1_1_a_read_lasts_as_long_as_the_timeout",
       rule_s6_1_1_a_read_lasts_as_long_as_the_timeout},
      {"rule_s6_1_1_an_immediate_read", rule_s6_1_1_an_immediate_read, On::answering},
      {"rule_s6_1_1_an_infinite_read", rule_s6_1_1_an_infinite_read, On::answering},
      {"rule_6_1_send_end_off", rule_6_1_send_end_off, On::answering},
  };
}

}  // namespace visa::rules
