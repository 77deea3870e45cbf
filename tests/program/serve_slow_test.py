"""A schedule really fires: waits for the next minutes of the clock."""
import unittest

import serve_test
from mendline import Daemon, scaled, wait_until


class Schedule(serve_test.ServeTest):
    def test_fires_within_the_minute(self):
        path = self.home.jobs_file({"tick": {"command": ["sh", "-c", "date +%s >> ticks"], "schedule": "* * * * *"},
                                    "never": {"command": ["sh", "-c", "date > never"], "schedule": "0 0 29 2 *"}})
        ticks = self.home.work / "ticks"
        with Daemon(self.home, path) as daemon:
            wait_until(lambda: ticks.exists() and len(ticks.read_text().split()) >= 2, 130, "two ticks")
            times = [int(text) for text in ticks.read_text().split()]
            for moment in times:
                self.assertLess(moment % 60, scaled(5), "it began too late in its minute")
            self.assertEqual(times[1] // 60 - times[0] // 60, 1)
            self.assertFalse((self.home.work / "never").exists())
            daemon.wait_for("tick succeeded")


if __name__ == "__main__":
    unittest.main()
