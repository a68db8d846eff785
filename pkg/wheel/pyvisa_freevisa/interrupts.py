# SPDX-License-Identifier: MIT
"""Ctrl-C ends a call that waits.

Python's handler of SIGINT only notes the signal; KeyboardInterrupt is raised when the interpreter goes on, which is after
the call: at its timeout. So, while the main thread is inside a call of the library and SIGINT is Python's own
(signal.default_int_handler), a thread waits for the signal's number at the wake-up descriptor (signal.set_wakeup_fd) and
then ends the call by viTerminate. The library leaves the session in step with the instrument. Other signals and handlers
are not touched, nor calls of other threads.
"""
import _signal
import _thread
import os
import signal
import threading
import time

from pyvisa import constants, errors

_AGAIN = 0.005  # until the call has begun, viTerminate has nothing to end


class _Call:
    """A call that may wait."""

    def __init__(self, terminate, session):
        self.terminate = terminate
        self.session = session
        self.other = -1  # the wake-up descriptor that others have chosen
        self.interrupted = False


class _Watch:
    """The thread, its pipe, and the call it watches. One for the process."""

    def __init__(self):
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.write_end, False)
        self.call = None
        self.other = -1  # the wake-up descriptor that others have chosen
        threading.Thread(target=self._run, name="freevisa-interrupts", daemon=True).start()

    def _run(self):
        while True:
            signals = os.read(self.read_end, 256)
            if self.other >= 0:
                try:
                    os.write(self.other, signals)
                except OSError:
                    pass  # full or closed: as without us
            call = self.call
            if call is None or signal.SIGINT not in signals:
                continue
            call.interrupted = True
            while self.call is call:
                call.terminate(call.session, 0, 0)  # of a session that is gone: an error, and the call is over, too
                time.sleep(_AGAIN)


_watch = None
_usable = True


def _forget():
    """A child of fork has no such thread."""
    global _watch
    _watch = None


os.register_at_fork(after_in_child=_forget)


def _begin(call):
    """Watches `call`, which begins now, unless Ctrl-C is not ours."""
    global _watch, _usable
    if not _usable or _thread.get_ident() != threading.main_thread().ident:
        return
    if _signal.getsignal(_signal.SIGINT) is not signal.default_int_handler:
        return
    if _watch is None:
        _watch = _Watch()
    if _watch.call is not None:  # a call within a handler within a call
        return
    try:
        call.other = _signal.set_wakeup_fd(_watch.write_end, warn_on_full_buffer=False)
    except ValueError:  # an interpreter beside the main one
        _usable = False
        return
    _watch.other = call.other
    _watch.call = call


def _end(call):
    if _watch is None or _watch.call is not call:
        return
    _watch.call = None
    try:
        _signal.set_wakeup_fd(call.other, warn_on_full_buffer=False)
    except (OSError, ValueError):  # whoever had it has closed it meanwhile
        _signal.set_wakeup_fd(-1)


def interruptible(function, terminate):
    """`function`, whose first argument is a session, so that Ctrl-C ends it."""

    def run(session, *arguments):
        call = _Call(terminate, session)
        try:
            _begin(call)
            return function(session, *arguments)
        except errors.VisaIOError as error:
            if error.error_code == constants.StatusCode.error_abort and call.interrupted:
                raise KeyboardInterrupt from None
            raise
        finally:
            _end(call)

    run.__name__ = getattr(function, "__name__", "run")
    return run
