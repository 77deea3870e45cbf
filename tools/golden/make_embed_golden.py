#!/usr/bin/env python3
"""Writes what the tests of the sentence encoder compare with: tests/embed/golden/{messages,tricky}.jsonl.

The reference is independent of our code: token ids from the `tokenizers` library, embeddings from a float32 forward pass in numpy over
the same weights. It is run by hand when the model or the selection changes, never by the build.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy==2.4.6 tokenizers==0.23.3
    /tmp/golden/bin/python tools/golden/make_embed_golden.py

A line: "text" (or "bytes", base64, where it is no UTF-8), "ids", "embedding" (base64 of 384 little-endian float16).
"""
import base64
import json
import pathlib
import struct

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "build/third_party/minilm"
OUT = ROOT / "tests/embed/golden"
MESSAGES = 200
MOST_TOKENS = 80  # with [CLS] and [SEP]
MOST_CHARACTERS = 600  # of a message: more does not fit into 80 tokens
HEADS, LAYERS = 12, 6


def load_tensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, item in json.loads(raw[8 : 8 + size]).items():
        if item.get("dtype") == "F32":
            begin, end = item["data_offsets"]
            tensors[name] = np.frombuffer(raw[8 + size + begin : 8 + size + end], "<f4").reshape(item["shape"])
    return tensors


