// SPDX-License-Identifier: MIT
// VPP-4.3 6.2, the read side: the formats of real drivers on answers that come over the wire,
// blocks, what a bounded read may write, and how a read ends that the input does not satisfy.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

// Drops the rest of the last answer and makes the instrument send `answer`.
ViSession answered_by(Check& check, ViSession vi, const std::string& answer) {
  const auto& visa = check.visa();
  ANSWERS(viFlush(vi, VI_READ_BUF_DISCARD), VI_SUCCESS);
  check.have_sent(vi, answer);
  return vi;
}

void is_text(Check& check, const char* got, const char* wanted) {
  check.that(std::strcmp(got, wanted) == 0,
             "read \"" + std::string(got) + "\" and not \"" + wanted + "\"");
}

// As hpe1564, ri4152a, hp34401a and the drivers of the IVI template do it.
void rule_6_2_error_queries_of_drivers(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViInt32 code = 99;
  ViInt16 result[2] = {99, 99};
  char text[257] = {};
  const char* const error = "+0,\"No error\"\n";
  ANSWERS(viScanf(answered_by(check, vi, error), "%ld,%t", &code, text), VI_SUCCESS);
  check.that(code == 0, "%ld reads another number");
  is_text(check, text, "\"No error\"\n");
  code = 99;
  ANSWERS(viScanf(answered_by(check, vi, error), "%ld,\"%256[^\"]", &code, text), VI_SUCCESS);
  check.that(code == 0, "%ld reads another number");
  is_text(check, text, "No error");
  ANSWERS(viScanf(answered_by(check, vi, "0\n"), "%hd%*t", result), VI_SUCCESS);
  check.that(result[0] == 0 && result[1] == 99, "%hd writes something else than a ViInt16 of 0");
  ANSWERS(viScanf(answered_by(check, vi, "ERR 5\n"), "ERR %hd", result), VI_SUCCESS);
  check.that(result[0] == 5, "ERR %hd reads another number");
}

void rule_6_2_identities_as_drivers_read_them(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  char text[257] = {};
  ViInt32 number = 0;
  const char* const maker = "ROHDE&SCHWARZ,NRVD,1,V1.5\n";
  ANSWERS(viScanf(answered_by(check, vi, maker), "%256[^,]%*T", text), VI_SUCCESS);
  is_text(check, text, "ROHDE&SCHWARZ");
  ANSWERS(viScanf(answered_by(check, vi, maker), "%*[^,],%256[^,]%*T", text), VI_SUCCESS);
  is_text(check, text, "NRVD");
  ANSWERS(viScanf(answered_by(check, vi, maker), "%*[^,],%[^,]", text), VI_SUCCESS);
  is_text(check, text, "NRVD");
  ANSWERS(viScanf(answered_by(check, vi, maker), "%s%*t", text), VI_SUCCESS);
  is_text(check, text, "ROHDE&SCHWARZ,NRVD,1,V1.5");
  ANSWERS(viScanf(answered_by(check, vi, "TEKTRONIX,TDS 210,0,CF:91.1CT\n"), "TEKTRONIX,TDS %d,%t",
                  &number, text),
          VI_SUCCESS);
  check.that(number == 210, "the number after a literal is wrong");
  is_text(check, text, "0,CF:91.1CT\n");
  ANSWERS(viScanf(answered_by(check, vi, "*RST\n"), "%255t", text), VI_SUCCESS);
  is_text(check, text, "*RST\n");
}

