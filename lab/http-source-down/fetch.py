"""Downloads one address into a file; the file only appears once it is complete."""
import os
import sys
import urllib.request


def main():
    url, target = sys.argv[1:]
    with urllib.request.urlopen(url, timeout=10) as response:
        body = response.read()
    with open(target + ".part", "wb") as part:
        part.write(body)
    os.replace(target + ".part", target)
    print(f"fetched {len(body)} bytes from {url}")


if __name__ == "__main__":
    main()
