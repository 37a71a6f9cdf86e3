"""A client of the binary cache protocol that knows nothing but docs/protocols.md.

usage: cache_client.py NAME PEER_ADDRESS HOST:PORT...

NAME and PEER_ADDRESS are those of a node that waits, HOST:PORT the cache doors of all nodes, that one's
last. Says KILL when the leader is to be killed, and reads the number of its door from standard input.
Exit code 0 when all was as it should be.
"""

import socket
import struct
import sys
import time

OK, ERROR, NOT_FOUND = 1, 2, 3
PATIENCE = 5.0


def field(data):
    return struct.pack("<i", len(data)) + data


def set_frame(key, value, seconds=0):
    return b"\x01" + field(key) + field(value) + struct.pack("<i", seconds)


def get_frame(key):
    return b"\x02" + field(key)


def join_frame(name, address):
    return b"\x03" + field(name) + field(address)


class Client:
    def __init__(self, endpoint):
        host, port = endpoint.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise AssertionError("closed in the middle of an answer")
            data += more
        return data

    def status(self):
        return self.read(1)[0]

    def value(self):
        status = self.status()
        if status != OK:
            return status, None
        (length,) = struct.unpack("<i", self.read(4))
        return status, self.read(length)

    def set(self, key, value, seconds=0):
        self.send(set_frame(key, value, seconds))
        return self.status()

    def get(self, key):
        self.send(get_frame(key))
        return self.value()


def expect(what, expected, found):
    if expected != found:
        raise AssertionError(f"{what}: expected {expected}, found {found}")


def again(what, action, wanted):
    """Tries again while the answer is an error, for as long as a client should."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = action()
        if answer == wanted:
            return
        expect(what, True, ERROR in (answer, answer[0] if isinstance(answer, tuple) else 0))
        expect(what + " in time", True, time.monotonic() < end)
        time.sleep(0.02)


def await_expiry(clients, key, begun, seconds):
    """The key is there until its time is over, and then on no node; how long it lived."""
    while clients[0].get(key)[0] == OK:
        time.sleep(0.01)
    gone = time.monotonic() - begun
    expect(f"{key} lives for {seconds} s, lived for {gone:.3f}", True, seconds <= gone)
    # Once it is gone for one it is gone for all.
    for client in clients:
        expect("gone everywhere", (NOT_FOUND, None), client.get(key))
    print(f"{key.decode()}: {seconds} s took {gone:.3f} s", flush=True)
    return gone


def main(name, address, endpoints):
    clients = [Client(endpoint) for endpoint in endpoints[:-1]]
    first, second, third = clients

    # Never too early; and not by the least time of a lease, 2 s, unless the machine stands still.
    for patience in (1.9, 1.9, 5):
        begun = time.monotonic()
        expect("SET", OK, first.set(b"short", b"lived", 1))
        expect("GET on another node", (OK, b"lived"), second.get(b"short"))
        if await_expiry(clients, b"short", begun, 1) < patience:
            break
    else:
        raise AssertionError("keys live too long")

    frames = [set_frame(b"key%d" % i, b"value%d" % i) for i in range(1000)]
    second.send(*frames)
    expect("pipelined SETs", b"\x01" * 1000, second.read(1000))
    third.send(*[get_frame(b"key%d" % i) for i in range(1000)])
    for i in range(1000):
        expect("pipelined GET", (OK, b"value%d" % i), third.value())

    third.send(set_frame(b"k", b"1"), get_frame(b"k"), set_frame(b"k", b""), get_frame(b"k"))
    expect("in order", [OK, (OK, b"1"), OK, (OK, b"")],
           [third.status(), third.value(), third.status(), third.value()])

    expect("negative time", ERROR, first.set(b"k", b"v", -1))
    expect("too long", ERROR, first.set(b"k", bytes(2 << 20)))
    expect("no key", ERROR, first.set(b"", b"v"))
    expect("goes on", (NOT_FOUND, None), first.get(b"nothing"))
    lost = Client(endpoints[0])
    lost.send(set_frame(b"last", b"one"), b"\x02" + struct.pack("<i", -1))
    expect("a last status", b"\x01\x02", lost.read(2))
    expect("then closed", b"", lost.socket.recv(1))

    third.send(join_frame(b"other", address), join_frame(name, b"127.0.0.1:1"))
    expect("JOIN of another name", ERROR, third.status())
    expect("JOIN of nobody", ERROR, third.status())
    for client in (third, second):
        client.send(join_frame(name, address))
        expect("JOIN, and once more", OK, client.status())

    begun = time.monotonic()
    expect("SET before the death", OK, first.set(b"mourned", b"v", 3))
    print("KILL", flush=True)
    killed = int(sys.stdin.readline())
    fourth = Client(endpoints[-1])
    living = [client for i, client in enumerate(clients) if i != killed] + [fourth]
    for i, client in enumerate(living):
        again("SET after the death", lambda: client.set(b"after%d" % i, b"v"), OK)
        again("GET after the death", lambda: client.get(b"key999"), (OK, b"value999"))
    # A new leader gives it an election timeout more, and took its time itself.
    expect("goes in time", True, await_expiry(living, b"mourned", begun, 3) < 12)
    print("DONE", flush=True)


if __name__ == "__main__":
    main(sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:])