void rule_6_2_preambles_and_arrays(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViInt32 whole[3] = {-7, -7, -7};
  ViReal64 real[7] = {-7, -7, -7, -7, -7, -7, -7};
  ANSWERS(viScanf(answered_by(check, vi, "1,2,1000,1,1E-6,0,0,0.01,0,128\n"),
                  "%*[^,], %ld, %ld, %*[^,], %Lf, %Lf, %Lf, %Lf, %Lf, %Lf", &whole[0], &whole[1],
                  &real[0], &real[1], &real[2], &real[3], &real[4], &real[5]),
          VI_SUCCESS);
  check.that(whole[0] == 2 && whole[1] == 1000 && whole[2] == -7, "%ld is not a ViInt32");
  check.that(real[0] == 1E-6 && real[3] == 0.01 && real[5] == 128 && real[6] == -7,
             "%Lf is not a ViReal64");
  std::vector<ViReal64> values(1000, -7);
  ANSWERS(viScanf(answered_by(check, vi, "1.0E0,-2.5E0,+3.0E0\n"), "%,1000le", values.data()),
          VI_SUCCESS);
  check.that(values[0] == 1 && values[1] == -2.5 && values[2] == 3 && values[3] == -7,
             "%,1000le of three numbers");
  int count = 2;
  ANSWERS(viScanf(answered_by(check, vi, "1,2,3\n"), "%,#lf", &count, real), VI_SUCCESS);
  check.that(count == 2 && real[1] == 2 && real[2] != 3, "%,#lf reads more than its count");
  count = 100;
  ANSWERS(viScanf(answered_by(check, vi, "1,2,3\n"), "%,#lf", &count, values.data()), VI_SUCCESS);
  check.that(count == 3, "the count of %,#lf is " + std::to_string(count));
}

// An array larger than any buffer arrives with every number.
void rule_6_2_a_long_array(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  std::string line;
  std::vector<ViReal64> wanted(20'000);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    char word[40];
    wanted[i] = std::ldexp(static_cast<double>(i) - 9999.5, static_cast<int>(i % 90) - 45);
    std::snprintf(word, sizeof word, "%.16E%c", wanted[i], i + 1 < wanted.size() ? ',' : '\n');
    line += word;
  }
  std::vector<ViReal64> got(wanted.size());
  ANSWERS(viScanf(answered_by(check, vi, line), "%,20000lf%*t", got.data()), VI_SUCCESS);
  check.that(got == wanted, "20 000 numbers come back changed");
}

void rule_6_2_blocks_are_read(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  char data[9] = "--------";
  ViInt32 count = 8;
  ANSWERS(viScanf(answered_by(check, vi, "#14ABCD\n"), "%4b", data), VI_SUCCESS);
  is_text(check, data, "ABCD----");
  ANSWERS(viScanf(answered_by(check, vi, "#14EFGH\n"), "%#b", &count, data), VI_SUCCESS);
  is_text(check, data, "EFGH----");
  check.that(count == 4, "the count of %#b is " + std::to_string(count));
  count = 2;
  ANSWERS(viScanf(answered_by(check, vi, "#14IJKL\n"), "%#b%*t", &count, data), VI_SUCCESS);
  is_text(check, data, "IJGH----");
  check.that(count == 2, "%#b stores more than its count");
  ViInt16 words[3] = {-7, -7, -7};
  count = 3;
  ANSWERS(viScanf(answered_by(check, vi, "#14\x01\x02\x03\x04\n"), "%#hb", &count, words),
          VI_SUCCESS);
  check.that(count == 2 && words[0] == 0x0102 && words[1] == 0x0304 && words[2] == -7,
             "%#hb: the elements of a block are big-endian");
  float single = 0;
  ANSWERS(viScanf(answered_by(check, vi, "#14\xC0\x20\x01\x01\n"), "%1zb", &single), VI_SUCCESS);
  check.that(single < -2.5F && single > -2.51F, "%1zb: a float of a block is big-endian");
  ANSWERS(
      viScanf(answered_by(check, vi, "\x01\x02\x03\x04\n"), "%1hy%1!olhy", &words[0], &words[1]),
      VI_SUCCESS);
  check.that(words[0] == 0x0102 && words[1] == 0x0403, "%hy and %!olhy");
}

