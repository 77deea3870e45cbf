"""The stock service's machine while its server process is down: the port is taken, but nobody listens on it."""
import os
import signal
import socket


def main():
    signal.alarm(300)  # never outlives a lab that was killed
    with socket.socket() as down:
        down.bind(("127.0.0.1", int(os.environ["LAB_PORT"])))  # without listen: connections are refused, and nobody else gets the port
        print("ready", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
