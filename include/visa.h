/* SPDX-License-Identifier: MIT */
/*
 * visa.h - the VISA C interface (VPP-4.3, revision 7.2), FreeVISA's own text.
 *
 * Names, values and types are those every VISA header has: a program written for another VISA
 * library compiles and links unchanged. Compiles without warnings as C89 to C++20.
 *
 * This file is also the list of what libvisa.so exports: lib/ExportMap.cmake reads every prototype
 * below that does not stand in a block `#if defined(NIVISA_...)`.
 */
#ifndef __VISA_HEADER__
#define __VISA_HEADER__

#include <stdarg.h>

#include "visatype.h"

/* Revision of the standard these declarations follow, laid out as a ViVersion: 7.2.0. */
#define VI_SPEC_VERSION (0x00700200UL)

#define VI_VERSION_MAJOR(version) ((((ViVersion)(version)) & 0xFFF00000UL) >> 20)
#define VI_VERSION_MINOR(version) ((((ViVersion)(version)) & 0x000FFF00UL) >> 8)
#define VI_VERSION_SUBMINOR(version) (((ViVersion)(version)) & 0x000000FFUL)

#if defined(__cplusplus) || defined(__cplusplus__)
extern "C" {
#endif

/* ---- Types ----------------------------------------------------------------------------------- */

typedef ViObject ViEvent;
typedef ViEvent _VI_PTR ViPEvent;
typedef ViObject ViFindList;
typedef ViFindList _VI_PTR ViPFindList;

/* Integers of the width of a pointer. */
#if defined(_VI_INT64_UINT64_DEFINED) && defined(_VISA_ENV_IS_64_BIT)
typedef ViUInt64 ViBusAddress;
typedef ViUInt64 ViBusSize;
typedef ViUInt64 ViAttrState;
#else
typedef ViUInt32 ViBusAddress;
typedef ViUInt32 ViBusSize;
typedef ViUInt32 ViAttrState;
#endif
typedef ViBusAddress _VI_PTR ViPBusAddress;
#if defined(_VI_INT64_UINT64_DEFINED)
typedef ViUInt64 ViBusAddress64;
typedef ViBusAddress64 _VI_PTR ViPBusAddress64;
#endif

/* Where viGetAttribute stores: untyped, because the attribute decides the width. */
typedef void _VI_PTR ViPAttrState;

typedef ViAttr _VI_PTR ViPAttr;
typedef ViAttr _VI_PTR ViAAttr;
typedef ViUInt32 ViEventType;
typedef ViEventType _VI_PTR ViPEventType;
typedef ViEventType _VI_PTR ViAEventType;
typedef ViUInt32 ViEventFilter;
typedef ViUInt32 ViJobId;
typedef ViJobId _VI_PTR ViPJobId;
typedef ViUInt32 ViAccessMode;
typedef ViAccessMode _VI_PTR ViPAccessMode;
typedef ViString ViKeyId;
typedef ViPString ViPKeyId;
typedef ViConstString ViConstKeyId;
typedef va_list ViVAList;

/* An event handler; userHandle is the value that was given to viInstallHandler. */
typedef ViStatus(_VI_FUNCH _VI_PTR ViHndlr)(ViSession vi, ViEventType eventType, ViEvent event,
                                            ViAddr userHandle);

/* ---- Attributes: type and access in the comment; RO read only, RW read and write ------------- */

/* Every session, the resource manager included. */
#define VI_ATTR_RSRC_CLASS (0xBFFF0001UL)        /* ViString, RO */
#define VI_ATTR_RSRC_NAME (0xBFFF0002UL)         /* ViRsrc, RO */
#define VI_ATTR_RSRC_IMPL_VERSION (0x3FFF0003UL) /* ViVersion, RO */
#define VI_ATTR_RSRC_LOCK_STATE (0x3FFF0004UL)   /* ViAccessMode, RO */
#define VI_ATTR_MAX_QUEUE_LENGTH (0x3FFF0005UL)  /* ViUInt32, RW, at times RO */
#define VI_ATTR_RM_SESSION (0x3FFF00C4UL)        /* ViSession, RO */
#define VI_ATTR_RSRC_SPEC_VERSION (0x3FFF0170UL) /* ViVersion, RO */
#define VI_ATTR_RSRC_MANF_NAME (0xBFFF0174UL)    /* ViString, RO */
#define VI_ATTR_RSRC_MANF_ID (0x3FFF0175UL)      /* ViUInt16, RO */
#define VI_ATTR_USER_DATA_32 (0x3FFF0007UL)      /* ViUInt32, RW */
#if defined(_VI_INT64_UINT64_DEFINED)
#define VI_ATTR_USER_DATA_64 (0x3FFF000AUL) /* ViUInt64, RW */
#endif
#if defined(_VI_INT64_UINT64_DEFINED) && defined(_VISA_ENV_IS_64_BIT)
#define VI_ATTR_USER_DATA VI_ATTR_USER_DATA_64
#else
#define VI_ATTR_USER_DATA VI_ATTR_USER_DATA_32
#endif

/* Sessions that transfer data. */
#define VI_ATTR_INTF_TYPE (0x3FFF0171UL)        /* ViUInt16, RO */
#define VI_ATTR_INTF_NUM (0x3FFF0176UL)         /* ViUInt16, RO */
#define VI_ATTR_INTF_INST_NAME (0xBFFF00E9UL)   /* ViString, RO */
#define VI_ATTR_INTF_PARENT_NUM (0x3FFF0101UL)  /* ViUInt16, RO */
#define VI_ATTR_TMO_VALUE (0x3FFF001AUL)        /* ViUInt32, RW */
#define VI_ATTR_DMA_ALLOW_EN (0x3FFF001EUL)     /* ViBoolean, RW */
#define VI_ATTR_TRIG_ID (0x3FFF0177UL)          /* ViInt16, RW, at times RO */
#define VI_ATTR_IO_PROT (0x3FFF001CUL)          /* ViUInt16, RW */
#define VI_ATTR_SEND_END_EN (0x3FFF0016UL)      /* ViBoolean, RW */
#define VI_ATTR_SUPPRESS_END_EN (0x3FFF0036UL)  /* ViBoolean, RW */
#define VI_ATTR_TERMCHAR (0x3FFF0018UL)         /* ViUInt8, RW */
#define VI_ATTR_TERMCHAR_EN (0x3FFF0038UL)      /* ViBoolean, RW */
#define VI_ATTR_RD_BUF_OPER_MODE (0x3FFF002AUL) /* ViUInt16, RW */
#define VI_ATTR_WR_BUF_OPER_MODE (0x3FFF002DUL) /* ViUInt16, RW */
#define VI_ATTR_RD_BUF_SIZE (0x3FFF002BUL)      /* ViUInt32, RO */
#define VI_ATTR_WR_BUF_SIZE (0x3FFF002EUL)      /* ViUInt32, RO */
#define VI_ATTR_FILE_APPEND_EN (0x3FFF0192UL)   /* ViBoolean, RW */
#define VI_ATTR_DEV_STATUS_BYTE (0x3FFF0189UL)  /* ViUInt8, RW */

/* Serial ports. */
#define VI_ATTR_ASRL_AVAIL_NUM (0x3FFF00ACUL)    /* ViUInt32, RO */
#define VI_ATTR_ASRL_BAUD (0x3FFF0021UL)         /* ViUInt32, RW */
#define VI_ATTR_ASRL_DATA_BITS (0x3FFF0022UL)    /* ViUInt16, RW */
#define VI_ATTR_ASRL_PARITY (0x3FFF0023UL)       /* ViUInt16, RW */
#define VI_ATTR_ASRL_STOP_BITS (0x3FFF0024UL)    /* ViUInt16, RW */
#define VI_ATTR_ASRL_FLOW_CNTRL (0x3FFF0025UL)   /* ViUInt16, RW */
#define VI_ATTR_ASRL_END_IN (0x3FFF00B3UL)       /* ViUInt16, RW */
#define VI_ATTR_ASRL_END_OUT (0x3FFF00B4UL)      /* ViUInt16, RW */
#define VI_ATTR_ASRL_CTS_STATE (0x3FFF00AEUL)    /* ViInt16, RO */
#define VI_ATTR_ASRL_DCD_STATE (0x3FFF00AFUL)    /* ViInt16, RO */
#define VI_ATTR_ASRL_DSR_STATE (0x3FFF00B1UL)    /* ViInt16, RO */
#define VI_ATTR_ASRL_DTR_STATE (0x3FFF00B2UL)    /* ViInt16, RW */
#define VI_ATTR_ASRL_RI_STATE (0x3FFF00BFUL)     /* ViInt16, RO */
#define VI_ATTR_ASRL_RTS_STATE (0x3FFF00C0UL)    /* ViInt16, RW */
#define VI_ATTR_ASRL_REPLACE_CHAR (0x3FFF00BEUL) /* ViUInt8, RW */
#define VI_ATTR_ASRL_XON_CHAR (0x3FFF00C1UL)     /* ViUInt8, RW */
#define VI_ATTR_ASRL_XOFF_CHAR (0x3FFF00C2UL)    /* ViUInt8, RW */

/* GPIB. */
#define VI_ATTR_GPIB_PRIMARY_ADDR (0x3FFF0172UL)    /* ViUInt16, RO on INSTR, RW elsewhere */
#define VI_ATTR_GPIB_SECONDARY_ADDR (0x3FFF0173UL)  /* ViUInt16, RO on INSTR, RW elsewhere */
#define VI_ATTR_GPIB_READDR_EN (0x3FFF001BUL)       /* ViBoolean, RW */
#define VI_ATTR_GPIB_UNADDR_EN (0x3FFF0184UL)       /* ViBoolean, RW */
#define VI_ATTR_GPIB_REN_STATE (0x3FFF0181UL)       /* ViInt16, RO */
#define VI_ATTR_GPIB_ATN_STATE (0x3FFF0057UL)       /* ViInt16, RO */
#define VI_ATTR_GPIB_NDAC_STATE (0x3FFF0062UL)      /* ViInt16, RO */
#define VI_ATTR_GPIB_SRQ_STATE (0x3FFF0067UL)       /* ViInt16, RO */
#define VI_ATTR_GPIB_ADDR_STATE (0x3FFF005CUL)      /* ViInt16, RO */
#define VI_ATTR_GPIB_CIC_STATE (0x3FFF005EUL)       /* ViBoolean, RO */
#define VI_ATTR_GPIB_SYS_CNTRL_STATE (0x3FFF0068UL) /* ViBoolean, RW */
#define VI_ATTR_GPIB_HS488_CBL_LEN (0x3FFF0069UL)   /* ViInt16, RW */

/* VXI, and register access on every bus. */
#define VI_ATTR_CMDR_LA (0x3FFF006BUL)               /* ViInt16, RO */
#define VI_ATTR_VXI_LA (0x3FFF00D5UL)                /* ViInt16, RO */
#define VI_ATTR_MAINFRAME_LA (0x3FFF0070UL)          /* ViInt16, RO */
#define VI_ATTR_SLOT (0x3FFF00E8UL)                  /* ViInt16, RO */
#define VI_ATTR_VXI_DEV_CLASS (0x3FFF006CUL)         /* ViUInt16, RO */
#define VI_ATTR_IMMEDIATE_SERV (0x3FFF0100UL)        /* ViBoolean, RO */
#define VI_ATTR_MANF_ID (0x3FFF00D9UL)               /* ViUInt16, RO */
#define VI_ATTR_MODEL_CODE (0x3FFF00DFUL)            /* ViUInt16, RO */
#define VI_ATTR_MANF_NAME (0xBFFF0072UL)             /* ViString, RO */
#define VI_ATTR_MODEL_NAME (0xBFFF0077UL)            /* ViString, RO */
#define VI_ATTR_MEM_SPACE (0x3FFF00DEUL)             /* ViUInt16, RO */
#define VI_ATTR_FDC_CHNL (0x3FFF000DUL)              /* ViUInt16, RW */
#define VI_ATTR_FDC_MODE (0x3FFF000FUL)              /* ViUInt16, RW */
#define VI_ATTR_FDC_GEN_SIGNAL_EN (0x3FFF0011UL)     /* ViBoolean, RW */
#define VI_ATTR_FDC_USE_PAIR (0x3FFF0013UL)          /* ViBoolean, RW */
#define VI_ATTR_SRC_ACCESS_PRIV (0x3FFF003CUL)       /* ViUInt16, RW */
#define VI_ATTR_DEST_ACCESS_PRIV (0x3FFF0039UL)      /* ViUInt16, RW */
#define VI_ATTR_WIN_ACCESS_PRIV (0x3FFF0045UL)       /* ViUInt16, RW, at times RO */
#define VI_ATTR_SRC_BYTE_ORDER (0x3FFF003DUL)        /* ViUInt16, RW */
#define VI_ATTR_DEST_BYTE_ORDER (0x3FFF003AUL)       /* ViUInt16, RW */
#define VI_ATTR_WIN_BYTE_ORDER (0x3FFF0047UL)        /* ViUInt16, RW, at times RO */
#define VI_ATTR_SRC_INCREMENT (0x3FFF0040UL)         /* ViInt32, RW */
#define VI_ATTR_DEST_INCREMENT (0x3FFF0041UL)        /* ViInt32, RW */
#define VI_ATTR_WIN_ACCESS (0x3FFF00C3UL)            /* ViUInt16, RO */
#define VI_ATTR_VXI_TRIG_STATUS (0x3FFF008DUL)       /* ViUInt32, RO */
#define VI_ATTR_VXI_TRIG_SUPPORT (0x3FFF0194UL)      /* ViUInt32, RO */
#define VI_ATTR_VXI_VME_INTR_STATUS (0x3FFF008BUL)   /* ViUInt16, RO */
#define VI_ATTR_VXI_VME_SYSFAIL_STATE (0x3FFF0094UL) /* ViInt16, RO */
#define VI_ATTR_MEM_BASE_32 (0x3FFF00ADUL)           /* ViUInt32, RO */
#define VI_ATTR_MEM_SIZE_32 (0x3FFF00DDUL)           /* ViUInt32, RO */
#define VI_ATTR_WIN_BASE_ADDR_32 (0x3FFF0098UL)      /* ViUInt32, RO */
#define VI_ATTR_WIN_SIZE_32 (0x3FFF009AUL)           /* ViUInt32, RO */
#if defined(_VI_INT64_UINT64_DEFINED)
#define VI_ATTR_MEM_BASE_64 (0x3FFF00D0UL)      /* ViBusAddress64, RO */
#define VI_ATTR_MEM_SIZE_64 (0x3FFF00D1UL)      /* ViUInt64, RO */
#define VI_ATTR_WIN_BASE_ADDR_64 (0x3FFF009BUL) /* ViBusAddress64, RO */
#define VI_ATTR_WIN_SIZE_64 (0x3FFF009CUL)      /* ViUInt64, RO */
#endif
#if defined(_VI_INT64_UINT64_DEFINED) && defined(_VISA_ENV_IS_64_BIT)
#define VI_ATTR_MEM_BASE VI_ATTR_MEM_BASE_64
#define VI_ATTR_MEM_SIZE VI_ATTR_MEM_SIZE_64
#define VI_ATTR_WIN_BASE_ADDR VI_ATTR_WIN_BASE_ADDR_64
#define VI_ATTR_WIN_SIZE VI_ATTR_WIN_SIZE_64
#else
#define VI_ATTR_MEM_BASE VI_ATTR_MEM_BASE_32
#define VI_ATTR_MEM_SIZE VI_ATTR_MEM_SIZE_32
#define VI_ATTR_WIN_BASE_ADDR VI_ATTR_WIN_BASE_ADDR_32
#define VI_ATTR_WIN_SIZE VI_ATTR_WIN_SIZE_32
#endif

/* TCP/IP: VXI-11, HiSLIP and sockets. */
#define VI_ATTR_TCPIP_ADDR (0xBFFF0195UL)                        /* ViString, RO */
#define VI_ATTR_TCPIP_HOSTNAME (0xBFFF0196UL)                    /* ViString, RO */
#define VI_ATTR_TCPIP_DEVICE_NAME (0xBFFF0199UL)                 /* ViString, RO */
#define VI_ATTR_TCPIP_PORT (0x3FFF0197UL)                        /* ViUInt16, RO */
#define VI_ATTR_TCPIP_NODELAY (0x3FFF019AUL)                     /* ViBoolean, RW */
#define VI_ATTR_TCPIP_KEEPALIVE (0x3FFF019BUL)                   /* ViBoolean, RW */
#define VI_ATTR_TCPIP_IS_HISLIP (0x3FFF0303UL)                   /* ViBoolean, RO */
#define VI_ATTR_TCPIP_HISLIP_OVERLAP_EN (0x3FFF0300UL)           /* ViBoolean, RW */
#define VI_ATTR_TCPIP_HISLIP_VERSION (0x3FFF0301UL)              /* ViVersion, RO */
#define VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB (0x3FFF0302UL)       /* ViUInt32, RW */
#define VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN (0x3FFF0304UL)        /* ViBoolean, RW */
#define VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME (0xBFFF0270UL)     /* ViString, RO */
#define VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME (0xBFFF0271UL)    /* ViString, RO */
#define VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE (0xBFFF0272UL) /* ViString, RO */
#define VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL (0x3FFF0273UL)    /* ViBoolean, RO */
#define VI_ATTR_TCPIP_SERVER_CERT (0xBFFF0276UL)                 /* ViUInt8[], RO */
#define VI_ATTR_TCPIP_SERVER_CERT_SIZE (0x3FFF0277UL)            /* ViUInt32, RO */
#define VI_ATTR_TCPIP_SASL_MECHANISM (0xBFFF0274UL)              /* ViString, RO */
#define VI_ATTR_TCPIP_TLS_CIPHER_SUITE (0xBFFF0275UL)            /* ViString, RO */

/* USB. */
#define VI_ATTR_USB_SERIAL_NUM (0xBFFF01A0UL)    /* ViString, RO */
#define VI_ATTR_USB_INTFC_NUM (0x3FFF01A1UL)     /* ViInt16, RO */
#define VI_ATTR_USB_MAX_INTR_SIZE (0x3FFF01AFUL) /* ViUInt16, RW, at times RO */
#define VI_ATTR_USB_PROTOCOL (0x3FFF01A7UL)      /* ViInt16, RO */
#define VI_ATTR_4882_COMPLIANT (0x3FFF019FUL)    /* ViBoolean, RO */

/* PXI. */
#define VI_ATTR_PXI_DEV_NUM (0x3FFF0201UL)             /* ViUInt16, RO */
#define VI_ATTR_PXI_FUNC_NUM (0x3FFF0202UL)            /* ViUInt16, RO */
#define VI_ATTR_PXI_BUS_NUM (0x3FFF0205UL)             /* ViUInt16, RO */
#define VI_ATTR_PXI_CHASSIS (0x3FFF0206UL)             /* ViInt16, RO */
#define VI_ATTR_PXI_SLOTPATH (0xBFFF0207UL)            /* ViString, RO */
#define VI_ATTR_PXI_SLOT_LBUS_LEFT (0x3FFF0208UL)      /* ViInt16, RO */
#define VI_ATTR_PXI_SLOT_LBUS_RIGHT (0x3FFF0209UL)     /* ViInt16, RO */
#define VI_ATTR_PXI_STAR_TRIG_BUS (0x3FFF020BUL)       /* ViInt16, RO */
#define VI_ATTR_PXI_STAR_TRIG_LINE (0x3FFF020CUL)      /* ViInt16, RO */
#define VI_ATTR_PXI_IS_EXPRESS (0x3FFF0240UL)          /* ViBoolean, RO */
#define VI_ATTR_PXI_SLOT_LWIDTH (0x3FFF0241UL)         /* ViInt16, RO */
#define VI_ATTR_PXI_MAX_LWIDTH (0x3FFF0242UL)          /* ViInt16, RO */
#define VI_ATTR_PXI_ACTUAL_LWIDTH (0x3FFF0243UL)       /* ViInt16, RO */
#define VI_ATTR_PXI_DSTAR_BUS (0x3FFF0244UL)           /* ViInt16, RO */
#define VI_ATTR_PXI_DSTAR_SET (0x3FFF0245UL)           /* ViInt16, RO */
#define VI_ATTR_PXI_SLOT_WIDTH (0x3FFF0247UL)          /* ViUInt16, RO */
#define VI_ATTR_PXI_SLOT_OFFSET (0x3FFF0248UL)         /* ViUInt16, RO */
#define VI_ATTR_PXI_TRIG_BUS (0x3FFF020AUL)            /* ViInt16, RO on INSTR, RW elsewhere */
#define VI_ATTR_PXI_SRC_TRIG_BUS (0x3FFF020DUL)        /* ViInt16, RW */
#define VI_ATTR_PXI_DEST_TRIG_BUS (0x3FFF020EUL)       /* ViInt16, RW */
#define VI_ATTR_PXI_ALLOW_WRITE_COMBINE (0x3FFF0246UL) /* ViBoolean, RW */
#define VI_ATTR_PXI_MEM_TYPE_BAR0 (0x3FFF0211UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_TYPE_BAR1 (0x3FFF0212UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_TYPE_BAR2 (0x3FFF0213UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_TYPE_BAR3 (0x3FFF0214UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_TYPE_BAR4 (0x3FFF0215UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_TYPE_BAR5 (0x3FFF0216UL)       /* ViUInt16, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR0_32 (0x3FFF0221UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR1_32 (0x3FFF0222UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR2_32 (0x3FFF0223UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR3_32 (0x3FFF0224UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR4_32 (0x3FFF0225UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR5_32 (0x3FFF0226UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR0_32 (0x3FFF0231UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR1_32 (0x3FFF0232UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR2_32 (0x3FFF0233UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR3_32 (0x3FFF0234UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR4_32 (0x3FFF0235UL)    /* ViUInt32, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR5_32 (0x3FFF0236UL)    /* ViUInt32, RO */
#if defined(_VI_INT64_UINT64_DEFINED)
#define VI_ATTR_PXI_MEM_BASE_BAR0_64 (0x3FFF0228UL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR1_64 (0x3FFF0229UL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR2_64 (0x3FFF022AUL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR3_64 (0x3FFF022BUL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR4_64 (0x3FFF022CUL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_BASE_BAR5_64 (0x3FFF022DUL) /* ViBusAddress64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR0_64 (0x3FFF0238UL) /* ViUInt64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR1_64 (0x3FFF0239UL) /* ViUInt64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR2_64 (0x3FFF023AUL) /* ViUInt64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR3_64 (0x3FFF023BUL) /* ViUInt64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR4_64 (0x3FFF023CUL) /* ViUInt64, RO */
#define VI_ATTR_PXI_MEM_SIZE_BAR5_64 (0x3FFF023DUL) /* ViUInt64, RO */
#endif
#if defined(_VI_INT64_UINT64_DEFINED) && defined(_VISA_ENV_IS_64_BIT)
#define VI_ATTR_PXI_MEM_BASE_BAR0 VI_ATTR_PXI_MEM_BASE_BAR0_64
#define VI_ATTR_PXI_MEM_BASE_BAR1 VI_ATTR_PXI_MEM_BASE_BAR1_64
#define VI_ATTR_PXI_MEM_BASE_BAR2 VI_ATTR_PXI_MEM_BASE_BAR2_64
#define VI_ATTR_PXI_MEM_BASE_BAR3 VI_ATTR_PXI_MEM_BASE_BAR3_64
#define VI_ATTR_PXI_MEM_BASE_BAR4 VI_ATTR_PXI_MEM_BASE_BAR4_64
#define VI_ATTR_PXI_MEM_BASE_BAR5 VI_ATTR_PXI_MEM_BASE_BAR5_64
#define VI_ATTR_PXI_MEM_SIZE_BAR0 VI_ATTR_PXI_MEM_SIZE_BAR0_64
#define VI_ATTR_PXI_MEM_SIZE_BAR1 VI_ATTR_PXI_MEM_SIZE_BAR1_64
#define VI_ATTR_PXI_MEM_SIZE_BAR2 VI_ATTR_PXI_MEM_SIZE_BAR2_64
#define VI_ATTR_PXI_MEM_SIZE_BAR3 VI_ATTR_PXI_MEM_SIZE_BAR3_64
#define VI_ATTR_PXI_MEM_SIZE_BAR4 VI_ATTR_PXI_MEM_SIZE_BAR4_64
#define VI_ATTR_PXI_MEM_SIZE_BAR5 VI_ATTR_PXI_MEM_SIZE_BAR5_64
#else
#define VI_ATTR_PXI_MEM_BASE_BAR0 VI_ATTR_PXI_MEM_BASE_BAR0_32
#define VI_ATTR_PXI_MEM_BASE_BAR1 VI_ATTR_PXI_MEM_BASE_BAR1_32
#define VI_ATTR_PXI_MEM_BASE_BAR2 VI_ATTR_PXI_MEM_BASE_BAR2_32
#define VI_ATTR_PXI_MEM_BASE_BAR3 VI_ATTR_PXI_MEM_BASE_BAR3_32
#define VI_ATTR_PXI_MEM_BASE_BAR4 VI_ATTR_PXI_MEM_BASE_BAR4_32
#define VI_ATTR_PXI_MEM_BASE_BAR5 VI_ATTR_PXI_MEM_BASE_BAR5_32
#define VI_ATTR_PXI_MEM_SIZE_BAR0 VI_ATTR_PXI_MEM_SIZE_BAR0_32
#define VI_ATTR_PXI_MEM_SIZE_BAR1 VI_ATTR_PXI_MEM_SIZE_BAR1_32
#define VI_ATTR_PXI_MEM_SIZE_BAR2 VI_ATTR_PXI_MEM_SIZE_BAR2_32
#define VI_ATTR_PXI_MEM_SIZE_BAR3 VI_ATTR_PXI_MEM_SIZE_BAR3_32
#define VI_ATTR_PXI_MEM_SIZE_BAR4 VI_ATTR_PXI_MEM_SIZE_BAR4_32
#define VI_ATTR_PXI_MEM_SIZE_BAR5 VI_ATTR_PXI_MEM_SIZE_BAR5_32
#endif

/* Contexts of events. */
#define VI_ATTR_EVENT_TYPE (0x3FFF4010UL)          /* ViEventType, RO */
#define VI_ATTR_STATUS (0x3FFF4025UL)              /* ViStatus, RO */
#define VI_ATTR_OPER_NAME (0xBFFF4042UL)           /* ViString, RO */
#define VI_ATTR_JOB_ID (0x3FFF4006UL)              /* ViJobId, RO */
#define VI_ATTR_BUFFER (0x3FFF4027UL)              /* ViBuf, RO */
#define VI_ATTR_RECV_TRIG_ID (0x3FFF4012UL)        /* ViInt16, RO */
#define VI_ATTR_SIGP_STATUS_ID (0x3FFF4011UL)      /* ViUInt16, RO */
#define VI_ATTR_INTR_STATUS_ID (0x3FFF4023UL)      /* ViUInt32, RO */
#define VI_ATTR_RECV_INTR_LEVEL (0x3FFF4041UL)     /* ViInt16, RO */
#define VI_ATTR_GPIB_RECV_CIC_STATE (0x3FFF4193UL) /* ViBoolean, RO */
#define VI_ATTR_RECV_TCPIP_ADDR (0xBFFF4198UL)     /* ViString, RO */
#define VI_ATTR_USB_RECV_INTR_SIZE (0x3FFF41B0UL)  /* ViUInt16, RO */
#define VI_ATTR_USB_RECV_INTR_DATA (0xBFFF41B1UL)  /* ViAUInt8, RO */
#define VI_ATTR_PXI_RECV_INTR_SEQ (0x3FFF4240UL)   /* ViInt16, RO */
#define VI_ATTR_PXI_RECV_INTR_DATA (0x3FFF4241UL)  /* ViUInt32, RO */
#define VI_ATTR_RET_COUNT_32 (0x3FFF4026UL)        /* ViUInt32, RO */
#if defined(_VI_INT64_UINT64_DEFINED)
#define VI_ATTR_RET_COUNT_64 (0x3FFF4028UL) /* ViUInt64, RO */
#endif
#if defined(_VI_INT64_UINT64_DEFINED) && defined(_VISA_ENV_IS_64_BIT)
#define VI_ATTR_RET_COUNT VI_ATTR_RET_COUNT_64
#else
#define VI_ATTR_RET_COUNT VI_ATTR_RET_COUNT_32
#endif

/* ---- Events ---------------------------------------------------------------------------------- */

#define VI_EVENT_IO_COMPLETION (0x3FFF2009UL)    /* an asynchronous job ended */
#define VI_EVENT_TRIG (0xBFFF200AUL)             /* a trigger arrived */
#define VI_EVENT_SERVICE_REQ (0x3FFF200BUL)      /* an instrument asks for service */
#define VI_EVENT_CLEAR (0x3FFF200DUL)            /* device clear arrived */
#define VI_EVENT_EXCEPTION (0xBFFF200EUL)        /* a call is about to return an error */
#define VI_EVENT_GPIB_CIC (0x3FFF2012UL)         /* controller in charge gained or lost */
#define VI_EVENT_GPIB_TALK (0x3FFF2013UL)        /* addressed to talk */
#define VI_EVENT_GPIB_LISTEN (0x3FFF2014UL)      /* addressed to listen */
#define VI_EVENT_VXI_VME_SYSFAIL (0x3FFF201DUL)  /* SYSFAIL asserted */
#define VI_EVENT_VXI_VME_SYSRESET (0x3FFF201EUL) /* SYSRESET asserted */
#define VI_EVENT_VXI_SIGP (0x3FFF2020UL)         /* VXI signal or interrupt */
#define VI_EVENT_VXI_VME_INTR (0xBFFF2021UL)     /* VXI or VME interrupt */
#define VI_EVENT_PXI_INTR (0x3FFF2022UL)         /* PXI interrupt */
#define VI_EVENT_TCPIP_CONNECT (0x3FFF2036UL)    /* a client connected */
#define VI_EVENT_USB_INTR (0x3FFF2037UL)         /* packet on the interrupt endpoint */
#define VI_ALL_ENABLED_EVENTS (0x3FFF7FFFUL)     /* every event that is enabled */

/* ---- Status codes: success with more information, warnings, errors --------------------------- */

#define VI_SUCCESS_EVENT_EN (0x3FFF0002L)
#define VI_SUCCESS_EVENT_DIS (0x3FFF0003L)
#define VI_SUCCESS_QUEUE_EMPTY (0x3FFF0004L)
#define VI_SUCCESS_TERM_CHAR (0x3FFF0005L)
#define VI_SUCCESS_MAX_CNT (0x3FFF0006L)
#define VI_SUCCESS_DEV_NPRESENT (0x3FFF007DL)
#define VI_SUCCESS_TRIG_MAPPED (0x3FFF007EL)
#define VI_SUCCESS_QUEUE_NEMPTY (0x3FFF0080L)
#define VI_SUCCESS_NCHAIN (0x3FFF0098L)
#define VI_SUCCESS_NESTED_SHARED (0x3FFF0099L)
#define VI_SUCCESS_NESTED_EXCLUSIVE (0x3FFF009AL)
#define VI_SUCCESS_SYNC (0x3FFF009BL)
#define VI_WARN_QUEUE_OVERFLOW (0x3FFF000CL)
#define VI_WARN_CONFIG_NLOADED (0x3FFF0077L)
#define VI_WARN_NULL_OBJECT (0x3FFF0082L)
#define VI_WARN_NSUP_ATTR_STATE (0x3FFF0084L)
#define VI_WARN_UNKNOWN_STATUS (0x3FFF0085L)
#define VI_WARN_NSUP_BUF (0x3FFF0088L)
#define VI_WARN_EXT_FUNC_NIMPL (0x3FFF00A9L)
#define VI_WARN_SERVER_CERT_UNTRUSTED (0x3FFF00F0L)
#define VI_WARN_SERVER_CERT_INV_SUBJECT (0x3FFF00F1L)
#define VI_ERROR_SYSTEM_ERROR (_VI_ERROR+0x3FFF0000L)
#define VI_ERROR_INV_OBJECT (_VI_ERROR+0x3FFF000EL)
#define VI_ERROR_RSRC_LOCKED (_VI_ERROR+0x3FFF000FL)
#define VI_ERROR_INV_EXPR (_VI_ERROR+0x3FFF0010L)
#define VI_ERROR_RSRC_NFOUND (_VI_ERROR+0x3FFF0011L)
#define VI_ERROR_INV_RSRC_NAME (_VI_ERROR+0x3FFF0012L)
#define VI_ERROR_INV_ACC_MODE (_VI_ERROR+0x3FFF0013L)
#define VI_ERROR_TMO (_VI_ERROR+0x3FFF0015L)
#define VI_ERROR_CLOSING_FAILED (_VI_ERROR+0x3FFF0016L)
#define VI_ERROR_INV_DEGREE (_VI_ERROR+0x3FFF001BL)
#define VI_ERROR_INV_JOB_ID (_VI_ERROR+0x3FFF001CL)
#define VI_ERROR_NSUP_ATTR (_VI_ERROR+0x3FFF001DL)
#define VI_ERROR_NSUP_ATTR_STATE (_VI_ERROR+0x3FFF001EL)
#define VI_ERROR_ATTR_READONLY (_VI_ERROR+0x3FFF001FL)
#define VI_ERROR_INV_LOCK_TYPE (_VI_ERROR+0x3FFF0020L)
#define VI_ERROR_INV_ACCESS_KEY (_VI_ERROR+0x3FFF0021L)
#define VI_ERROR_INV_EVENT (_VI_ERROR+0x3FFF0026L)
#define VI_ERROR_INV_MECH (_VI_ERROR+0x3FFF0027L)
#define VI_ERROR_HNDLR_NINSTALLED (_VI_ERROR+0x3FFF0028L)
#define VI_ERROR_INV_HNDLR_REF (_VI_ERROR+0x3FFF0029L)
#define VI_ERROR_INV_CONTEXT (_VI_ERROR+0x3FFF002AL)
#define VI_ERROR_QUEUE_OVERFLOW (_VI_ERROR+0x3FFF002DL)
#define VI_ERROR_NENABLED (_VI_ERROR+0x3FFF002FL)
#define VI_ERROR_ABORT (_VI_ERROR+0x3FFF0030L)
#define VI_ERROR_RAW_WR_PROT_VIOL (_VI_ERROR+0x3FFF0034L)
#define VI_ERROR_RAW_RD_PROT_VIOL (_VI_ERROR+0x3FFF0035L)
#define VI_ERROR_OUTP_PROT_VIOL (_VI_ERROR+0x3FFF0036L)
#define VI_ERROR_INP_PROT_VIOL (_VI_ERROR+0x3FFF0037L)
#define VI_ERROR_BERR (_VI_ERROR+0x3FFF0038L)
#define VI_ERROR_IN_PROGRESS (_VI_ERROR+0x3FFF0039L)
#define VI_ERROR_INV_SETUP (_VI_ERROR+0x3FFF003AL)
#define VI_ERROR_QUEUE_ERROR (_VI_ERROR+0x3FFF003BL)
#define VI_ERROR_ALLOC (_VI_ERROR+0x3FFF003CL)
#define VI_ERROR_INV_MASK (_VI_ERROR+0x3FFF003DL)
#define VI_ERROR_IO (_VI_ERROR+0x3FFF003EL)
#define VI_ERROR_INV_FMT (_VI_ERROR+0x3FFF003FL)
#define VI_ERROR_NSUP_FMT (_VI_ERROR+0x3FFF0041L)
#define VI_ERROR_LINE_IN_USE (_VI_ERROR+0x3FFF0042L)
#define VI_ERROR_LINE_NRESERVED (_VI_ERROR+0x3FFF0043L)
#define VI_ERROR_NSUP_MODE (_VI_ERROR+0x3FFF0046L)
#define VI_ERROR_SRQ_NOCCURRED (_VI_ERROR+0x3FFF004AL)
#define VI_ERROR_INV_SPACE (_VI_ERROR+0x3FFF004EL)
#define VI_ERROR_INV_OFFSET (_VI_ERROR+0x3FFF0051L)
#define VI_ERROR_INV_WIDTH (_VI_ERROR+0x3FFF0052L)
#define VI_ERROR_NSUP_OFFSET (_VI_ERROR+0x3FFF0054L)
#define VI_ERROR_NSUP_VAR_WIDTH (_VI_ERROR+0x3FFF0055L)
#define VI_ERROR_WINDOW_NMAPPED (_VI_ERROR+0x3FFF0057L)
#define VI_ERROR_RESP_PENDING (_VI_ERROR+0x3FFF0059L)
#define VI_ERROR_NLISTENERS (_VI_ERROR+0x3FFF005FL)
#define VI_ERROR_NCIC (_VI_ERROR+0x3FFF0060L)
#define VI_ERROR_NSYS_CNTLR (_VI_ERROR+0x3FFF0061L)
#define VI_ERROR_NSUP_OPER (_VI_ERROR+0x3FFF0067L)
#define VI_ERROR_INTR_PENDING (_VI_ERROR+0x3FFF0068L)
#define VI_ERROR_ASRL_PARITY (_VI_ERROR+0x3FFF006AL)
#define VI_ERROR_ASRL_FRAMING (_VI_ERROR+0x3FFF006BL)
#define VI_ERROR_ASRL_OVERRUN (_VI_ERROR+0x3FFF006CL)
#define VI_ERROR_TRIG_NMAPPED (_VI_ERROR+0x3FFF006EL)
#define VI_ERROR_NSUP_ALIGN_OFFSET (_VI_ERROR+0x3FFF0070L)
#define VI_ERROR_USER_BUF (_VI_ERROR+0x3FFF0071L)
#define VI_ERROR_RSRC_BUSY (_VI_ERROR+0x3FFF0072L)
#define VI_ERROR_NSUP_WIDTH (_VI_ERROR+0x3FFF0076L)
#define VI_ERROR_INV_PARAMETER (_VI_ERROR+0x3FFF0078L)
#define VI_ERROR_INV_PROT (_VI_ERROR+0x3FFF0079L)
#define VI_ERROR_INV_SIZE (_VI_ERROR+0x3FFF007BL)
#define VI_ERROR_WINDOW_MAPPED (_VI_ERROR+0x3FFF0080L)
#define VI_ERROR_NIMPL_OPER (_VI_ERROR+0x3FFF0081L)
#define VI_ERROR_INV_LENGTH (_VI_ERROR+0x3FFF0083L)
#define VI_ERROR_INV_MODE (_VI_ERROR+0x3FFF0091L)
#define VI_ERROR_SESN_NLOCKED (_VI_ERROR+0x3FFF009CL)
#define VI_ERROR_MEM_NSHARED (_VI_ERROR+0x3FFF009DL)
#define VI_ERROR_LIBRARY_NFOUND (_VI_ERROR+0x3FFF009EL)
#define VI_ERROR_NSUP_INTR (_VI_ERROR+0x3FFF009FL)
#define VI_ERROR_INV_LINE (_VI_ERROR+0x3FFF00A0L)
#define VI_ERROR_FILE_ACCESS (_VI_ERROR+0x3FFF00A1L)
#define VI_ERROR_FILE_IO (_VI_ERROR+0x3FFF00A2L)
#define VI_ERROR_NSUP_LINE (_VI_ERROR+0x3FFF00A3L)
#define VI_ERROR_NSUP_MECH (_VI_ERROR+0x3FFF00A4L)
#define VI_ERROR_INTF_NUM_NCONFIG (_VI_ERROR+0x3FFF00A5L)
#define VI_ERROR_CONN_LOST (_VI_ERROR+0x3FFF00A6L)
#define VI_ERROR_MACHINE_NAVAIL (_VI_ERROR+0x3FFF00A7L)
#define VI_ERROR_NPERMISSION (_VI_ERROR+0x3FFF00A8L)
#define VI_ERROR_SERVER_CERT (_VI_ERROR+0x3FFF00B0L)
#define VI_ERROR_SERVER_CERT_UNTRUSTED (_VI_ERROR+0x3FFF00B1L)
#define VI_ERROR_SERVER_CERT_EXPIRED (_VI_ERROR+0x3FFF00B2L)
#define VI_ERROR_SERVER_CERT_REVOKED (_VI_ERROR+0x3FFF00B3L)
#define VI_ERROR_SERVER_CERT_INV_SUBJECT (_VI_ERROR+0x3FFF00B4L)
#define VI_ERROR_INV_SESSION VI_ERROR_INV_OBJECT

/* ---- Constants ------------------------------------------------------------------------------- */

/* Size of the buffer that viFindRsrc and viFindNext fill. */
#define VI_FIND_BUFLEN (256)

/* Interface types. */
#define VI_INTF_GPIB (1)
#define VI_INTF_VXI (2)
#define VI_INTF_GPIB_VXI (3)
#define VI_INTF_ASRL (4)
#define VI_INTF_PXI (5)
#define VI_INTF_TCPIP (6)
#define VI_INTF_USB (7)

/* VI_ATTR_IO_PROT. */
#define VI_PROT_NORMAL (1)
#define VI_PROT_FDC (2)
#define VI_PROT_HS488 (3)
#define VI_PROT_4882_STRS (4)
#define VI_PROT_USBTMC_VENDOR (5)

/* VI_ATTR_FDC_MODE. */
#define VI_FDC_NORMAL (1)
#define VI_FDC_STREAM (2)

/* Address spaces. */
#define VI_LOCAL_SPACE (0)
#define VI_A16_SPACE (1)
#define VI_A24_SPACE (2)
#define VI_A32_SPACE (3)
#define VI_A64_SPACE (4)
#define VI_PXI_ALLOC_SPACE (9)
#define VI_PXI_CFG_SPACE (10)
#define VI_PXI_BAR0_SPACE (11)
#define VI_PXI_BAR1_SPACE (12)
#define VI_PXI_BAR2_SPACE (13)
#define VI_PXI_BAR3_SPACE (14)
#define VI_PXI_BAR4_SPACE (15)
#define VI_PXI_BAR5_SPACE (16)
#define VI_OPAQUE_SPACE (0xFFFF)

/* The position is not known. */
#define VI_UNKNOWN_LA (-1)
#define VI_UNKNOWN_SLOT (-1)
#define VI_UNKNOWN_LEVEL (-1)
#define VI_UNKNOWN_CHASSIS (-1)

/* Mechanisms of event delivery; VI_ALL_MECH is for disabling and discarding only. */
#define VI_QUEUE (1)
#define VI_HNDLR (2)
#define VI_SUSPEND_HNDLR (4)
#define VI_ALL_MECH (0xFFFF)

/* Any handler, for viUninstallHandler. */
#define VI_ANY_HNDLR (0)

/* Trigger lines: VI_ATTR_TRIG_ID, viMapTrigger. */
#define VI_TRIG_ALL (-2)
#define VI_TRIG_SW (-1)
#define VI_TRIG_TTL0 (0)
#define VI_TRIG_TTL1 (1)
#define VI_TRIG_TTL2 (2)
#define VI_TRIG_TTL3 (3)
#define VI_TRIG_TTL4 (4)
#define VI_TRIG_TTL5 (5)
#define VI_TRIG_TTL6 (6)
#define VI_TRIG_TTL7 (7)
#define VI_TRIG_ECL0 (8)
#define VI_TRIG_ECL1 (9)
#define VI_TRIG_ECL2 (10)
#define VI_TRIG_ECL3 (11)
#define VI_TRIG_ECL4 (12)
#define VI_TRIG_ECL5 (13)
#define VI_TRIG_STAR_SLOT1 (14)
#define VI_TRIG_STAR_SLOT2 (15)
#define VI_TRIG_STAR_SLOT3 (16)
#define VI_TRIG_STAR_SLOT4 (17)
#define VI_TRIG_STAR_SLOT5 (18)
#define VI_TRIG_STAR_SLOT6 (19)
#define VI_TRIG_STAR_SLOT7 (20)
#define VI_TRIG_STAR_SLOT8 (21)
#define VI_TRIG_STAR_SLOT9 (22)
#define VI_TRIG_STAR_SLOT10 (23)
#define VI_TRIG_STAR_SLOT11 (24)
#define VI_TRIG_STAR_SLOT12 (25)
#define VI_TRIG_STAR_INSTR (26)
#define VI_TRIG_PANEL_IN (27)
#define VI_TRIG_PANEL_OUT (28)
#define VI_TRIG_STAR_VXI0 (29)
#define VI_TRIG_STAR_VXI1 (30)
#define VI_TRIG_STAR_VXI2 (31)
#define VI_TRIG_TTL8 (32)
#define VI_TRIG_TTL9 (33)
#define VI_TRIG_TTL10 (34)
#define VI_TRIG_TTL11 (35)
#define VI_TRIG_UNKNOWN (-1)

/* viAssertTrigger. */
#define VI_TRIG_PROT_DEFAULT (0)
#define VI_TRIG_PROT_ON (1)
#define VI_TRIG_PROT_OFF (2)
#define VI_TRIG_PROT_SYNC (5)
#define VI_TRIG_PROT_RESERVE (6)
#define VI_TRIG_PROT_UNRESERVE (7)

/* viSetBuf, viFlush. */
#define VI_READ_BUF (1)
#define VI_WRITE_BUF (2)
#define VI_READ_BUF_DISCARD (4)
#define VI_WRITE_BUF_DISCARD (8)
#define VI_IO_IN_BUF (16)
#define VI_IO_OUT_BUF (32)
#define VI_IO_IN_BUF_DISCARD (64)
#define VI_IO_OUT_BUF_DISCARD (128)

/* VI_ATTR_RD_BUF_OPER_MODE, VI_ATTR_WR_BUF_OPER_MODE. */
#define VI_FLUSH_ON_ACCESS (1)
#define VI_FLUSH_WHEN_FULL (2)
#define VI_FLUSH_DISABLE (3)

/* VI_ATTR_WIN_ACCESS. */
#define VI_NMAPPED (1)
#define VI_USE_OPERS (2)
#define VI_DEREF_ADDR (3)
#define VI_DEREF_ADDR_BYTE_SWAP (4)

/* Timeouts: milliseconds, or one of these. */
#define VI_TMO_IMMEDIATE (0L)
#define VI_TMO_INFINITE (0xFFFFFFFFUL)

/* Locks and access modes of viOpen. */
#define VI_NO_LOCK (0)
#define VI_EXCLUSIVE_LOCK (1)
#define VI_SHARED_LOCK (2)
#define VI_LOAD_CONFIG (4)

/* No secondary address. */
#define VI_NO_SEC_ADDR (0xFFFF)

/* VI_ATTR_ASRL_PARITY. */
#define VI_ASRL_PAR_NONE (0)
#define VI_ASRL_PAR_ODD (1)
#define VI_ASRL_PAR_EVEN (2)
#define VI_ASRL_PAR_MARK (3)
#define VI_ASRL_PAR_SPACE (4)

/* VI_ATTR_ASRL_STOP_BITS: ten times the number. */
#define VI_ASRL_STOP_ONE (10)
#define VI_ASRL_STOP_ONE5 (15)
#define VI_ASRL_STOP_TWO (20)

/* VI_ATTR_ASRL_FLOW_CNTRL: bits. */
#define VI_ASRL_FLOW_NONE (0)
#define VI_ASRL_FLOW_XON_XOFF (1)
#define VI_ASRL_FLOW_RTS_CTS (2)
#define VI_ASRL_FLOW_DTR_DSR (4)

/* VI_ATTR_ASRL_END_IN, VI_ATTR_ASRL_END_OUT. */
#define VI_ASRL_END_NONE (0)
#define VI_ASRL_END_LAST_BIT (1)
#define VI_ASRL_END_TERMCHAR (2)
#define VI_ASRL_END_BREAK (3)

/* Attributes whose name ends in _STATE. */
#define VI_STATE_ASSERTED (1)
#define VI_STATE_UNASSERTED (0)
#define VI_STATE_UNKNOWN (-1)

/* Byte order of a VXI window or transfer. */
#define VI_BIG_ENDIAN (0)
#define VI_LITTLE_ENDIAN (1)

/* Address modifiers of a VXI window or transfer. */
#define VI_DATA_PRIV (0)
#define VI_DATA_NPRIV (1)
#define VI_PROG_PRIV (2)
#define VI_PROG_NPRIV (3)
#define VI_BLCK_PRIV (4)
#define VI_BLCK_NPRIV (5)
#define VI_D64_PRIV (6)
#define VI_D64_NPRIV (7)
#define VI_D64_2EVME (8)
#define VI_D64_SST160 (9)
#define VI_D64_SST267 (10)
#define VI_D64_SST320 (11)

/* Widths of viMove, in bytes. */
#define VI_WIDTH_8 (1)
#define VI_WIDTH_16 (2)
#define VI_WIDTH_32 (4)
#define VI_WIDTH_64 (8)

/* viGpibControlREN. */
#define VI_GPIB_REN_DEASSERT (0)
#define VI_GPIB_REN_ASSERT (1)
#define VI_GPIB_REN_DEASSERT_GTL (2)
#define VI_GPIB_REN_ASSERT_ADDRESS (3)
#define VI_GPIB_REN_ASSERT_LLO (4)
#define VI_GPIB_REN_ASSERT_ADDRESS_LLO (5)
#define VI_GPIB_REN_ADDRESS_GTL (6)

/* viGpibControlATN. */
#define VI_GPIB_ATN_DEASSERT (0)
#define VI_GPIB_ATN_ASSERT (1)
#define VI_GPIB_ATN_DEASSERT_HANDSHAKE (2)
#define VI_GPIB_ATN_ASSERT_IMMEDIATE (3)

/* VI_ATTR_GPIB_HS488_CBL_LEN: one of these, or the cable length in metres. */
#define VI_GPIB_HS488_DISABLED (0)
#define VI_GPIB_HS488_NIMPL (-1)

/* VI_ATTR_GPIB_ADDR_STATE. */
#define VI_GPIB_UNADDRESSED (0)
#define VI_GPIB_TALKER (1)
#define VI_GPIB_LISTENER (2)

/* viVxiCommandQuery. */
#define VI_VXI_CMD16 (0x0200)
#define VI_VXI_CMD16_RESP16 (0x0202)
#define VI_VXI_RESP16 (0x0002)
#define VI_VXI_CMD32 (0x0400)
#define VI_VXI_CMD32_RESP16 (0x0402)
#define VI_VXI_CMD32_RESP32 (0x0404)
#define VI_VXI_RESP32 (0x0004)

/* viAssertIntrSignal. */
#define VI_ASSERT_SIGNAL (-1)
#define VI_ASSERT_USE_ASSIGNED (0)
#define VI_ASSERT_IRQ1 (1)
#define VI_ASSERT_IRQ2 (2)
#define VI_ASSERT_IRQ3 (3)
#define VI_ASSERT_IRQ4 (4)
#define VI_ASSERT_IRQ5 (5)
#define VI_ASSERT_IRQ6 (6)
#define VI_ASSERT_IRQ7 (7)

/* viAssertUtilSignal. */
#define VI_UTIL_ASSERT_SYSRESET (1)
#define VI_UTIL_ASSERT_SYSFAIL (2)
#define VI_UTIL_DEASSERT_SYSFAIL (3)

/* VI_ATTR_VXI_DEV_CLASS. */
#define VI_VXI_CLASS_MEMORY (0)
#define VI_VXI_CLASS_EXTENDED (1)
#define VI_VXI_CLASS_MESSAGE (2)
#define VI_VXI_CLASS_REGISTER (3)
#define VI_VXI_CLASS_OTHER (4)

/* VI_ATTR_PXI_MEM_TYPE_BARx. */
#define VI_PXI_ADDR_NONE (0)
#define VI_PXI_ADDR_MEM (1)
#define VI_PXI_ADDR_IO (2)
#define VI_PXI_ADDR_CFG (3)

/* VI_ATTR_PXI_SLOT_LBUS_LEFT, VI_ATTR_PXI_SLOT_LBUS_RIGHT. */
#define VI_PXI_LBUS_UNKNOWN (-1)
#define VI_PXI_LBUS_NONE (0)
#define VI_PXI_LBUS_STAR_TRIG_BUS_0 (1000)
#define VI_PXI_LBUS_STAR_TRIG_BUS_1 (1001)
#define VI_PXI_LBUS_STAR_TRIG_BUS_2 (1002)
#define VI_PXI_LBUS_STAR_TRIG_BUS_3 (1003)
#define VI_PXI_LBUS_STAR_TRIG_BUS_4 (1004)
#define VI_PXI_LBUS_STAR_TRIG_BUS_5 (1005)
#define VI_PXI_LBUS_STAR_TRIG_BUS_6 (1006)
#define VI_PXI_LBUS_STAR_TRIG_BUS_7 (1007)
#define VI_PXI_LBUS_STAR_TRIG_BUS_8 (1008)
#define VI_PXI_LBUS_STAR_TRIG_BUS_9 (1009)
#define VI_PXI_STAR_TRIG_CONTROLLER (1413)
#define VI_PXI_LBUS_SCXI (2000)

/* Older names. */
#define VI_INFINITE VI_TMO_INFINITE
#define VI_NORMAL VI_PROT_NORMAL
#define VI_FDC VI_PROT_FDC
#define VI_HS488 VI_PROT_HS488
#define VI_ASRL488 VI_PROT_4882_STRS
#define VI_ASRL_IN_BUF VI_IO_IN_BUF
#define VI_ASRL_OUT_BUF VI_IO_OUT_BUF
#define VI_ASRL_IN_BUF_DISCARD VI_IO_IN_BUF_DISCARD
#define VI_ASRL_OUT_BUF_DISCARD VI_IO_OUT_BUF_DISCARD

/* ---- Functions ------------------------------------------------------------------------------- */

/* Resource manager. */
/* Opens a session to the resource manager: the first call of every program. */
ViStatus _VI_FUNC viOpenDefaultRM(ViPSession vi);
/* The VISA 1.0 name: a macro gives sources the new name, old programs find this symbol. */
ViStatus _VI_FUNC viGetDefaultRM(ViPSession vi);
#define viGetDefaultRM(vi) viOpenDefaultRM(vi)
/* Searches for instruments by an expression; gives the first name, the count and a list. */
ViStatus _VI_FUNC viFindRsrc(ViSession sesn, ViConstString expr, ViPFindList vi, ViPUInt32 retCnt,
                             ViChar desc[]);
/* Gives the next name of a list that viFindRsrc returned. */
ViStatus _VI_FUNC viFindNext(ViFindList vi, ViChar desc[]);
/* Checks a resource name and gives its interface type and number. */
ViStatus _VI_FUNC viParseRsrc(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                              ViPUInt16 intfNum);
/* As viParseRsrc; also gives the class, the canonical name and the alias. */
ViStatus _VI_FUNC viParseRsrcEx(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                                ViPUInt16 intfNum, ViChar rsrcClass[],
                                ViChar expandedUnaliasedName[], ViChar aliasIfExists[]);
/* Opens a session to the named resource. */
ViStatus _VI_FUNC viOpen(ViSession sesn, ViConstRsrc name, ViAccessMode mode, ViUInt32 timeout,
                         ViPSession vi);

/* Every object: sessions, events, find lists. */
/* Closes a session, an event or a find list, and everything opened through it. */
ViStatus _VI_FUNC viClose(ViObject vi);
/* Sets an attribute. */
ViStatus _VI_FUNC viSetAttribute(ViObject vi, ViAttr attrName, ViAttrState attrValue);
/* Reads an attribute into a variable of the attribute's own type. */
ViStatus _VI_FUNC viGetAttribute(ViObject vi, ViAttr attrName, void _VI_PTR attrValue);
/* Gives the text of a status code (256 characters at most). */
ViStatus _VI_FUNC viStatusDesc(ViObject vi, ViStatus status, ViChar desc[]);
/* Ends an asynchronous job, or the calls in progress on a session. */
ViStatus _VI_FUNC viTerminate(ViObject vi, ViUInt16 degree, ViJobId jobId);
/* Takes an exclusive or shared lock on the resource. */
ViStatus _VI_FUNC viLock(ViSession vi, ViAccessMode lockType, ViUInt32 timeout,
                         ViConstKeyId requestedKey, ViChar accessKey[]);
/* Releases one lock. */
ViStatus _VI_FUNC viUnlock(ViSession vi);

/* Events. */
/* Starts delivery of an event by queue or handler. */
ViStatus _VI_FUNC viEnableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism,
                                ViEventFilter context);