// `#` says how large the array is: nothing past it is written, for any answer of the instrument.
void rule_6_2_a_bounded_read_stays_in_its_array(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const char* const format : {"%#s", "%#t", "%#T", "%#[A-Z]", "%#c"}) {
    char text[16];
    std::memset(text, '#', sizeof text);
    ViInt32 size = 8;
    check.answered(
        format,
        visa.viScanf(answered_by(check, vi, "ABCDEFGHIJKLMNOPQRSTUVWXYZ\n"), format, &size, text),
        {VI_SUCCESS});
    check.that(std::strncmp(text, "ABCDEFG", 7) == 0,
               std::string(format) + " reads something else");
    check.that(std::count(text + 8, text + 16, '#') == 8,
               std::string(format) + " writes past an array of 8");
    check.that(size == 7 || size == 8, std::string(format) + " counts " + std::to_string(size));
  }
  char text[16] = {};
  ANSWERS(viScanf(answered_by(check, vi, "abcdef gh\n"), "%4s", text), VI_SUCCESS);
  is_text(check, text, "abcd");
  ANSWERS(viScanf(answered_by(check, vi, "abcdef gh\n"), "%4t", text), VI_SUCCESS);
  is_text(check, text, "abcd");
  check.that(!check.ask(vi, "*IDN?\n").empty(), "what %4t dropped was not all");
}

void rule_6_2_wrong_read_formats(Check& check) {
  const auto& visa = check.visa();
  for (const char* const format : {"%q", "%k", "%b", "%5.2b", "%,,3d", "%[abc", "%"}) {
    const ViSession vi = check.talk();  // a new one: the library may read the answer or leave it
    char text[256] = {};
    ViInt32 size = 8;
    check.have_sent(vi, "1\n");
    check.answered((std::string("viScanf ") + format).c_str(),
                   visa.viScanf(vi, format, &size, text, text),
                   {VI_ERROR_INV_FMT, VI_ERROR_NSUP_FMT});
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

void rule_6_2_input_that_differs_ends_the_call(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  int first = -7;
  int second = -7;
  char text[64] = {};
  ANSWERS(viScanf(answered_by(check, vi, "AMPL 5\n"), "FREQ %d", &first), VI_SUCCESS);
  check.that(first == -7, "a number after a literal that differs is stored");
  ANSWERS(viScanf(vi, "%*s %d", &first), VI_SUCCESS);
  check.that(first == 5, "the input that differs is lost");
  ANSWERS(viScanf(answered_by(check, vi, "7\n"), "%d %d", &first, &second), VI_SUCCESS);
  check.that(first == 7 && second == -7, "END before the second number");
  ANSWERS(viScanf(answered_by(check, vi, "1 x2\n"), "%d %d", &first, &second), VI_SUCCESS);
  check.that(first == 1 && second == -7, "no number for the second");
  ANSWERS(viScanf(vi, " %s", text), VI_SUCCESS);
  is_text(check, text, "x2");
}

void rule_6_2_a_scan_without_an_answer(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  int number = -7;
  const double seconds = seconds_of([&] { ANSWERS(viScanf(vi, "%d", &number), VI_ERROR_TMO); });
  check.that(seconds >= 0.29 && seconds < 2.3, "it took " + std::to_string(seconds) + " s");
  check.that(number == -7, "a number was stored");
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  check.have_sent(vi, "12\n");
  ANSWERS(viScanf(vi, "%d", &number), VI_SUCCESS);
  check.that(number == 12, "the answer after it is another");
}

}  // namespace

Rules scan_rules() {
  return {
      {"rule_6_2_error_queries_of_drivers", rule_6_2_error_queries_of_drivers, On::echoing},
      {"rule_6_2_identities_as_drivers_read_them", rule_6_2_identities_as_drivers_read_them,
       On::echoing},
      {"rule_6_2_preambles_and_arrays", rule_6_2_preambles_and_arrays, On::echoing},
      {"rule_6_2_a_long_array", rule_6_2_a_long_array, On::echoing},
      {"rule_6_2_blocks_are_read", rule_6_2_blocks_are_read, On::echoing},
      {"rule_6_2_a_bounded_read_stays_in_its_array", rule_6_2_a_bounded_read_stays_in_its_array,
       On::echoing},
      {"rule_6_2_wrong_read_formats", rule_6_2_wrong_read_formats, On::echoing},
      {"rule_6_2_input_that_differs_ends_the_call", rule_6_2_input_that_differs_ends_the_call,
       On::echoing},
      {"rule_6_2_a_scan_without_an_answer", rule_6_2_a_scan_without_an_answer, On::echoing},
  };
}

}  // namespace visa::rules
