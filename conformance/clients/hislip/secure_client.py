# SPDX-License-Identifier: MIT
"""A HiSLIP 2.0 client with its secure connection, in nothing but Python: its ssl module for the handshakes, hashlib
and hmac for SASL. It was written from IVI-6.1 and the RFCs, and shares nothing with the library or the bench."""
import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct

HOST = "127.0.0.1"
FIRST, NONE = 0xFFFFFF00, 0xFFFFFEFE
(INITIALIZE, INITIALIZE_RESPONSE, FATAL_ERROR, ERROR, LOCK, LOCK_RESPONSE, DATA, DATA_END, CLEAR_COMPLETE,
 CLEAR_ACKNOWLEDGE) = range(10)
MAXIMUM_SIZE, MAXIMUM_SIZE_RESPONSE, ASYNC_INITIALIZE, ASYNC_INITIALIZE_RESPONSE, ASYNC_CLEAR = range(15, 20)
SERVICE_REQUEST, STATUS_QUERY, STATUS_RESPONSE, ASYNC_CLEAR_ACKNOWLEDGE = range(20, 24)
GET_DESCRIPTORS, DESCRIPTORS = 26, 27
START_TLS, ASYNC_START_TLS, ASYNC_START_TLS_RESPONSE, END_TLS, ASYNC_END_TLS, ASYNC_END_TLS_RESPONSE = range(28, 34)
GET_MECHANISMS, MECHANISMS, AUTHENTICATION_START, AUTHENTICATION_EXCHANGE, AUTHENTICATION_RESULT = range(34, 39)
BUSY, SUCCESS, REFUSED = 0, 1, 3


class Fatal(Exception):
    """FatalError; args: code, text."""


class Refused(Exception):
    """Error; args: code, text."""


class Message:
    def __init__(self, kind, control, parameter, payload):
        self.kind, self.control, self.parameter, self.payload = kind, control, parameter, payload


def packed(kind, control=0, parameter=0, payload=b""):
    return b"HS" + struct.pack(">BBIQ", kind, control, parameter, len(payload)) + payload


class Channel:
    """One connection, in clear or by TLS."""

    def __init__(self, port, timeout=20):
        self.line = socket.create_connection((HOST, port), timeout=timeout)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def put(self, kind, control=0, parameter=0, payload=b""):
        self.line.sendall(packed(kind, control, parameter, payload))

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.line.recv(min(count - len(data), 1 << 20))
            if not part:
                raise EOFError("after %d of %d bytes" % (len(data), count))
            data += part
        return data

    def get_any(self):
        head = self.take(16)
        if head[:2] != b"HS":
            raise ValueError("no header of HiSLIP: %r" % head)
        kind, control, parameter, length = struct.unpack(">BBIQ", head[2:])
        return Message(kind, control, parameter, self.take(length))

    def get(self, *kinds):
        message = self.get_any()
        text = message.payload.decode("utf-8", "replace")
        if message.kind == FATAL_ERROR and FATAL_ERROR not in kinds:
            raise Fatal(message.control, text)
        if message.kind == ERROR and ERROR not in kinds:
            raise Refused(message.control, text)
        if kinds and message.kind not in kinds:
            raise ValueError("message %d instead of one of %r" % (message.kind, kinds))
        return message

    def start_tls(self, context, host, session=None):
        self.line = context.wrap_socket(self.line, server_hostname=host, session=session)

    def end_tls(self):
        self.line = self.line.unwrap()

    def close(self):
        self.line.close()