/* Stops delivery of an event. */
ViStatus _VI_FUNC viDisableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism);
/* Discards queued events. */
ViStatus _VI_FUNC viDiscardEvents(ViSession vi, ViEventType eventType, ViUInt16 mechanism);
/* Takes the next event from the queue, waiting at most the time given. */
ViStatus _VI_FUNC viWaitOnEvent(ViSession vi, ViEventType inEventType, ViUInt32 timeout,
                                ViPEventType outEventType, ViPEvent outContext);
/* Installs a handler; the one installed last is called first. */
ViStatus _VI_FUNC viInstallHandler(ViSession vi, ViEventType eventType, ViHndlr handler,
                                   ViAddr userHandle);
/* Removes a handler. */
ViStatus _VI_FUNC viUninstallHandler(ViSession vi, ViEventType eventType, ViHndlr handler,
                                     ViAddr userHandle);

/* Messages. */
/* Reads until the end of the message, the termination character or the count. */
ViStatus _VI_FUNC viRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt);
/* Starts a read in the background and returns its job id. */
ViStatus _VI_FUNC viReadAsync(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPJobId jobId);
/* As viRead, into a file. */
ViStatus _VI_FUNC viReadToFile(ViSession vi, ViConstString filename, ViUInt32 cnt,
                               ViPUInt32 retCnt);
