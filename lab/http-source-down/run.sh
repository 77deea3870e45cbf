#!/bin/sh
# Exchange rates: fetch the day's file from the source, then load it in one transaction.
set -eu
python3 fetch.py "$SOURCE_URL" incoming.json
python3 load.py incoming.json rates.db
