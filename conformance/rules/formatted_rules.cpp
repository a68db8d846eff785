// SPDX-License-Identifier: MIT
// VPP-4.3 6.2: viPrintf, viScanf and their family: what is sent when, how far input is read, and a
// few formats of each kind. These rules hold for any library; the unit tests of lib/format check
// every format of this one.
#include <cmath>
#include <cstring>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr ViUInt16 kBoth = VI_READ_BUF | VI_WRITE_BUF;

ViPBuf bytes(char* text) {
  return reinterpret_cast<ViPBuf>(text);
}
ViConstBuf bytes(const char* text) {
  return reinterpret_cast<ViConstBuf>(text);
}

// Reads the answer to what was sent so far; on a byte stream the question must have ended in LF.
std::string answer_of(Check& check, ViSession vi) {
  const auto& visa = check.visa();
  ViChar answer[512] = {};
  MUST_ANSWER(viScanf(vi, "%t", answer), VI_SUCCESS, VI_SUCCESS_TERM_CHAR);
  return answer;
}

void rule_6_2_a_newline_in_the_format_sends(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  ANSWERS(viPrintf(vi, "*ID"), VI_SUCCESS);
  ANSWERS(viPrintf(vi, "N?\n"), VI_SUCCESS);
  check.that(answer_of(check, vi) == expected, "another answer than to viWrite");
  ANSWERS(viPrintf(vi, "%s%c?\\n", "*ID", 'N'), VI_SUCCESS);  // for languages without \n
  check.that(answer_of(check, vi) == expected, "another answer to a written escape");
}

void rule_6_2_queryf_again_and_again(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  for (int i = 0; i < 20; ++i) {
    ViChar answer[512] = {};
    ANSWERS(viQueryf(vi, "%s", "%255t", "*IDN?\n", answer), VI_SUCCESS);
    check.that(expected == answer, std::string("another answer: ") + answer);
  }
}

void rule_6_2_flush_sends_and_drops(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  ANSWERS(viPrintf(vi, "NONSENSE"), VI_SUCCESS);
  ANSWERS(viFlush(vi, VI_WRITE_BUF_DISCARD), VI_SUCCESS);
  ANSWERS(viPrintf(vi, "%s", "*IDN?\n"), VI_SUCCESS);  // a newline in an argument is data
  ANSWERS(viFlush(vi, VI_WRITE_BUF), VI_SUCCESS);
  check.that(answer_of(check, vi) == expected,
             "the dropped text was sent or the flush sent nothing");
}

