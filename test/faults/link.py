"""A link between two network namespaces that loses, delays, reorders, repeats and damages packets, and goes down.

What `tc netem` does, for kernels that are built without it: two TUN interfaces, and this program between them. Needs root.

    link.py NAMESPACE ADDRESS NAMESPACE ADDRESS

Prints `ready`; then reads lines of JSON from standard input, each of which sets what the link does from then on:

    delay    milliseconds, each way       jitter   so many more at most
    loss     part of the packets          repeat   part that comes twice
    reorder  part that overtakes what is delayed
    damage   part that has a bit turned   isDown   nothing passes
    mtu      octets of the largest packet
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def open_tun(name, namespace, address, peer):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    ip("link", "set", name, "netns", namespace)
    ip("-n", namespace, "addr", "add", address, "peer", peer, "dev", name)
    ip("-n", namespace, "link", "set", "lo", "up")
    ip("-n", namespace, "link", "set", name, "up")
    return tun


def main():
    near, near_address, far, far_address = sys.argv[1:]
    names = ["rl" + str(os.getpid()) + side for side in "ab"]
    tuns = [
        open_tun(names[0], near, near_address, far_address),
        open_tun(names[1], far, far_address, near_address),
    ]
    other = {tuns[0]: tuns[1], tuns[1]: tuns[0]}
    link = {}
    seed = random.random()
    chance = random.Random(seed)
    waiting = []
    count = 0
    print("ready", flush=True)

    def happens(what):
        return chance.random() < link.get(what, 0)

    def put(tun, packet):
        try:
            os.write(tun, packet)
        except BlockingIOError:
            pass

    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([0, *tuns], [], [], timeout)
        for source in readable:
            if source == 0:
                line = sys.stdin.buffer.raw.readline()
                if not line:
                    return
                link = json.loads(line)
                for namespace, name in zip((near, far), names):
                    ip("-n", namespace, "link", "set", name, "mtu", str(link.get("mtu", 1500)))
                print("set", flush=True)
                continue
            packet = os.read(source, 65536)
            # Those of IPv6 are none of ours.
            if packet[0] >> 4 != 4 or link.get("isDown") or happens("loss"):
                continue
            if happens("damage"):
                damaged = bytearray(packet)
                # Behind the header of IP: TCP's checksum must tell.
                damaged[chance.randrange(20, len(packet))] ^= 1 << chance.randrange(8)
                packet = bytes(damaged)
            delay = link.get("delay", 0) + chance.random() * link.get("jitter", 0)
            if happens("reorder"):
                delay = 0
            for _ in range(2 if happens("repeat") else 1):
                count += 1
                heapq.heappush(waiting, (time.monotonic() + delay / 1000, count, other[source], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, tun, packet = heapq.heappop(waiting)
            put(tun, packet)


main()
