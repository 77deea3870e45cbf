"""The quick part of the harvest, run again: every recorded fault still occurs and prints what is recorded."""
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
RECORDED = REPO / "catalog" / "corpus" / "harvested"
CAUSES = re.compile(r"^  - name: (\w+)\n(?:.*\n)*?\s+causes: \[(.*)\]", re.M)
sys.path.insert(0, str(REPO / "tools" / "harvest"))
from harvestlib import normal  # noqa: E402


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ends(text: str) -> tuple[str, str]:
    lines = text.splitlines()
    return normal(lines[0]), normal(lines[-1])


class Recorded(unittest.TestCase):
    def test_every_line_has_a_type_and_one_of_its_causes(self):
        causes = {name: set(text.split(", ")) for name, text in CAUSES.findall((REPO / "catalog" / "error_types.yaml").read_text())}
        self.assertEqual(len(causes), 11)
        for path in sorted(RECORDED.glob("*.jsonl")):
            for number, line in enumerate(read(path), 1):
                with self.subTest(file=path.name, line=number):
                    self.assertEqual(set(line), {"message", "type", "cause", "platform", "tool", "fault"})
                    self.assertIn(line["cause"], causes[line["type"]])
                    self.assertLessEqual(len(line["message"]), 6000)
                    self.assertTrue(line["message"].strip())

    def test_no_line_names_a_place_of_the_machine_that_harvested(self):
        for path in sorted(RECORDED.glob("*.jsonl")):
            for number, line in enumerate(read(path), 1):
                with self.subTest(file=path.name, line=number):
                    self.assertNotRegex(line["message"], r"/tmp/hv|/root/|/w\d{4}/|PRIVATE KEY-----")

    def test_a_fault_has_at_most_three_messages_and_no_text_comes_twice(self):
        for path in sorted(RECORDED.glob("*.jsonl")):
            seen, faults = set(), {}
            for line in read(path):
                faults[line["fault"]] = faults.get(line["fault"], 0) + 1
                key = line["type"], normal(line["message"])
                self.assertNotIn(key, seen, f"{path.name}: {line['fault']}")
                seen.add(key)
            self.assertLessEqual(max(faults.values()), 3, path.name)


class Again(unittest.TestCase):
    """Runs the tools that Debian brings along. A fault that no longer occurs fails; another version may word it otherwise."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.done = subprocess.run([sys.executable, str(REPO / "tools" / "harvest" / "harvest.py"), "--quick", "--out", cls.folder.name],
                                  capture_output=True, text=True, timeout=540)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_quick_fault_is_provoked(self):
        missed = [line for line in self.done.stdout.splitlines() if line.startswith("  MISS")]
        self.assertEqual(missed, [], self.done.stderr[-2000:])
        self.assertEqual(self.done.returncode, 0)

    def test_it_prints_what_is_recorded(self):
        again = {p.stem: read(p) for p in Path(self.folder.name).glob("*.jsonl")}
        self.assertIn("python", again)
        for name, lines in again.items():
            now = {line["fault"]: line for line in lines}
            for line in read(RECORDED / f"{name}.jsonl"):
                with self.subTest(tool=name, fault=line["fault"]):
                    other = now.get(line["fault"])
                    self.assertIsNotNone(other, "the recorded fault is not provoked any more")
                    self.assertEqual((other["type"], other["cause"]), (line["type"], line["cause"]))
                    if other["tool"] == line["tool"]:
                        self.assertEqual(ends(other["message"]), ends(line["message"]))


if __name__ == "__main__":
    unittest.main()
