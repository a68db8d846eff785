// SPDX-License-Identifier: MIT
// VPP-4.3 6.1.7, 6.2, 6.5: status byte, trigger, clear, buffers, remote control.
#include <future>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

// A session on which viReadSTB and viAssertTrigger exist.
ViSession with_status(Check& check) {
  const ViSession vi = check.talk();
  if (check.is_stream()) check.set(vi, VI_ATTR_IO_PROT, VI_PROT_4882_STRS);
  return vi;
}

void rule_6_1_status_byte(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = with_status(check);
  for (int i = 0; i < 20; ++i) {
    ViUInt16 byte = 0xFFFF;
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    check.that(byte <= 255, "the status byte is " + std::to_string(byte));
  }
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

void rule_6_1_status_byte_from_many_threads(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = with_status(check);
  std::vector<std::future<void>> all;
  for (int thread = 0; thread < 3; ++thread) {
    all.push_back(std::async(std::launch::async, [&] {
      for (int i = 0; i < 30; ++i) {
        ViUInt16 byte = 0xFFFF;
        ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
        check.that(byte <= 255, "the status byte is " + std::to_string(byte));
      }
    }));
  }
  for (auto& one : all) one.get();
}

void rule_s6_1_7_trigger_protocols(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = with_status(check);
  ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  for (const ViUInt16 protocol : std::initializer_list<ViUInt16>{VI_TRIG_PROT_ON, VI_TRIG_PROT_OFF,
                                                                 VI_TRIG_PROT_SYNC, 0x7777}) {
    const ViStatus status = visa.viAssertTrigger(vi, protocol);
    if (check.options().strict || protocol == 0x7777) {
      check.answered("viAssertTrigger with another protocol", status,
                     {VI_ERROR_INV_PROT, VI_ERROR_NSUP_OPER});
    } else {  // one vendor accepts PROT_ON over HiSLIP
      check.answered("viAssertTrigger with another protocol", status,
                     {VI_ERROR_INV_PROT, VI_ERROR_NSUP_OPER, VI_SUCCESS});
    }
  }
}

void rule_6_1_clear(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.write(vi, "*IDN?\n");
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "no answer after viClear");
  ANSWERS(viClear(vi), VI_SUCCESS);
}

// 6.2.3, 6.2.4
void rule_6_2_3_set_buf(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  if (check.is_stream()) {  // a socket buffer may not get the requested size
    ANSWERS(viSetBuf(vi, VI_IO_IN_BUF, 8192), VI_SUCCESS, VI_ERROR_NSUP_OPER, VI_WARN_NSUP_BUF);
    ANSWERS(viSetBuf(vi, VI_IO_OUT_BUF, 8192), VI_SUCCESS, VI_ERROR_NSUP_OPER, VI_WARN_NSUP_BUF);
  } else {
    ANSWERS(viSetBuf(vi, VI_IO_IN_BUF, 8192), VI_SUCCESS, VI_ERROR_NSUP_OPER);
    ANSWERS(viSetBuf(vi, VI_IO_OUT_BUF, 8192), VI_SUCCESS, VI_ERROR_NSUP_OPER);
  }
}

void rule_6_2_3_set_buf_with_a_bad_mask(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ANSWERS(viSetBuf(vi, 0, 8192), VI_ERROR_INV_MASK);
  ANSWERS(viSetBuf(vi, 0x8000, 8192), VI_ERROR_INV_MASK);
}

void rule_6_2_5_flush_of_empty_buffers(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const ViUInt16 mask : std::initializer_list<ViUInt16>{
           VI_READ_BUF, VI_READ_BUF_DISCARD, VI_WRITE_BUF, VI_WRITE_BUF_DISCARD,
           VI_READ_BUF_DISCARD | VI_WRITE_BUF_DISCARD}) {
    const ViStatus once = visa.viFlush(vi, mask);
    const ViStatus again = visa.viFlush(vi, mask);
    check.answered("viFlush", once, {VI_SUCCESS});
    check.that(once == again, "the second viFlush answers " + check.symbol(again));
  }
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

