# SPDX-License-Identifier: MIT
"""libvisa.so over ctypes, without PyVISA between, and the far ends that misbehave."""
import ctypes
import socket
import threading
import time

SUCCESS = 0
SUCCESS_TERM_CHAR = 0x3FFF0005
SUCCESS_MAX_CNT = 0x3FFF0006
WARN_CONFIG_NLOADED = 0x3FFF0077
ERROR_TMO = 0xBFFF0015
ERROR_RSRC_NFOUND = 0xBFFF0011
ERROR_CONN_LOST = 0xBFFF00A6
ATTR_TMO_VALUE = 0x3FFF001A
ATTR_TERMCHAR_EN = 0x3FFF0038


class Visa:
    """The functions with their status as an unsigned number; the manager is open."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.viSetAttribute.argtypes = [ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint64]
        self.rm = ctypes.c_uint32()
        self.opened = self.call("viOpenDefaultRM", ctypes.byref(self.rm))
        self.rm = self.rm.value

    def call(self, name, *arguments):
        return getattr(self.lib, name)(*arguments) & 0xFFFFFFFF

    def open(self, name, timeout=2000):
        session = ctypes.c_uint32()
        status = self.call("viOpen", self.rm, name.encode(), 0, timeout, ctypes.byref(session))
        return status, session.value

    def close(self, handle):
        return self.call("viClose", handle)

    def set(self, session, attribute, value):
        return self.call("viSetAttribute", session, attribute, value)

    def write(self, session, data):
        done = ctypes.c_uint32()
        status = self.call("viWrite", session, data, len(data), ctypes.byref(done))
        return status, done.value

    def read(self, session, count):
        buffer = ctypes.create_string_buffer(count)
        done = ctypes.c_uint32()
        status = self.call("viRead", session, buffer, count, ctypes.byref(done))
        return status, buffer.raw[:done.value]

    def text(self, handle, status):
        buffer = ctypes.create_string_buffer(256)
        self.call("viStatusDesc", handle, ctypes.c_int32(status), buffer)
        return buffer.value.decode("ascii")


def line_session(visa, port, timeout=2000):
    """A session that ends its reads at a line feed."""
    status, session = visa.open("TCPIP::127.0.0.1::%d::SOCKET" % port)
    assert status == SUCCESS, visa.text(visa.rm, status)
    visa.set(session, ATTR_TERMCHAR_EN, 1)
    visa.set(session, ATTR_TMO_VALUE, timeout)
    return session


class Peer:
    """A listening socket; `behave(connection)` serves each client on a thread of its own."""

    def __init__(self, behave):
        self.behave = behave
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.done = threading.Event()
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.settimeout(30)
        try:
            self.behave(connection)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for connection in self.connections:
            connection.close()


def healthy(connection):
    """Answers every line."""
    for line in connection.makefile("rb"):
        connection.sendall(b"you said " + line)


def silent(connection):
    """Takes everything, says nothing."""
    while connection.recv(65536):
        pass


class FullQueue:
    """A port where no connection ever comes about: its queue is full and nobody accepts."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.waiting = []
        end = time.monotonic() + 10
        while time.monotonic() < end:
            client = socket.socket()
            client.settimeout(0.2)
            self.waiting.append(client)
            try:
                client.connect(("127.0.0.1", self.port))
            except OSError:
                return  # no answer: full
        raise RuntimeError("the queue does not fill")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.waiting:
            client.close()
        self.listener.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
