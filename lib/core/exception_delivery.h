// SPDX-License-Identifier: MIT
// VI_EVENT_EXCEPTION: the handlers run on the thread whose call failed, before that call returns.
// They may throw, longjmp or end the thread: while one runs, no frame of this library on the stack
// needs a destructor.
#pragma once

#include "lib/core/object.h"

namespace visa::core {

/// An ExceptionHook::call. Calls the session's EXCEPTION handlers, last installed first, until one
/// answers VI_SUCCESS_NCHAIN. A call that fails inside such a handler raises no further exception.
/// The context of a handler that throws or jumps away stays open until the program closes it, the
/// session is closed or the thread raises the next one.
void deliver_exception(void* context, Handle session, const char* operation, Status status);

}  // namespace visa::core