// The formatted buffer is empty, so viFlush must not touch the answer that is on its way.
void rule_6_2_5_flush_takes_no_answers(Check& check) {
  if (check.resource().kind == "ASRL_INSTR") {
    throw NotShown{"on a serial line it also drops what the low-level buffer holds"};
  }
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.write(vi, "*IDN?\n");
  ANSWERS(viFlush(vi, VI_READ_BUF_DISCARD), VI_SUCCESS);
  ViStatus status = VI_SUCCESS;
  check.that(!check.read(vi, 512, status).empty(), "the answer is gone");
  check.answered("viRead", status, {VI_SUCCESS, VI_SUCCESS_TERM_CHAR});
}

void rule_6_2_flush_with_a_bad_mask(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  for (const ViUInt16 mask : std::initializer_list<ViUInt16>{
           0, 0x8000, VI_READ_BUF | VI_READ_BUF_DISCARD, VI_WRITE_BUF | VI_WRITE_BUF_DISCARD}) {
    ANSWERS(viFlush(vi, mask), VI_ERROR_INV_MASK);
  }
}

void rule_6_5_6_remote_modes(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  if (check.is_stream()) throw NotShown{"a byte stream has no remote line"};
  // Not every GPIB adapter lets the host have REN; the clause is about TCPIP.
  const ViStatus lacks =
      check.resource().kind == "GPIB_INSTR" ? ViStatus{VI_ERROR_INV_MODE} : VI_SUCCESS;
  for (const ViUInt16 mode :
       std::initializer_list<ViUInt16>{VI_GPIB_REN_DEASSERT_GTL, VI_GPIB_REN_ASSERT_ADDRESS,
                                       VI_GPIB_REN_ASSERT_ADDRESS_LLO, VI_GPIB_REN_ADDRESS_GTL}) {
    ANSWERS(viGpibControlREN(vi, mode), VI_SUCCESS, lacks);
  }
  for (const ViUInt16 mode : std::initializer_list<ViUInt16>{
           VI_GPIB_REN_DEASSERT, VI_GPIB_REN_ASSERT, VI_GPIB_REN_ASSERT_LLO}) {
    ANSWERS(viGpibControlREN(vi, mode), VI_SUCCESS, VI_ERROR_INV_MODE, VI_ERROR_NSUP_OPER);
  }
  REFUSES(viGpibControlREN(vi, 0x7777));
}

void rule_no_io_on_the_manager(Check& check) {
  const auto& visa = check.visa();
  const ViSession manager = check.manager();
  ViByte byte = 0;
  ViUInt32 count = 0;
  REFUSES(viRead(manager, &byte, 1, &count));
  REFUSES(viWrite(manager, &byte, 1, &count));
  REFUSES(viClear(manager));
}

}  // namespace

Rules operation_rules() {
  return {
      {"rule_6_1_status_byte", rule_6_1_status_byte, On::reporting},
      {"rule_6_1_status_byte_from_many_threads", rule_6_1_status_byte_from_many_threads,
       On::reporting},
      {"rule_s6_1_7_trigger_protocols", rule_s6_1_7_trigger_protocols, On::reporting},
      {"rule_6_1_clear", rule_6_1_clear, On::answering},
      {"rule_6_2_3_set_buf", rule_6_2_3_set_buf},
      {"rule_6_2_3_set_buf_with_a_bad_mask", rule_6_2_3_set_buf_with_a_bad_mask},
      {"rule_6_2_5_flush_of_empty_buffers", rule_6_2_5_flush_of_empty_buffers, On::answering},
      {"rule_6_2_5_flush_takes_no_answers", rule_6_2_5_flush_takes_no_answers, On::answering},
      {"rule_6_2_flush_with_a_bad_mask", rule_6_2_flush_with_a_bad_mask},
      {"rule_6_5_6_remote_modes", rule_6_5_6_remote_modes, On::answering},
      {"rule_no_io_on_the_manager", rule_no_io_on_the_manager, On::nothing},
  };
}

}  // namespace visa::rules