def make_tokenizer():
    # Built from the vocabulary alone: "[SEP]" in a text is text, not a separator.
    words = {word: i for i, word in enumerate((MODEL / "vocab.txt").read_text("utf-8").rstrip("\n").split("\n"))}
    tokenizer = Tokenizer(WordPiece(words, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return lambda text: [words["[CLS]"], *tokenizer.encode(text).ids[: MOST_TOKENS - 2], words["[SEP]"]]


def norm(x, weight, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-12)) * weight + bias


def erf(x):
    import math

    return np.vectorize(math.erf, otypes=[np.float32])(x)


def embed(t, ids):
    def linear(x, name):
        return x @ t[name + ".weight"].T + t[name + ".bias"]

    def normed(x, name):
        return norm(x, t[name + ".weight"], t[name + ".bias"])

    x = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.position_embeddings.weight"][: len(ids)]
    x = normed(x + t["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    size = x.shape[1] // HEADS
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        q, k, v = (linear(x, f"{at}attention.self.{part}").reshape(-1, HEADS, size).transpose(1, 0, 2) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(size))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        x = normed(x + linear(mixed.transpose(1, 0, 2).reshape(len(ids), -1), at + "attention.output.dense"), at + "attention.output.LayerNorm")
        inner = linear(x, at + "intermediate.dense")
        inner = inner * np.float32(0.5) * (1 + erf(inner / np.float32(np.sqrt(2))))
        x = normed(x + linear(inner, at + "output.dense"), at + "output.LayerNorm")
    mean = x.mean(0)
    return mean / np.sqrt((mean * mean).sum())


def messages():
    texts = []
    for path in sorted((ROOT / "catalog/corpus/written").glob("*.jsonl")):
        texts += [json.loads(line)["message"][:MOST_CHARACTERS] for line in path.read_text("utf-8").splitlines() if line.strip()]
    texts = sorted(set(texts), key=texts.index)
    step = len(texts) / MESSAGES
    return [texts[int(i * step)] for i in range(MESSAGES)]


TRICKY = [
    "", " ", "\n\t \r\n", "a", "[CLS] not a [SEP] marker [MASK] [UNK] [PAD]",
    "Caf\u00e9 r\u00e9sum\u00e9 na\u00efve \u00c5ngstr\u00f6m \u0130stanbul \u0141\u00f3d\u017a \u00d8re \u00df \u1e9e \ufb01le",
    "Cafe\u0301 a\u0327\u0301 n\u0303 \u0301 combining first", "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u039f\u0394\u039f\u03a3 \u03ac",
    "\u041e\u0448\u0438\u0431\u043a\u0430: \u043d\u0435\u0442 \u0434\u043e\u0441\u0442\u0443\u043f\u0430 \u0439\u0451",
    "\u6743\u9650\u88ab\u62d2\u7edd: \u8868 orders \u4e0d\u5b58\u5728\u3002", "\u30a8\u30e9\u30fc\u304c\u767a\u751f\u3057\u307e\u3057\u305f \u304c\u304e\u3050 \uff76\uff9e",
    "\uad8c\ud55c\uc774 \uc5c6\uc2b5\ub2c8\ub2e4 \u110c\u1161", "\u0e44\u0e21\u0e48\u0e1e\u0e1a\u0e44\u0e1f\u0e25\u0e4c", "\u0641\u0634\u0644 \u0627\u0644\u0627\u062a\u0635\u0627\u0644\u060c \u064e\u064f", "\u05e9\u05b0\u05c1\u05d2\u05d9\u05d0\u05d4", "\u0924\u094d\u0930\u0941\u091f\u093f \u0939\u0941\u0908\u0964",
    "job failed \U0001f525\U0001f680 \u2705 \u274c \u26a0\ufe0f done \U0001f468\u200d\U0001f4bb", "zero\u200bwidth\u200djoin\u00adsoft\ufeffbom\u2060x",
    "nul\x00 bell\x07 esc\x1b[31mred\x1b[0m del\x7f c1\x85x\x9f", "nbsp\u00a0thin\u2009em\u2003line\u2028para\u2029ideo\u3000end\u1680\u202f\u205f.",
    "x" * 100, "x" * 101, "x" * 5000, "\u00e9" * 100, "\u00e9" * 101, "word " * 200, "a.b,c;d:e!f?g-h_i/j\\k|l@m#n$o%p^q&r*s(t)u+v=w~x`y'z\"<>{}[]",
    "\u2018quotes\u2019 \u201cdouble\u201d \u2013 \u2014 \u2026 \u00ab\u00bb \u00bf\u00a1 \u00a7 \u00b6 \u00b7 \u20ac \u00a3 \u00a5 \u00b0 \u00b1 \u00d7 \u2192 \u2264",
    "\u2460 \u00bd \u00b2 \u2075 \u2167 \uff26\uff35\uff2c\uff2c \uff0c\uff01 \U0001d4d0 \U0001d538", "\U00020000\U0002a6df \uf900 \u2f00 \U0002f800", "\ue000 private \U000f0000", "unaffable UNAFFABLE unwanted running 1.2e-3 0x1F 127.0.0.1:5432",
    "ORA-00942: table or view does not exist", "SQLSTATE[42S02]", "C:\\Users\\etl\\job.bat", "s3://bucket/key=2024-01-01/part-00000.snappy.parquet",
    "qzxjkvqzxjkv \u16a0\u16a1 \u13a0 mixed\u16a0word", "\ufffd replaced \ufffd\ufffd", "\u1e69 \u1e9b\u0323 \u212b \u2126 \u017f \u01c5 \u0345", "\u302e\u302f tone \u0f71\u0f72\u0f74 \u1112\u1161\u11ab",
]
BROKEN = [b"\xff\xfe broken \x80 bytes \xc3", b"over\xc0\xaflong \xed\xa0\x80 surrogate \xf4\x90\x80\x80 beyond", b"cut \xe2\x82", b"caf\xc3\xa9 \xe9 latin1", b"\xf0\x9f\x94"]


def main():
    tensors, tokenise = load_tensors(MODEL / "model.safetensors"), make_tokenizer()
    OUT.mkdir(parents=True, exist_ok=True)

    def line(text, field):
        ids = tokenise(text)
        return json.dumps({**field, "ids": ids, "embedding": base64.b64encode(embed(tensors, ids).astype("<f2").tobytes()).decode()}, ensure_ascii=True)

    (OUT / "messages.jsonl").write_text("".join(line(text, {"text": text}) + "\n" for text in messages()))
    tricky = [line(text, {"text": text}) for text in TRICKY]
    tricky += [line(raw.decode("utf-8", "ignore"), {"bytes": base64.b64encode(raw).decode()}) for raw in BROKEN]
    (OUT / "tricky.jsonl").write_text("".join(item + "\n" for item in tricky))


if __name__ == "__main__":
    main()