class Client:
    """A session. `context`: of the ssl module; `host`: what the certificate is to be for."""

    def __init__(self, port, device, version=0x0200, context=None, host="localhost", timeout=20):
        self.context, self.host = context, host
        self.sync = Channel(port, timeout)
        self.sync.put(INITIALIZE, 0, version << 16 | 0x5454, device.encode())
        self.hello = self.sync.get(INITIALIZE_RESPONSE)
        self.version = self.hello.parameter >> 16
        self.asyn = Channel(port, timeout)
        self.asyn.put(ASYNC_INITIALIZE, 0, self.hello.parameter & 0xFFFF)
        self.async_hello = self.asyn.get(ASYNC_INITIALIZE_RESPONSE)
        self.reset()

    def reset(self):
        self.next, self.last, self.received, self.delivered = FIRST, NONE, NONE, 0

    def take_delivered(self):
        flag, self.delivered = self.delivered, 0
        return flag

    # TLS

    def ask_for_turn(self, kind, last=None, received=None):
        self.asyn.put(kind, self.take_delivered(), self.last if last is None else last,
                      struct.pack(">I", self.received if received is None else received))
        return self.asyn.get(kind + 1).control

    def start_tls(self):
        answer = self.ask_for_turn(ASYNC_START_TLS)
        if answer != SUCCESS:
            return answer
        self.asyn.start_tls(self.context, self.host)
        self.sync.put(START_TLS)
        self.sync.start_tls(self.context, self.host, self.asyn.line.session)
        return answer

    def end_tls(self):
        answer = self.ask_for_turn(ASYNC_END_TLS)
        if answer == SUCCESS:
            self.asyn.end_tls()
            self.sync.put(END_TLS)
            self.sync.end_tls()
        return answer

    # SASL

    def mechanisms(self):
        self.sync.put(GET_MECHANISMS)
        return self.sync.get(MECHANISMS).payload.decode().split()

    def exchange(self, data):
        self.sync.put(AUTHENTICATION_EXCHANGE, 0, 0, data)
        return self.sync.get(AUTHENTICATION_EXCHANGE, AUTHENTICATION_RESULT)

    def authenticate(self, mechanism, first):
        self.sync.put(AUTHENTICATION_START, 0, 0, mechanism.encode())
        return self.exchange(first)

    def plain(self, user, password, identity=""):
        return self.authenticate("PLAIN", "\0".join((identity, user, password)).encode())

    def scram(self, user, password, header="n,,"):
        """RFC 5802 and 7677; checks that the server knows the password, too."""
        bare = "n=%s,r=%s" % (user.replace("=", "=3D").replace(",", "=2C"), base64.b64encode(os.urandom(18)).decode())
        answer = self.authenticate("SCRAM-SHA-256", (header + bare).encode())
        if answer.kind == AUTHENTICATION_RESULT:
            return answer
        server_first = answer.payload.decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        if not fields["r"].startswith(bare.split("r=")[1]) or fields["r"] == bare.split("r=")[1]:
            raise ValueError("the server's nonce does not go on with the client's")
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        final = "c=%s,r=%s" % (base64.b64encode(header.encode()).decode(), fields["r"])
        said = ",".join((bare, server_first, final)).encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature))
        answer = self.exchange(("%s,p=%s" % (final, base64.b64encode(proof).decode())).encode())
        if answer.kind == AUTHENTICATION_RESULT and answer.control & 1:
            wanted = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
            if answer.payload != b"v=" + base64.b64encode(wanted):
                raise ValueError("the server does not know the password")
        return answer

    # Messages

    def write(self, data, kind=DATA_END):
        self.sync.put(kind, self.take_delivered(), self.next, data)
        self.last, self.next = self.next, (self.next + 2) & 0xFFFFFFFF

    def read(self):
        data = b""
        while True:
            message = self.sync.get(DATA, DATA_END)
            self.received = message.parameter
            data += message.payload
            if message.kind == DATA_END:
                self.delivered = 1
                return data

    def query(self, text):
        self.write(text.encode())
        return self.read().decode().strip()

    def status(self):
        self.asyn.put(STATUS_QUERY, self.take_delivered(), self.last)
        return self.asyn.get(STATUS_RESPONSE).control

    def clear(self, features=0):
        self.asyn.put(ASYNC_CLEAR)
        proposed = self.asyn.get(ASYNC_CLEAR_ACKNOWLEDGE).control
        self.sync.put(CLEAR_COMPLETE, features)
        kept = self.sync.get(CLEAR_ACKNOWLEDGE).control
        self.reset()
        return proposed, kept

    def descriptors(self):
        self.asyn.put(GET_DESCRIPTORS)
        data, found = self.asyn.get(DESCRIPTORS).payload, {}
        while data:
            length, kind = struct.unpack(">HB", data[:3])
            found[kind], data = data[3:3 + length], data[3 + length:]
        return found

    def close(self):
        for one in (self.sync, self.asyn):
            one.close()


def context(folder, certificate=False, newest=None, oldest=None):
    """What trusts the bench's authority; with `certificate` it shows the client's own."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(os.path.join(folder, "ca.pem"))
    if certificate:
        made.load_cert_chain(os.path.join(folder, "client.pem"), os.path.join(folder, "client.key"))
    if newest:
        made.maximum_version = newest
    if oldest:
        made.minimum_version = oldest
    return made