/* Writes a message. */
ViStatus _VI_FUNC viWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt);
/* Starts a write in the background and returns its job id. */
ViStatus _VI_FUNC viWriteAsync(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPJobId jobId);
/* As viWrite, from a file. */
ViStatus _VI_FUNC viWriteFromFile(ViSession vi, ViConstString filename, ViUInt32 cnt,
                                  ViPUInt32 retCnt);
/* Sends a trigger. */
ViStatus _VI_FUNC viAssertTrigger(ViSession vi, ViUInt16 protocol);
/* Reads the status byte. */
ViStatus _VI_FUNC viReadSTB(ViSession vi, ViPUInt16 status);
/* Clears the device's input and output. */
ViStatus _VI_FUNC viClear(ViSession vi);

/* Formatted and buffered I/O. */
/* Sets the size of the formatted or low-level buffers. */
ViStatus _VI_FUNC viSetBuf(ViSession vi, ViUInt16 mask, ViUInt32 size);
/* Sends or discards the contents of buffers. */
ViStatus _VI_FUNC viFlush(ViSession vi, ViUInt16 mask);
/* Writes through the formatted write buffer. */
ViStatus _VI_FUNC viBufWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt);
/* Reads through the formatted read buffer. */
ViStatus _VI_FUNC viBufRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt);
/* Formats and writes. */
ViStatus _VI_FUNCC viPrintf(ViSession vi, ViConstString writeFmt, ...);
/* As viPrintf, with an argument list. */
ViStatus _VI_FUNC viVPrintf(ViSession vi, ViConstString writeFmt, ViVAList params);
/* Formats into the caller's buffer. */
ViStatus _VI_FUNCC viSPrintf(ViSession vi, ViPBuf buf, ViConstString writeFmt, ...);
/* As viSPrintf, with an argument list. */
ViStatus _VI_FUNC viVSPrintf(ViSession vi, ViPBuf buf, ViConstString writeFmt, ViVAList params);
/* Reads and scans. */
ViStatus _VI_FUNCC viScanf(ViSession vi, ViConstString readFmt, ...);
/* As viScanf, with an argument list. */
ViStatus _VI_FUNC viVScanf(ViSession vi, ViConstString readFmt, ViVAList params);
/* Scans the caller's buffer. */
ViStatus _VI_FUNCC viSScanf(ViSession vi, ViConstBuf buf, ViConstString readFmt, ...);
/* As viSScanf, with an argument list. */
ViStatus _VI_FUNC viVSScanf(ViSession vi, ViConstBuf buf, ViConstString readFmt, ViVAList params);
/* Writes as viPrintf, then reads as viScanf. */
ViStatus _VI_FUNCC viQueryf(ViSession vi, ViConstString writeFmt, ViConstString readFmt, ...);
/* As viQueryf, with an argument list. */
ViStatus _VI_FUNC viVQueryf(ViSession vi, ViConstString writeFmt, ViConstString readFmt,
                            ViVAList params);

