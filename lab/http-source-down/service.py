"""The rates server: crashes on its first request, is down for a while, and then serves the files below source/."""
import functools
import http.server
import os
import signal
import socket
import struct
import time

OUTAGE_SECONDS = 2.5
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def main():
    signal.alarm(300)  # never outlives a lab that was killed
    address = ("127.0.0.1", int(os.environ["LAB_PORT"]))
    with socket.create_server(address) as listener:
        print("ready", flush=True)
        connection, _ = listener.accept()
        connection.recv(65536)
        # What the kernel does to the connections of a process that dies.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        connection.close()
    server = http.server.ThreadingHTTPServer(address, functools.partial(Handler, directory="source"), bind_and_activate=False)
    server.server_bind()  # bound but not listening: connections are refused, and nobody else gets the port
    time.sleep(OUTAGE_SECONDS)
    server.server_activate()
    server.serve_forever()


if __name__ == "__main__":
    main()
