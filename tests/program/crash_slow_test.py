"""The crash tests to the full: every workload killed at every single commit (just before and just after), with each way to start again, and
an error at every fail point of every workload."""
import itertools
import unittest

from crash_workloads import POINTS, WORKERS, WORKLOADS, Trial, error_trials, run_trials

MOST_PASSES = 200


def every_pass(name, point, action):
    """Trials at the first, second, third ... pass of the point until the workload ends without it."""
    work = WORKLOADS[name]
    turns = itertools.cycle(work.recoveries)
    trials = []
    for begin in range(1, MOST_PASSES, 2 * WORKERS):
        trials += run_trials([Trial(work, f"{point}={action}@{number}", next(turns)) for number in range(begin, begin + 2 * WORKERS)])
        if not trials[-1].reached:
            break
    return trials


class EveryPass(unittest.TestCase):
    maxDiff = 4000

    def assertAllWell(self, trials):
        for trial in trials:
            with self.subTest(set=trial.setting, then=trial.recovery):
                self.assertEqual(trial.problem, "")


def add_tests():
    def add(name, trials, least):
        def test(self):
            found = trials()
            self.assertGreaterEqual(sum(trial.reached for trial in found), least)
            self.assertAllWell(found)
        setattr(EveryPass, name, test)

    for name in WORKLOADS:
        for point in ("store_before_commit", "store_after_commit"):
            # ingest has few, large transactions; the others one for every move.
            add(f"test_{name}_{point}", lambda name=name, point=point: every_pass(name, point, "kill"), 4 if name == "ingest" else 8)
        add(f"test_{name}_store_before_commit_error", lambda name=name: every_pass(name, "store_before_commit", "error"), 4)
        add(f"test_{name}_error", lambda name=name: error_trials(name), 5)
    for point in POINTS:
        if not point.startswith(("ingest_", "store_")):  # three jobs pass each of them at about the same time
            add(f"test_serve_{point}", lambda point=point: every_pass("serve", point, "kill"), 1)


add_tests()

if __name__ == "__main__":
    unittest.main()