/* Register access, one element. Names with Ex always take 64-bit offsets. */
/* Reads an 8-bit register. */
ViStatus _VI_FUNC viIn8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt8 val8);
/* Writes an 8-bit register. */
ViStatus _VI_FUNC viOut8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt8 val8);
/* Reads a 16-bit register. */
ViStatus _VI_FUNC viIn16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt16 val16);
/* Writes a 16-bit register. */
ViStatus _VI_FUNC viOut16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt16 val16);
/* Reads a 32-bit register. */
ViStatus _VI_FUNC viIn32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt32 val32);
/* Writes a 32-bit register. */
ViStatus _VI_FUNC viOut32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt32 val32);
#if defined(_VI_INT64_UINT64_DEFINED)
/* Reads a 64-bit register. */
ViStatus _VI_FUNC viIn64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt64 val64);
/* Writes a 64-bit register. */
ViStatus _VI_FUNC viOut64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt64 val64);
/* As viIn8. */
ViStatus _VI_FUNC viIn8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt8 val8);
/* As viOut8. */
ViStatus _VI_FUNC viOut8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt8 val8);
/* As viIn16. */
ViStatus _VI_FUNC viIn16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt16 val16);
/* As viOut16. */
ViStatus _VI_FUNC viOut16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt16 val16);
/* As viIn32. */
ViStatus _VI_FUNC viIn32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt32 val32);
/* As viOut32. */
ViStatus _VI_FUNC viOut32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt32 val32);
/* As viIn64. */
ViStatus _VI_FUNC viIn64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt64 val64);
/* As viOut64. */
ViStatus _VI_FUNC viOut64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt64 val64);
#endif

