/* SPDX-License-Identifier: MIT */
/* The job by a program that links the library: cc $(pkg-config --cflags --libs visa). */
#include "job.h"

int main(void) {
  struct visa_calls visa;
  visa.open_default_rm = viOpenDefaultRM;
  visa.find_rsrc = viFindRsrc;
  visa.find_next = viFindNext;
  visa.parse_rsrc = viParseRsrc;
  visa.parse_rsrc_ex = viParseRsrcEx;
  visa.open = viOpen;
  visa.close = viClose;
  visa.write = viWrite;
  visa.read = viRead;
  visa.get_attribute = viGetAttribute;
  visa.set_attribute = viSetAttribute;
  visa.lock = viLock;
  visa.unlock = viUnlock;
  visa.status_desc = viStatusDesc;
  return do_the_job(&visa);
}
