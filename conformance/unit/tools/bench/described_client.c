/* SPDX-License-Identifier: MIT
 * A C program on the described instrument of together_test: asks `count` times and prints how many
 * answers were right. Usage: described_client RESOURCE COUNT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <visa.h>

int main(int argc, char** argv) {
  ViSession manager;
  ViSession session;
  char answer[100];
  ViUInt32 count;
  int right = 0;
  int i;
  int wanted = argc > 2 ? atoi(argv[2]) : 0;
  if (argc < 3 || viOpenDefaultRM(&manager) < VI_SUCCESS ||
      viOpen(manager, argv[1], VI_NULL, 5000, &session) < VI_SUCCESS) {
    return 1;
  }
  viSetAttribute(session, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  viSetAttribute(session, VI_ATTR_TMO_VALUE, 10000);
  for (i = 0; i < wanted; ++i) {
    memset(answer, 0, sizeof answer);
    if (viWrite(session, (ViConstBuf) "SPEEd?\n", 7, &count) >= VI_SUCCESS &&
        viRead(session, (ViPBuf)answer, sizeof answer - 1, &count) >= VI_SUCCESS &&
        strcmp(answer, "+12.5\n") == 0) {
      ++right;
    }
  }
  viClose(manager);
  printf("c %d\n", right);
  return right == wanted ? 0 : 1;
}
