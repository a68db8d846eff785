// SPDX-License-Identifier: MIT
// VPP-4.3 5.1 (ASRL), 6.1.4, 6.1.6, 6.1.7: what ends a viRead on a serial port, what viWrite
// appends, and which settings the port takes. The echo instrument sends back each line that it
// receives.
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr const char* kSerial = "ASRL_INSTR";

void rule_6_1_6_nothing_is_an_end(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_ASRL_END_IN, VI_ASRL_END_NONE);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ViStatus status = VI_SUCCESS;
  check.have_sent(vi, "a line\n");
  check.that(check.read(vi, 100, status) == "a line\n", "the data read is not returned");
  check.answered("viRead with room left", status, {VI_ERROR_TMO});
  check.have_sent(vi, "a line\n");
  check.that(check.read(vi, 7, status) == "a line\n", "something else came back");
  check.answered("viRead that fills the count", status, {VI_SUCCESS_MAX_CNT});
}

void rule_6_1_7_the_termination_character_is_the_end(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_ASRL_END_IN, VI_ASRL_END_TERMCHAR);
  for (const ViAttrState enabled : {ViAttrState{VI_FALSE}, ViAttrState{VI_TRUE}}) {
    check.set(vi, VI_ATTR_TERMCHAR_EN, enabled);
    for (const ViUInt32 room : {7U, 100U}) {
      check.have_sent(vi, "a line\n");
      ViStatus status = VI_SUCCESS;
      check.that(check.read(vi, room, status) == "a line\n", "something else came back");
      check.answered("viRead up to the termination character", status, {VI_SUCCESS});
    }
  }
  check.set(vi, VI_ATTR_TERMCHAR, ';');
  check.have_sent(vi, "one;two\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "one;", "the line was cut elsewhere");
  check.set(vi, VI_ATTR_TERMCHAR, '\n');
  check.that(check.read(vi, 100, status) == "two\n", "the rest is not there");
}

void rule_6_1_7_the_last_bit_is_the_end(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_ASRL_END_IN, VI_ASRL_END_LAST_BIT);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.have_sent(vi, "abc\xE4rest\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "abc\xE4", "the read did not end at the bit");
  check.answered("viRead up to the bit", status, {VI_SUCCESS});
  check.that(check.read(vi, 5, status) == "rest\n", "the rest is not there");
  check.answered("viRead of the rest", status, {VI_SUCCESS_MAX_CNT});
}

void rule_6_1_4_suppressed_end_in(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  for (const ViAttrState end :
       {ViAttrState{VI_ASRL_END_TERMCHAR}, ViAttrState{VI_ASRL_END_LAST_BIT}}) {
    check.set(vi, VI_ATTR_ASRL_END_IN, end);
    check.have_sent(vi, "abc\xE4\n");
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, 100, status) == "abc\xE4\n", "the data read is not returned");
    check.answered("viRead with room left", status, {VI_ERROR_TMO});
  }
}

void rule_5_1_serial_end_out(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_ASRL_END_OUT, VI_ASRL_END_TERMCHAR);
  check.that(check.ask(vi, "*IDN?").back() == '\n', "the termination character did not follow");
  check.set(vi, VI_ATTR_SEND_END_EN, VI_FALSE);
  check.write(vi, "*ID");
  check.that(!check.ask(vi, "N?\n").empty(), "something stood between the two halves");
  // The bit is clear in every byte; set in the last one only with VI_ATTR_SEND_END_EN.
  check.set(vi, VI_ATTR_ASRL_END_OUT, VI_ASRL_END_LAST_BIT);
  check.have_sent(vi, "\xE1\xE2\xE3\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "abc\n", "the last bit was not cleared");
}

void rule_5_1_serial_line_settings(Check& check) {
  const ViSession vi = check.talk();
  const auto& visa = check.visa();
  const ViSession other = check.talk();
  for (const ViUInt32 baud : {300U, 31250U, 115200U, 250000U}) {
    check.set(vi, VI_ATTR_ASRL_BAUD, baud);
    ViUInt32 got = 0;
    check.answered("viGetAttribute", visa.viGetAttribute(other, VI_ATTR_ASRL_BAUD, &got),
                   {VI_SUCCESS});
    check.that(got == baud, "another session of the port sees another baud rate");
  }
  check.answered("a baud rate of 0", visa.viSetAttribute(vi, VI_ATTR_ASRL_BAUD, 0),
                 {VI_ERROR_NSUP_ATTR_STATE});
  check.answered("9 data bits", visa.viSetAttribute(vi, VI_ATTR_ASRL_DATA_BITS, 9),
                 {VI_ERROR_NSUP_ATTR_STATE});
  check.answered("a stop bit of 12", visa.viSetAttribute(vi, VI_ATTR_ASRL_STOP_BITS, 12),
                 {VI_ERROR_NSUP_ATTR_STATE});
  check.answered("parity 5", visa.viSetAttribute(vi, VI_ATTR_ASRL_PARITY, 5),
                 {VI_ERROR_NSUP_ATTR_STATE});
  check.set(vi, VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_NONE);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

void rule_5_1_serial_available(Check& check) {
  const ViSession vi = check.talk();
  const auto& visa = check.visa();
  check.have_sent(vi, "a line\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 1, status) == "a", "something else came back");
  ViUInt32 waiting = 0;
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (waiting < 6 && Clock::now() < deadline) {
    check.need("viGetAttribute", visa.viGetAttribute(vi, VI_ATTR_ASRL_AVAIL_NUM, &waiting),
               {VI_SUCCESS});
  }
  check.that(waiting == 6, "VI_ATTR_ASRL_AVAIL_NUM is " + std::to_string(waiting) + ", not 6");
  check.answered("viFlush(VI_IO_IN_BUF)", visa.viFlush(vi, VI_IO_IN_BUF), {VI_SUCCESS});
  visa.viGetAttribute(vi, VI_ATTR_ASRL_AVAIL_NUM, &waiting);
  check.that(waiting == 0, "something is left after viFlush");
}

}  // namespace

Rules serial_rules() {
  return {
      {"rule_6_1_6_nothing_is_an_end", rule_6_1_6_nothing_is_an_end, On::echoing, kSerial},
      {"rule_6_1_7_the_termination_character_is_the_end",
       rule_6_1_7_the_termination_character_is_the_end, On::echoing, kSerial},
      {"rule_6_1_7_the_last_bit_is_the_end", rule_6_1_7_the_last_bit_is_the_end, On::echoing,
       kSerial},
      {"rule_6_1_4_suppressed_end_in", rule_6_1_4_suppressed_end_in, On::echoing, kSerial},
      {"rule_5_1_serial_end_out", rule_5_1_serial_end_out, On::echoing, kSerial},
      {"rule_5_1_serial_line_settings", rule_5_1_serial_line_settings, On::answering, kSerial},
      {"rule_5_1_serial_available", rule_5_1_serial_available, On::echoing, kSerial},
  };
}

}  // namespace visa::rules