/* Register access: blocks; the length counts elements. */
/* Reads a block of 8-bit elements. */
ViStatus _VI_FUNC viMoveIn8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                            ViAUInt8 buf8);
/* Writes a block of 8-bit elements. */
ViStatus _VI_FUNC viMoveOut8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt8 buf8);
/* Reads a block of 16-bit elements. */
ViStatus _VI_FUNC viMoveIn16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt16 buf16);
/* Writes a block of 16-bit elements. */
ViStatus _VI_FUNC viMoveOut16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt16 buf16);
/* Reads a block of 32-bit elements. */
ViStatus _VI_FUNC viMoveIn32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt32 buf32);
/* Writes a block of 32-bit elements. */
ViStatus _VI_FUNC viMoveOut32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt32 buf32);
/* Copies a block from one address space to another. */
ViStatus _VI_FUNC viMove(ViSession vi, ViUInt16 srcSpace, ViBusAddress srcOffset, ViUInt16 srcWidth,
                         ViUInt16 destSpace, ViBusAddress destOffset, ViUInt16 destWidth,
                         ViBusSize srcLength);
/* Starts a copy in the background and returns its job id. */
ViStatus _VI_FUNC viMoveAsync(ViSession vi, ViUInt16 srcSpace, ViBusAddress srcOffset,
                              ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress destOffset,
                              ViUInt16 destWidth, ViBusSize srcLength, ViPJobId jobId);