void rule_6_2_on_access_a_call_sends(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  check.set(vi, VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  check.set(vi, VI_ATTR_RD_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  for (int i = 0; i < 3; ++i) {
    ANSWERS(viPrintf(vi, "%s", "*IDN?\n"), VI_SUCCESS);
    ViChar first = 0;
    ANSWERS(viScanf(vi, "%c", &first), VI_SUCCESS);
    check.that(first == expected.at(0), "the rest of an answer was kept");
  }
}

void rule_6_2_set_buf_of_the_formatted_buffers(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  for (const ViUInt32 size : {4000u, 256u, 8192u}) {
    ANSWERS(viSetBuf(vi, kBoth, size), VI_SUCCESS);
    ViUInt32 read_size = 0;
    ViUInt32 write_size = 0;
    ANSWERS(viGetAttribute(vi, VI_ATTR_RD_BUF_SIZE, &read_size), VI_SUCCESS);
    ANSWERS(viGetAttribute(vi, VI_ATTR_WR_BUF_SIZE, &write_size), VI_SUCCESS);
    check.that(read_size == size && write_size == size, "the sizes are not read back");
    ViChar answer[512] = {};
    ANSWERS(viQueryf(vi, "*IDN?\n", "%t", answer), VI_SUCCESS);
    check.that(expected == answer, std::string("another answer: ") + answer);
  }
}

void rule_6_2_bytes_through_the_buffers(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string expected = check.ask(vi, "*IDN?\n");
  ViUInt32 count = 0;
  ANSWERS(viBufWrite(vi, bytes("*IDN?\n"), 6, &count), VI_SUCCESS);
  check.that(count == 6, "viBufWrite counts " + std::to_string(count));
  ANSWERS(viFlush(vi, VI_WRITE_BUF), VI_SUCCESS);
  char answer[512] = {};
  ANSWERS(viBufRead(vi, bytes(answer), 3, &count), VI_SUCCESS_MAX_CNT);
  check.that(count == 3, "viBufRead counts " + std::to_string(count));
  ANSWERS(viBufRead(vi, bytes(answer + 3), 500, &count), VI_SUCCESS, VI_SUCCESS_TERM_CHAR);
  check.that(expected == answer, std::string("another answer: ") + answer);
}

void rule_6_2_wrong_formats(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const char* format : {"%k", "%m", "%t", "%b", "%5.2b", "%"}) {
    const ViStatus status = visa.viPrintf(vi, format, 1, 1);
    check.answered((std::string("viPrintf ") + format).c_str(), status,
                   {VI_ERROR_INV_FMT, VI_ERROR_NSUP_FMT});
    ANSWERS(viFlush(vi, VI_WRITE_BUF_DISCARD), VI_SUCCESS);
  }
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

// What `format` prints of `arguments`.
template <class... A>
std::string text_of(Check& check, const char* format, A... arguments) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  char text[512] = {};
  check.answered(format, visa.viSPrintf(vi, bytes(text), format, arguments...), {VI_SUCCESS});
  ANSWERS(viClose(vi), VI_SUCCESS);
  return text;
}

void rule_6_2_what_formats_print(Check& check) {
  const auto is = [&](const std::string& text, const char* expected) {
    check.that(text == expected, "prints \"" + text + "\" and not \"" + expected + "\"");
  };
  const ViInt32 four[] = {1, 2, 3, 4};
  const ViReal64 three[] = {1.0, 2.0, 3.0};
  is(text_of(check, "VOLT %f", 1.5), "VOLT 1.500000");
  is(text_of(check, ":VOLT %.6lE", 1.5), ":VOLT 1.500000E+00");
  is(text_of(check, "%5d|%-5d|%05d|%.3d", 42, 42, 42, 42), "   42|42   |00042|042");
  is(text_of(check, "%*d", 6, 42), "    42");
  is(text_of(check, "%ld %hd %lld", ViInt32{-1}, 2, ViInt64{1} << 40), "-1 2 1099511627776");
  is(text_of(check, "%,4d", four), "1,2,3,4");
  is(text_of(check, "%,*d", 3, four), "1,2,3");
  is(text_of(check, "%.1,3f", three), "1.0,2.0,3.0");
  is(text_of(check, "%@1f %@2d", 2.9, 123), "2 123.000000");
  is(text_of(check, "%@Hd %@Qd %@Bd", 0xAF35B, 29340, 233), "#HAF35B #Q71234 #B11101001");
  is(text_of(check, "%s %.2s%%", "a", "abc"), "a ab%");
  is(text_of(check, "%4b", "ABCD"), "#14ABCD");
  is(text_of(check, "A\nB"), "A\n");
}

void rule_6_2_what_formats_read(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  const auto scan = [&](const char* input, const char* format, auto... arguments) {
    check.answered(format, visa.viSScanf(vi, bytes(input), format, arguments...), {VI_SUCCESS});
  };
  int i = 0;
  int j = -1;
  float f = 0;
  ViReal64 d = 0;
  ViInt32 n = 10;
  ViInt32 array[10] = {};
  char text[64] = {};
  scan("123\n", "%d", &i);
  check.that(i == 123, "%d");
  scan("+1.5E3\n", "%f", &f);
  check.that(f == 1500.0F, "%f");
  scan("2.5E-1,7\n", "%lf,%d", &d, &i);
  check.that(d == 0.25 && i == 7, "%lf,%d");
  scan("#HFF\n", "%d", &i);
  check.that(i == 255, "%d of #HFF");
  scan("1,2,3,4\n", "%,4d", array);
  check.that(array[0] == 1 && array[3] == 4, "%,4d");
  scan("1,2\n", "%,#d", &n, array);
  check.that(n == 2, "%,#d");
  scan("a b\n", "%s", text);
  check.that(std::strcmp(text, "a") == 0, "%s");
  scan("line\nnext", "%T", text);
  check.that(std::strcmp(text, "line\n") == 0, "%T");
  scan("abc,def\n", "%[^,],%s", text, text + 32);
  check.that(std::strcmp(text, "abc") == 0 && std::strcmp(text + 32, "def") == 0, "%[^,],%s");
  n = 64;
  scan("#14ABCD\n", "%#b", &n, text);
  check.that(n == 4 && std::memcmp(text, "ABCD", 4) == 0, "%#b");
  scan("7", "%d %d", &i, &j);
  check.that(i == 7 && j == -1, "%d %d with one number");
}

// The instrument echoes what was sent, so what viPrintf prints, viScanf must read.
void rule_6_2_numbers_there_and_back(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViReal64 sent[20];
  ViReal64 got[20] = {};
  for (int i = 0; i < 20; ++i) sent[i] = std::ldexp(i - 9.7, 7 * i - 60);
  ViChar line[1024] = {};
  MUST_ANSWER(viSPrintf(vi, bytes(line), "%.17,20lg\n", sent), VI_SUCCESS);
  check.have_sent(vi, line);
  ViInt32 count = 20;
  ANSWERS(viScanf(vi, "%,#lf%*t", &count, got), VI_SUCCESS);
  check.that(count == 20, "the count is " + std::to_string(count));
  check.that(std::equal(sent, sent + 20, got), "the numbers are not the same");
  ViInt32 whole[20];
  ViInt32 back[20] = {};
  for (int i = 0; i < 20; ++i) whole[i] = (i - 10) * 123'456'789 / 10;
  MUST_ANSWER(viSPrintf(vi, bytes(line), "%,20ld\n", whole), VI_SUCCESS);
  check.have_sent(vi, line);
  ANSWERS(viScanf(vi, "%,20ld", back), VI_SUCCESS);
  check.that(std::equal(whole, whole + 20, back), "the whole numbers are not the same");
}

void rule_6_2_the_rest_of_an_answer_stays(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  int code = -1;
  ViChar text[64] = {};
  check.have_sent(vi, "+0,\"No error\"\n");
  ANSWERS(viScanf(vi, "%d", &code), VI_SUCCESS);
  ANSWERS(viScanf(vi, ",\"%[^\"]", text), VI_SUCCESS);
  check.that(code == 0 && std::strcmp(text, "No error") == 0, std::string("read ") + text);
  ANSWERS(viFlush(vi, VI_READ_BUF_DISCARD), VI_SUCCESS);
  check.have_sent(vi, "5\n");
  ANSWERS(viScanf(vi, "%d", &code), VI_SUCCESS);
  check.that(code == 5, "something was left");
  check.have_sent(vi, "6\n");
  ANSWERS(viScanf(vi, "%d%*t", &code), VI_SUCCESS);
  check.that(code == 6, "the end of the last answer was taken for an answer");
}

}  // namespace

