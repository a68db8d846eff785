/* SPDX-License-Identifier: MIT */
/* What both programs do with an instrument, through whatever way they reach the functions. C89. */
#ifndef FREEVISA_CLIENT_JOB_H
#define FREEVISA_CLIENT_JOB_H

#include <visa.h>

/* The functions of the job. The linked program fills it with the header's, the other with dlsym. */
struct visa_calls {
  ViStatus(_VI_FUNC* open_default_rm)(ViPSession vi);
  ViStatus(_VI_FUNC* find_rsrc)(ViSession sesn, ViConstString expr, ViPFindList vi, ViPUInt32 count,
                                ViChar desc[]);
  ViStatus(_VI_FUNC* find_next)(ViFindList vi, ViChar desc[]);
  ViStatus(_VI_FUNC* parse_rsrc)(ViSession sesn, ViConstRsrc name, ViPUInt16 type,
                                 ViPUInt16 number);
  ViStatus(_VI_FUNC* parse_rsrc_ex)(ViSession sesn, ViConstRsrc name, ViPUInt16 type,
                                    ViPUInt16 number, ViChar rsrc_class[], ViChar expanded[],
                                    ViChar alias[]);
  ViStatus(_VI_FUNC* open)(ViSession sesn, ViConstRsrc name, ViAccessMode mode, ViUInt32 timeout,
                           ViPSession vi);
  ViStatus(_VI_FUNC* close)(ViObject vi);
  ViStatus(_VI_FUNC* write)(ViSession vi, ViConstBuf buffer, ViUInt32 count, ViPUInt32 done);
  ViStatus(_VI_FUNC* read)(ViSession vi, ViPBuf buffer, ViUInt32 count, ViPUInt32 done);
  ViStatus(_VI_FUNC* get_attribute)(ViObject vi, ViAttr name, void* value);
  ViStatus(_VI_FUNC* set_attribute)(ViObject vi, ViAttr name, ViAttrState value);
  ViStatus(_VI_FUNC* lock)(ViSession vi, ViAccessMode type, ViUInt32 timeout, ViConstKeyId wanted,
                           ViChar key[]);
  ViStatus(_VI_FUNC* unlock)(ViSession vi);
  ViStatus(_VI_FUNC* status_desc)(ViObject vi, ViStatus status, ViChar text[]);
};

/* Returns 0 when every step did what VPP-4.3 says; prints the first that did not. */
int do_the_job(const struct visa_calls* visa);

#endif