#if defined(_VI_INT64_UINT64_DEFINED)
/* Reads a block of 64-bit elements. */
ViStatus _VI_FUNC viMoveIn64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt64 buf64);
/* Writes a block of 64-bit elements. */
ViStatus _VI_FUNC viMoveOut64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt64 buf64);
/* As viMoveIn8. */
ViStatus _VI_FUNC viMoveIn8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViBusSize length,
                              ViAUInt8 buf8);
/* As viMoveOut8. */
ViStatus _VI_FUNC viMoveOut8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt8 buf8);
/* As viMoveIn16. */
ViStatus _VI_FUNC viMoveIn16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt16 buf16);
/* As viMoveOut16. */
ViStatus _VI_FUNC viMoveOut16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt16 buf16);
/* As viMoveIn32. */
ViStatus _VI_FUNC viMoveIn32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt32 buf32);
/* As viMoveOut32. */
ViStatus _VI_FUNC viMoveOut32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt32 buf32);
/* As viMoveIn64. */
ViStatus _VI_FUNC viMoveIn64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt64 buf64);
/* As viMoveOut64. */
ViStatus _VI_FUNC viMoveOut64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt64 buf64);
/* As viMove. */
ViStatus _VI_FUNC viMoveEx(ViSession vi, ViUInt16 srcSpace, ViBusAddress64 srcOffset,
                           ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress64 destOffset,
                           ViUInt16 destWidth, ViBusSize srcLength);
