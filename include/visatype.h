/* SPDX-License-Identifier: MIT */
/*
 * visatype.h - the basic types of the VISA C interface (VPP-4.3, revision 7.2).
 *
 * FreeVISA's own text; names, widths and macros are those every VISA header has, so that a program
 * written for another VISA library compiles unchanged. Compiles without warnings as C89 to C++20.
 */
#ifndef __VISATYPE_HEADER__
#define __VISATYPE_HEADER__

#include <limits.h>

/* A 64-bit environment has pointers of 64 bits: LP64 (Linux, macOS) or Win64. There ViBusAddress,
 * ViBusSize and ViAttrState have 64 bits and the unsized attribute names mean their _64 twins. */
#if defined(_WIN64)
#define _VISA_ENV_IS_64_BIT
#elif !defined(_WIN32) && LONG_MAX > 0x7FFFFFFFL
#define _VISA_ENV_IS_64_BIT
#endif

/* Calling conventions: functions, variadic functions, event handlers. Only Windows has any. */
#if defined(_WIN64)
#define _VI_FAR
#define _VI_FUNC __fastcall
#define _VI_FUNCC __fastcall
#define _VI_FUNCH __fastcall
#elif defined(_WIN32)
#define _VI_FAR
#define _VI_FUNC __stdcall
#define _VI_FUNCC __cdecl
#define _VI_FUNCH __stdcall
#else
#define _VI_FAR
#define _VI_FUNC
#define _VI_FUNCC
#define _VI_FUNCH
#endif
#define _VI_PTR _VI_FAR*
#define _VI_SIGNED signed

/* Every error code is this value plus an offset. Written as a difference: 2147483648 does not
 * fit a long of 32 bits. */
#define _VI_ERROR (-2147483647L-1)
#define VI_SUCCESS (0L)

#define VI_NULL (0)
#define VI_TRUE (1)
#define VI_FALSE (0)

/* 64-bit integers. A program may define the guard and both types before it includes this file. */
#if !defined(_VI_INT64_UINT64_DEFINED)
#if defined(_MSC_VER)
typedef unsigned __int64 ViUInt64;
typedef signed __int64 ViInt64;
#define _VI_INT64_UINT64_DEFINED
#elif defined(_VISA_ENV_IS_64_BIT) && !defined(_WIN64)
typedef unsigned long ViUInt64;
typedef signed long ViInt64;
#define _VI_INT64_UINT64_DEFINED
#elif defined(__GNUC__)
typedef unsigned int ViUInt64 __attribute__((__mode__(__DI__))); /* long long, without a warning */
typedef int ViInt64 __attribute__((__mode__(__DI__)));           /* from C89 and C++98 */
#define _VI_INT64_UINT64_DEFINED
#elif (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L) || \
    (defined(__cplusplus) && __cplusplus >= 201103L)
typedef unsigned long long ViUInt64;
typedef signed long long ViInt64;
#define _VI_INT64_UINT64_DEFINED
#endif
#endif
#if defined(_VI_INT64_UINT64_DEFINED)
typedef ViUInt64 _VI_PTR ViPUInt64;
typedef ViUInt64 _VI_PTR ViAUInt64;
typedef ViInt64 _VI_PTR ViPInt64;
typedef ViInt64 _VI_PTR ViAInt64;
#endif

/* 32-bit integers: `long` where `long` has 32 bits (Windows, every 32-bit system), `int` elsewhere. */
#if !defined(_VISA_ENV_IS_64_BIT) || defined(_WIN64)
typedef unsigned long ViUInt32;
typedef _VI_SIGNED long ViInt32;
#else
typedef unsigned int ViUInt32;
typedef _VI_SIGNED int ViInt32;
#endif
typedef ViUInt32 _VI_PTR ViPUInt32;
typedef ViUInt32 _VI_PTR ViAUInt32;
typedef ViInt32 _VI_PTR ViPInt32;
typedef ViInt32 _VI_PTR ViAInt32;

typedef unsigned short ViUInt16;
typedef ViUInt16 _VI_PTR ViPUInt16;
typedef ViUInt16 _VI_PTR ViAUInt16;
typedef _VI_SIGNED short ViInt16;
typedef ViInt16 _VI_PTR ViPInt16;
typedef ViInt16 _VI_PTR ViAInt16;

typedef unsigned char ViUInt8;
typedef ViUInt8 _VI_PTR ViPUInt8;
typedef ViUInt8 _VI_PTR ViAUInt8;
typedef _VI_SIGNED char ViInt8;
typedef ViInt8 _VI_PTR ViPInt8;
typedef ViInt8 _VI_PTR ViAInt8;

typedef char ViChar;
typedef ViChar _VI_PTR ViPChar;
typedef ViChar _VI_PTR ViAChar;
typedef unsigned char ViByte;
typedef ViByte _VI_PTR ViPByte;
typedef ViByte _VI_PTR ViAByte;

typedef void _VI_PTR ViAddr;
typedef ViAddr _VI_PTR ViPAddr;
typedef ViAddr _VI_PTR ViAAddr;

typedef float ViReal32;
typedef ViReal32 _VI_PTR ViPReal32;
typedef ViReal32 _VI_PTR ViAReal32;
typedef double ViReal64;
typedef ViReal64 _VI_PTR ViPReal64;
typedef ViReal64 _VI_PTR ViAReal64;

/* Data of a message. ViPBuf is the same pointer as ViBuf, not a pointer to it. */
typedef ViPByte ViBuf;
typedef ViPByte ViPBuf;
typedef ViPByte _VI_PTR ViABuf;
typedef const ViByte _VI_PTR ViConstBuf;

/* Text. ViPString is the same pointer as ViString; arrays of strings are ViAString. */
typedef ViPChar ViString;
typedef ViPChar ViPString;
typedef ViPChar _VI_PTR ViAString;
#if !defined(_VI_CONST_STRING_DEFINED)
typedef const ViChar _VI_PTR ViConstString;
#define _VI_CONST_STRING_DEFINED
#endif

/* Resource names. */
typedef ViString ViRsrc;
typedef ViString ViPRsrc;
typedef ViString _VI_PTR ViARsrc;
typedef ViConstString ViConstRsrc;

/* 16 bits wide: VI_TRUE or VI_FALSE. */
typedef ViUInt16 ViBoolean;
typedef ViBoolean _VI_PTR ViPBoolean;
typedef ViBoolean _VI_PTR ViABoolean;

/* Negative: error; zero: success; positive: success with more information. */
typedef ViInt32 ViStatus;
typedef ViStatus _VI_PTR ViPStatus;
typedef ViStatus _VI_PTR ViAStatus;

/* Major in bits 31..20, minor in 19..8, sub-minor in 7..0. */
typedef ViUInt32 ViVersion;
typedef ViVersion _VI_PTR ViPVersion;
typedef ViVersion _VI_PTR ViAVersion;

/* Handles. VI_NULL is never a valid one. */
typedef ViUInt32 ViObject;
typedef ViObject _VI_PTR ViPObject;
typedef ViObject _VI_PTR ViAObject;
typedef ViObject ViSession;
typedef ViSession _VI_PTR ViPSession;
typedef ViSession _VI_PTR ViASession;

typedef ViUInt32 ViAttr;

/* Names of these macros in sources older than VISA 2.0. */
#define VISAFN _VI_FUNC
#define ViPtr _VI_PTR

#endif /* __VISATYPE_HEADER__ */
