# SPDX-License-Identifier: MIT
"""A HiSLIP 2.0 instrument with a secure connection in nothing but Python: its ssl module, hashlib and hmac. Written
from IVI-6.1 and the RFCs; it shares nothing with the library or the bench but OpenSSL. One thread per session."""
import base64
import hashlib
import hmac
import os
import socket
import struct
import threading

(INITIALIZE, INITIALIZE_RESPONSE, FATAL_ERROR, ERROR, LOCK, LOCK_RESPONSE, DATA, DATA_END) = range(8)
SIZE, SIZE_RESPONSE, ASYNC_INITIALIZE, ASYNC_INITIALIZE_RESPONSE = range(15, 19)
STATUS_QUERY, STATUS_RESPONSE = 21, 22
START_TLS, ASYNC_START_TLS, ASYNC_START_TLS_RESPONSE, END_TLS, ASYNC_END_TLS, ASYNC_END_TLS_RESPONSE = range(28, 34)
GET_MECHANISMS, MECHANISMS, START, EXCHANGE, RESULT = range(34, 39)
MANDATORY, INITIAL = 2, 4


class Channel:
    """One connection, in clear text or by TLS."""

    def __init__(self, plain):
        self.plain = self.line = plain
        self.secure = False
        plain.settimeout(20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def put(self, kind, control=0, parameter=0, payload=b""):
        self.line.sendall(b"HS" + struct.pack(">BBIQ", kind, control, parameter, len(payload)) + payload)

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.line.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def get(self):
        head = self.take(16)
        if head[:2] != b"HS":
            raise EOFError("no header")
        kind, control, parameter, length = struct.unpack(">BBIQ", head[2:])
        return kind, control, parameter, self.take(length)

    def start_tls(self, context):
        self.line = context.wrap_socket(self.plain, server_side=True, suppress_ragged_eofs=False)
        self.secure = True

    def end_tls(self):
        unwrapped = self.line.unwrap()  # the same object, which speaks in clear text from now on
        self.plain = self.line = socket.socket(fileno=unwrapped.detach())
        self.plain.settimeout(20)
        self.secure = False


def scram(channel, users):
    """The server's side of RFC 5802 with SHA-256; the signature goes with the result."""
    _, _, _, first = channel.get()
    bare = first.split(b",", 2)[2]
    fields = dict(part.split(b"=", 1) for part in bare.split(b","))
    password = users.get(fields[b"n"].decode().replace("=2C", ",").replace("=3D", "="), "")
    salt = os.urandom(12)
    nonce = fields[b"r"] + base64.b64encode(os.urandom(12))
    challenge = b"r=" + nonce + b",s=" + base64.b64encode(salt) + b",i=4096"
    channel.put(EXCHANGE, payload=challenge)
    _, _, _, last = channel.get()
    without, _, proof = last.rpartition(b",p=")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 4096)
    key = hmac.digest(salted, b"Client Key", "sha256")
    message = b",".join([bare, challenge, without])
    signature = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
    wanted = bytes(a ^ b for a, b in zip(key, signature))
    good = bool(password) and without == b"c=biws,r=" + nonce and base64.b64decode(proof) == wanted
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
    return good, b"v=" + base64.b64encode(server)


def plain(channel, users):
    _, _, _, first = channel.get()
    _, user, password = first.split(b"\0")
    return users.get(user.decode()) == password.decode() and bool(password), b""


def anonymous(channel, _users):
    channel.get()
    return True, b""


def external(channel, _users):
    channel.get()
    return bool(channel.line.getpeercert(True)), b""


WAYS = {b"SCRAM-SHA-256": scram, b"PLAIN": plain, b"ANONYMOUS": anonymous, b"EXTERNAL": external}


class Instrument:
    """Serves until the process ends. `features` are those of InitializeResponse; `context` None: not capable."""

    def __init__(self, context, mechanisms="ANONYMOUS", users=None, features=0, cut=None):
        self.context, self.mechanisms, self.users = context, mechanisms.encode(), users or {}
        self.features, self.cut = features, cut
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.waiting = {}
        self.sessions = 0
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def name(self):
        return "127.0.0.1::hislip0,%d::INSTR" % self.port

    def accept(self):
        while True:
            line, _ = self.listener.accept()
            threading.Thread(target=self.begin, args=(line,), daemon=True).start()

    def begin(self, line):
        try:
            channel = Channel(line)
            kind, _, parameter, _ = channel.get()
            if kind == INITIALIZE:
                self.sessions += 1
                self.waiting[self.sessions] = channel
                channel.put(INITIALIZE_RESPONSE, self.features, 0x02000000 | self.sessions)
            elif kind == ASYNC_INITIALIZE:
                sync = self.waiting.pop(parameter & 0xFFFF)
                channel.put(ASYNC_INITIALIZE_RESPONSE, int(self.context is not None), 0x5059)
                threading.Thread(target=self.quiet, args=(self.synchronous, sync), daemon=True).start()
                self.asynchronous(channel)
        except (EOFError, OSError, KeyError):
            line.close()

    @staticmethod
    def quiet(function, channel):
        try:
            function(channel)
        except (EOFError, OSError):
            channel.line.close()

    def asynchronous(self, channel):
        while True:
            kind, _, _, payload = channel.get()
            if kind == SIZE:
                channel.put(SIZE_RESPONSE, payload=struct.pack(">Q", 1 << 20))
            elif kind == STATUS_QUERY:
                channel.put(STATUS_RESPONSE, 0x10)
            elif kind == ASYNC_START_TLS:
                channel.put(ASYNC_START_TLS_RESPONSE, 1)
                if self.cut is not None:  # of the handshake so many bytes, and then nothing
                    channel.plain.recv(16)
                    channel.plain.sendall(b"\x16\x03\x03\x00\x7a\x02\x00"[: self.cut])
                    channel.plain.close()
                    return
                channel.start_tls(self.context)
            elif kind == ASYNC_END_TLS:
                channel.put(ASYNC_END_TLS_RESPONSE, 1)
                channel.end_tls()
            else:
                channel.put(ERROR, 1)

    def synchronous(self, channel):
        while True:
            kind, _, parameter, payload = channel.get()
            if kind == DATA_END:
                if payload.endswith(b"?\n"):
                    channel.put(DATA_END, 0, parameter, b"secure\n" if channel.secure else b"in clear\n")
            elif kind == START_TLS:
                channel.start_tls(self.context)
            elif kind == END_TLS:
                channel.end_tls()
            elif kind == GET_MECHANISMS:
                channel.put(MECHANISMS, payload=self.mechanisms)
            elif kind == START:
                good, data = WAYS[payload](channel, self.users)
                channel.put(RESULT, int(good), 0 if good else 7, data if good else b"not with me")
            elif kind != DATA:
                channel.put(ERROR, 1)