/* As viMoveAsync. */
ViStatus _VI_FUNC viMoveAsyncEx(ViSession vi, ViUInt16 srcSpace, ViBusAddress64 srcOffset,
                                ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress64 destOffset,
                                ViUInt16 destWidth, ViBusSize srcLength, ViPJobId jobId);
#endif

/* Register access: windows into the program's memory. */
/* Maps part of an address space. */
ViStatus _VI_FUNC viMapAddress(ViSession vi, ViUInt16 mapSpace, ViBusAddress mapOffset,
                               ViBusSize mapSize, ViBoolean access, ViAddr suggested,
                               ViPAddr address);
/* Removes the mapping. */
ViStatus _VI_FUNC viUnmapAddress(ViSession vi);
/* Reads 8 bits through a map. Like all peeks and pokes it has no status. */
void _VI_FUNC viPeek8(ViSession vi, ViAddr address, ViPUInt8 val8);
/* Writes 8 bits through a map. */
void _VI_FUNC viPoke8(ViSession vi, ViAddr address, ViUInt8 val8);
/* Reads 16 bits through a map. */
void _VI_FUNC viPeek16(ViSession vi, ViAddr address, ViPUInt16 val16);
/* Writes 16 bits through a map. */
void _VI_FUNC viPoke16(ViSession vi, ViAddr address, ViUInt16 val16);
/* Reads 32 bits through a map. */
void _VI_FUNC viPeek32(ViSession vi, ViAddr address, ViPUInt32 val32);
/* Writes 32 bits through a map. */
void _VI_FUNC viPoke32(ViSession vi, ViAddr address, ViUInt32 val32);
/* Allocates memory of the device. */
ViStatus _VI_FUNC viMemAlloc(ViSession vi, ViBusSize size, ViPBusAddress offset);
/* Frees memory that viMemAlloc gave. */
ViStatus _VI_FUNC viMemFree(ViSession vi, ViBusAddress offset);
#if defined(_VI_INT64_UINT64_DEFINED)
/* As viMapAddress. */
ViStatus _VI_FUNC viMapAddressEx(ViSession vi, ViUInt16 mapSpace, ViBusAddress64 mapOffset,
                                 ViBusSize mapSize, ViBoolean access, ViAddr suggested,
                                 ViPAddr address);