Rules formatted_rules() {
  return {
      {"rule_6_2_a_newline_in_the_format_sends", rule_6_2_a_newline_in_the_format_sends,
       On::answering},
      {"rule_6_2_queryf_again_and_again", rule_6_2_queryf_again_and_again, On::answering},
      {"rule_6_2_flush_sends_and_drops", rule_6_2_flush_sends_and_drops, On::answering},
      {"rule_6_2_on_access_a_call_sends", rule_6_2_on_access_a_call_sends, On::answering},
      {"rule_6_2_set_buf_of_the_formatted_buffers", rule_6_2_set_buf_of_the_formatted_buffers,
       On::answering},
      {"rule_6_2_bytes_through_the_buffers", rule_6_2_bytes_through_the_buffers, On::answering},
      {"rule_6_2_wrong_formats", rule_6_2_wrong_formats, On::answering},
      {"rule_6_2_what_formats_print", rule_6_2_what_formats_print},
      {"rule_6_2_what_formats_read", rule_6_2_what_formats_read},
      {"rule_6_2_numbers_there_and_back", rule_6_2_numbers_there_and_back, On::echoing},
      {"rule_6_2_the_rest_of_an_answer_stays", rule_6_2_the_rest_of_an_answer_stays, On::echoing},
  };
}

}  // namespace visa::rules