/* Reads 64 bits through a map. */
void _VI_FUNC viPeek64(ViSession vi, ViAddr address, ViPUInt64 val64);
/* Writes 64 bits through a map. */
void _VI_FUNC viPoke64(ViSession vi, ViAddr address, ViUInt64 val64);
/* As viMemAlloc. */
ViStatus _VI_FUNC viMemAllocEx(ViSession vi, ViBusSize size, ViPBusAddress64 offset);
/* As viMemFree. */
ViStatus _VI_FUNC viMemFreeEx(ViSession vi, ViBusAddress64 offset);
#endif

/* GPIB, VXI, USB and PXI only. */
/* Drives the remote enable line, or its counterpart on LAN and USB. */
ViStatus _VI_FUNC viGpibControlREN(ViSession vi, ViUInt16 mode);
/* Drives the attention line. */
ViStatus _VI_FUNC viGpibControlATN(ViSession vi, ViUInt16 mode);
/* Pulses the interface clear line. */
ViStatus _VI_FUNC viGpibSendIFC(ViSession vi);
/* Writes command bytes on the bus. */
ViStatus _VI_FUNC viGpibCommand(ViSession vi, ViConstBuf cmd, ViUInt32 cnt, ViPUInt32 retCnt);
/* Makes another device controller in charge. */
ViStatus _VI_FUNC viGpibPassControl(ViSession vi, ViUInt16 primAddr, ViUInt16 secAddr);
/* Sends a word serial command or reads its response. */
ViStatus _VI_FUNC viVxiCommandQuery(ViSession vi, ViUInt16 mode, ViUInt32 cmd, ViPUInt32 response);
/* Drives a utility signal of the backplane. */
ViStatus _VI_FUNC viAssertUtilSignal(ViSession vi, ViUInt16 line);
/* Raises an interrupt or signal. */
ViStatus _VI_FUNC viAssertIntrSignal(ViSession vi, ViInt16 mode, ViUInt32 statusID);
/* Routes one trigger line to another. */
ViStatus _VI_FUNC viMapTrigger(ViSession vi, ViInt16 trigSrc, ViInt16 trigDest, ViUInt16 mode);
/* Removes a route. */
ViStatus _VI_FUNC viUnmapTrigger(ViSession vi, ViInt16 trigSrc, ViInt16 trigDest);
/* Sends a USB control transfer to the device. */
ViStatus _VI_FUNC viUsbControlOut(ViSession vi, ViInt16 bmRequestType, ViInt16 bRequest,
                                  ViUInt16 wValue, ViUInt16 wIndex, ViUInt16 wLength,
                                  ViConstBuf buf);
/* Makes a USB control transfer that reads from the device. */
ViStatus _VI_FUNC viUsbControlIn(ViSession vi, ViInt16 bmRequestType, ViInt16 bRequest,
                                 ViUInt16 wValue, ViUInt16 wIndex, ViUInt16 wLength, ViPBuf buf,
                                 ViPUInt16 retCnt);
/* Reserves several PXI trigger lines at once, or none. */
ViStatus _VI_FUNC viPxiReserveTriggers(ViSession vi, ViInt16 cnt, ViAInt16 trigBuses,
                                       ViAInt16 trigLines, ViPInt16 failureIndex);

/* ---- Extensions of National Instruments -------------------------------------------------------
 * These names cost nothing and let sources that mention them compile, so they do not depend on the
 * switches NIVISA_USB and NIVISA_PXI. FreeVISA need not support what they name. */

#define VI_INTF_RIO (8)
#define VI_INTF_FIREWIRE (9)
#define VI_EVENT_VXI_DEV_CMD (0xBFFF200FUL)
#define VI_VXI_DEV_CMD_TYPE_16 (16)
#define VI_VXI_DEV_CMD_TYPE_32 (32)
#define VI_VXI_RESP_NONE (0x0000)
#define VI_VXI_RESP_PROT_ERROR (-1)
#define VI_ASRL_WIRE_485_4 (0)
#define VI_ASRL_WIRE_485_2_DTR_ECHO (1)
#define VI_ASRL_WIRE_485_2_DTR_CTRL (2)
#define VI_ASRL_WIRE_485_2_AUTO (3)
#define VI_ASRL_WIRE_232_DTE (128)
#define VI_ASRL_WIRE_232_DCE (129)
#define VI_ASRL_WIRE_232_AUTO (130)
#define VI_EVENT_ASRL_BREAK (0x3FFF2023UL)
#define VI_EVENT_ASRL_CTS (0x3FFF2029UL)
#define VI_EVENT_ASRL_DSR (0x3FFF202AUL)
#define VI_EVENT_ASRL_DCD (0x3FFF202CUL)
#define VI_EVENT_ASRL_RI (0x3FFF202EUL)
#define VI_EVENT_ASRL_CHAR (0x3FFF2035UL)
#define VI_EVENT_ASRL_TERMCHAR (0x3FFF2024UL)
#define VI_USB_PIPE_STATE_UNKNOWN (-1)
#define VI_USB_PIPE_READY (0)
#define VI_USB_PIPE_STALLED (1)
#define VI_USB_END_NONE (0)
#define VI_USB_END_SHORT (4)
#define VI_USB_END_SHORT_OR_COUNT (5)
#define VI_FIREWIRE_DFLT_SPACE (5)

#define VI_ATTR_ASRL_DISCARD_NULL (0x3FFF00B0UL)          /* ViBoolean, RW */
#define VI_ATTR_ASRL_CONNECTED (0x3FFF01BBUL)             /* ViBoolean, RO */
#define VI_ATTR_ASRL_BREAK_STATE (0x3FFF01BCUL)           /* ViInt16, RW */
#define VI_ATTR_ASRL_BREAK_LEN (0x3FFF01BDUL)             /* ViInt16, RW */
#define VI_ATTR_ASRL_ALLOW_TRANSMIT (0x3FFF01BEUL)        /* ViBoolean, RW */
#define VI_ATTR_ASRL_WIRE_MODE (0x3FFF01BFUL)             /* ViInt16, RW */
#define VI_ATTR_VXI_TRIG_LINES_EN (0x3FFF4043UL)          /* ViUInt16, RW */
#define VI_ATTR_VXI_TRIG_DIR (0x3FFF4044UL)               /* ViUInt16, RW */
#define VI_ATTR_SYNC_MXI_ALLOW_EN (0x3FFF0161UL)          /* ViBoolean, RW */
#define VI_ATTR_USB_BULK_OUT_PIPE (0x3FFF01A2UL)          /* ViInt16, RW */
#define VI_ATTR_USB_BULK_IN_PIPE (0x3FFF01A3UL)           /* ViInt16, RW */
#define VI_ATTR_USB_INTR_IN_PIPE (0x3FFF01A4UL)           /* ViInt16, RW */
#define VI_ATTR_USB_CTRL_PIPE (0x3FFF01B0UL)              /* ViInt16, RW */
#define VI_ATTR_USB_CLASS (0x3FFF01A5UL)                  /* ViInt16, RO */
#define VI_ATTR_USB_SUBCLASS (0x3FFF01A6UL)               /* ViInt16, RO */
#define VI_ATTR_USB_ALT_SETTING (0x3FFF01A8UL)            /* ViInt16, RW, at times RO */
#define VI_ATTR_USB_END_IN (0x3FFF01A9UL)                 /* ViUInt16, RW */
#define VI_ATTR_USB_NUM_INTFCS (0x3FFF01AAUL)             /* ViInt16, RO */
#define VI_ATTR_USB_NUM_PIPES (0x3FFF01ABUL)              /* ViInt16, RO */
#define VI_ATTR_USB_BULK_OUT_STATUS (0x3FFF01ACUL)        /* ViInt16, RW */
#define VI_ATTR_USB_BULK_IN_STATUS (0x3FFF01ADUL)         /* ViInt16, RW */
#define VI_ATTR_USB_INTR_IN_STATUS (0x3FFF01AEUL)         /* ViInt16, RW */
#define VI_ATTR_PXI_USE_PREALLOC_POOL (0x3FFF020FUL)      /* ViBoolean, RW */
#define VI_ATTR_FIREWIRE_DEST_UPPER_OFFSET (0x3FFF01F0UL) /* ViUInt32, RW */
#define VI_ATTR_FIREWIRE_SRC_UPPER_OFFSET (0x3FFF01F1UL)  /* ViUInt32, RW */
#define VI_ATTR_FIREWIRE_WIN_UPPER_OFFSET (0x3FFF01F2UL)  /* ViUInt32, RW */
#define VI_ATTR_FIREWIRE_VENDOR_ID (0x3FFF01F3UL)         /* ViUInt32, RO */
#define VI_ATTR_FIREWIRE_LOWER_CHIP_ID (0x3FFF01F4UL)     /* ViUInt32, RO */
#define VI_ATTR_FIREWIRE_UPPER_CHIP_ID (0x3FFF01F5UL)     /* ViUInt32, RO */
#define VI_ATTR_VXI_DEV_CMD_TYPE (0x3FFF4037UL)           /* ViInt16, RO */
#define VI_ATTR_VXI_DEV_CMD_VALUE (0x3FFF4038UL)          /* ViUInt32, RO */

#define VI_ERROR_HW_NGENUINE (_VI_ERROR+0x3FFF00AAL)

#if defined(NIVISA_VXI)
/* Answers a word serial command a VXI servant received. libvisa.so does not export it. */
ViStatus _VI_FUNC viVxiServantResponse(ViSession vi, ViInt16 mode, ViUInt32 resp);
#endif

#if defined(__cplusplus) || defined(__cplusplus__)
}
#endif

#endif /* __VISA_HEADER__ */
