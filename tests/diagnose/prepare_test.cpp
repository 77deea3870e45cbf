#include "diagnose/prepare.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "support/property.h"

namespace mend {
namespace {

std::vector<std::string> of_kind(const PreparedText& text, LineKind kind) {
  std::vector<std::string> out;
  for (const TextLine& line : text.lines)
    if (line.kind == kind) out.emplace_back(trim(line.text));
  return out;
}
std::vector<std::string> roots(std::string_view text) { return of_kind(prepare_text(text), LineKind::root); }

using Lines = std::vector<std::string>;

TEST(Normalise, Table) {
  const std::pair<const char*, const char*> table[] = {
      {"", ""},
      {"Connection REFUSED", "connection refused"},
      {"a  \t b", "a b"},
      {"2026-11-24T17:49:17Z failed", "<ts> failed"},
      {"2026-11-24 17:49:17,123 failed", "<ts> <ts> failed"},
      {"at 12:00:01,123 x", "at <ts> x"},
      {"host 10.0.0.1:5432 down", "host <ip> down"},
      {"id 123e4567-e89b-12d3-a456-426614174000 gone", "id <id> gone"},
      {"https://example.org/a?b=1 failed", "<url:https>?b=<n> failed"},
      {"s3://bucket/key.parquet", "<url:s3>"},
      {"/var/lib/data/part-0001.csv missing", "<path.csv> missing"},
      {"C:\\data\\in.csv missing", "<path.csv> missing"},
      {"./run.sh", "<path.sh>"},
      {"took 1234 ms", "took <n> ms"},
      {"status 404", "status 404"},
      {"exit 137", "exit 137"},
      {"status 299", "status <n>"},
      {"ORA-00942: no table", "ora-00942: no table"},
      {"SQLSTATE 42P01", "sqlstate 42p01"},
      {"0xdeadbeef", "<hex>"},
      {"sha deadbeefdeadbeef01", "sha <hex>"},
      {"executor_17 lost", "executor_# lost"},
      {"task_20240101 of utf8", "task_# of utf8"},
      {"worker12345 and s3", "worker# and s3"},
      {"1,234 rows", "<n> rows"},
      {"pod etl-7f9c8d6b5-x2x4z", "pod etl-<hex>-x2x4z"},
      {"end.", "end."},
      {"Käse", "käse"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(normalise(text), expected) << text;
}

RC_GTEST_PROP(NormaliseProperty, AnyBytesGiveATextOfBoundedLength, ()) {
  const auto bytes = *any::bytes();
  RC_ASSERT(normalise(bytes).size() <= 6 * bytes.size());
}

RC_GTEST_PROP(NormaliseProperty, OtherNumbersGiveTheSameText, ()) {
  const auto numbers = [](unsigned long a, unsigned long b, unsigned long c) {
    return normalise("job " + std::to_string(1000 + a) + " on 10.0." + std::to_string(b % 256) + "." + std::to_string(c % 256) +
                     " at 2026-11-" + std::to_string(10 + a % 20) + "T17:49:17Z, attempt_" + std::to_string(b) + " of run " +
                     std::to_string(1000 + c) + "x");
  };
  const auto any_number = [] { return *rc::gen::inRange<unsigned long>(0, 1'000'000); };
  RC_ASSERT(numbers(any_number(), 100 + any_number(), any_number()) == numbers(any_number(), 100 + any_number(), any_number()));
}

TEST(Prepare, OfAJavaChainTheLastCauseIsTheRoot) {
  const auto text = prepare_text(
      "Exception in thread \"main\" org.apache.spark.SparkException: Job aborted\n"
      "\tat org.apache.spark.Foo.bar(Foo.scala:12)\n"
      "Caused by: java.io.IOException: write failed\n"
      "\tat x.Y.z(Y.java:1)\n"
      "\t... 12 more\n"
      "Caused by: java.net.ConnectException: Connection refused\n"
      "\tat x.Y.z(Y.java:2)\n");
  EXPECT_EQ(of_kind(text, LineKind::root), Lines{"Caused by: java.net.ConnectException: Connection refused"});
  EXPECT_EQ(of_kind(text, LineKind::frame).size(), 4U);
  EXPECT_EQ(text.focus.find("at x.Y.z"), std::string::npos);
  EXPECT_NE(text.focus.find("Job aborted"), std::string::npos);
  EXPECT_NE(text.normal_roots.find("connection refused"), std::string::npos);
  EXPECT_EQ(text.normal_roots.find("job aborted"), std::string::npos);
}

TEST(Prepare, AChainInOneLineIsSeveralLines) {
  EXPECT_EQ(roots("job failed: a.BException: x Caused by: c.DException: y Caused by: e.FException: z"),
            Lines{"Caused by: e.FException: z"});
}

TEST(Prepare, OfAPythonTracebackTheExceptionsAreTheRoots) {
  const auto text = prepare_text(
      "Traceback (most recent call last):\n"
      "  File \"/app/run.py\", line 12, in main\n"
      "    load(path)\n"
      "    ^^^^^^^^^^\n"
      "  File \"/app/load.py\", line 3, in load\n"
      "    raise KeyError(name)\n"
      "KeyError: 'user_id'\n"
      "\n"
      "The above exception was the direct cause of the following exception:\n"
      "\n"
      "Traceback (most recent call last):\n"
      "  File \"/app/run.py\", line 14, in main\n"
      "    raise LoadError() from e\n"
      "app.errors.LoadError: could not load\n");
  EXPECT_EQ(of_kind(text, LineKind::root), (Lines{"KeyError: 'user_id'", "app.errors.LoadError: could not load"}));
  EXPECT_EQ(text.focus.find("load(path)"), std::string::npos);
  EXPECT_EQ(text.focus.find("^^^"), std::string::npos);
}

TEST(Prepare, FramesOfGoNodeRubyAndGdbAreFrames) {
  for (const char* const frame :
       {"goroutine 1 [running]:", "\t/src/main.go:12 +0x1d", "    at Object.<anonymous> (/app/x.js:1:2)",
        "    at async run (file:///x.mjs:3:4)", "   at Program.Main() in C:\\x.cs:line 3", "  from /x.rb:12:in `load'",
        "#3 0x00007f in main", "... 12 more", "java.base/java.lang.Thread.run(Thread.java:829)"}) {
    const auto text = prepare_text("Error: boom\n" + std::string(frame));
    ASSERT_EQ(text.lines.size(), 2U);
    EXPECT_EQ(text.lines[1].kind, LineKind::frame) << frame;
  }
  for (const char* const line :
       {"at the end of the file an error stands", "from users select failed", "#3 is missing", "goroutine leak failed"}) {
    const auto text = prepare_text(line);
    EXPECT_NE(text.lines[0].kind, LineKind::frame) << line;
  }
}

TEST(Prepare, GoPanicAndNodeErrorAreRoots) {
  EXPECT_EQ(
      roots("panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\n")
          .at(0),
      "panic: runtime error: index out of range [5] with length 3");
  EXPECT_EQ(roots("TypeError: Cannot read properties of undefined (reading 'id')\n    at load (/app/x.js:1:2)\n"),
            Lines{"TypeError: Cannot read properties of undefined (reading 'id')"});
}

TEST(Prepare, HealthyLinesOfOthersDoNotTakePart) {
  const auto text =
      prepare_text("2026-01-01 INFO scheduler heartbeat ok\nERROR disk is full\n[info] loaded 12 rows\n2026-01-01 INFO task failed badly");
  EXPECT_EQ(of_kind(text, LineKind::healthy).size(), 2U) << "an INFO line that speaks of a failure is none";
  EXPECT_EQ(text.focus.find("heartbeat"), std::string::npos);
  EXPECT_NE(text.focus.find("disk is full"), std::string::npos);
}

TEST(Prepare, NothingButHealthyLinesIsAllThereIs) {
  const auto text = prepare_text("INFO a\nINFO b");
  EXPECT_EQ(text.focus, "INFO a\nINFO b");
  EXPECT_FALSE(text.normal.empty());
}

TEST(Prepare, EscapeCodesCarriageReturnsAndNulGo) {
  EXPECT_EQ(prepare_text("\x1b[31mERROR\x1b[0m: \x1b[1;4mdisk full\x1b[m").clean, "ERROR: disk full");
  EXPECT_EQ(prepare_text("a\r\nb\r\n").clean, "a\nb\n");
  EXPECT_EQ(prepare_text("10%\r20%\rfailed").clean, "10%\n20%\nfailed");
  EXPECT_EQ(prepare_text(std::string_view("a\0b", 3)).clean, "a b");
  EXPECT_EQ(prepare_text("\x1b]0;title\x07text").clean, "text");
  EXPECT_EQ(prepare_text("\x1b]8;;https://x\x1b\\text\x1b]8;;\x1b\\ end").clean, "text end");
  EXPECT_EQ(prepare_text("\x1b[").clean, "");
  EXPECT_EQ(prepare_text("end\x1b").clean, "end\x1b");
}

TEST(Prepare, ATextInsideAJsonStringIsMadeReal) {
  const auto text = prepare_text(
      R"({"level":"error","message":"Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n    run()\nValueError: bad \"name\"\r\n"})");
  EXPECT_EQ(of_kind(text, LineKind::root), Lines{"ValueError: bad \"name\""});
  EXPECT_EQ(prepare_text("a\\nb\\tc \\\"d\\\"").clean, "a\nb\tc \"d\"");
  EXPECT_EQ(prepare_text("cannot open C:\\new\\x").clean, "cannot open C:\\new\\x") << "a path is none";
  EXPECT_EQ(prepare_text(R"(file "\\nas\in\a.csv" is locked)").clean, R"(file "\\nas\in\a.csv" is locked)") << "a share is none";
}

TEST(Prepare, ALongTextKeepsItsEnds) {
  std::string log = "spark-submit started\n";
  for (int i = 0; i < 20'000; ++i) log += "line " + std::to_string(i) + " of output\n";
  log += "java.lang.OutOfMemoryError: Java heap space\n";
  const auto text = prepare_text(log);
  EXPECT_LE(text.clean.size(), kMostTextBytes);
  EXPECT_TRUE(text.clean.starts_with("spark-submit started"));
  EXPECT_EQ(of_kind(text, LineKind::root), Lines{"java.lang.OutOfMemoryError: Java heap space"});
}

TEST(Prepare, ARepeatedAttemptSaysItOnce) {
  const auto once = prepare_text("ERROR connection to 10.0.0.1 refused"),
             thrice = prepare_text(
                 "2026-01-01T00:00:01Z ERROR connection to 10.0.0.1 refused\n2026-01-01T00:00:02Z ERROR connection to 10.0.0.2 refused\n"
                 "2026-01-01T00:00:04Z ERROR connection to 10.0.0.1 refused");
  EXPECT_EQ(thrice.normal_roots, once.normal_roots);
}

TEST(Prepare, AMovedTextStillHasItsLines) {
  for (const std::string& original : {std::string("boom"), std::string("a longer error text that does not fit in place")}) {
    PreparedText first = prepare_text(original);
    std::vector<PreparedText> kept;
    kept.push_back(std::move(first));
    first = prepare_text("something else");
    ASSERT_EQ(kept[0].lines.size(), 1U);
    EXPECT_EQ(kept[0].lines[0].text, original);
  }
}

RC_GTEST_PROP(PrepareProperty, AnyBytesGiveLinesOfTheCleanTextInOrder, ()) {
  const auto bytes = *any::bytes();
  const PreparedText text = prepare_text(bytes);
  const char* at = text.clean.data();
  for (const TextLine& line : text.lines) {
    RC_ASSERT((line.text.data() >= at && line.text.data() + line.text.size() <= text.clean.data() + text.clean.size()));
    at = line.text.data() + line.text.size();
  }
  RC_ASSERT(text.clean.find('\0') == std::string::npos);
  if (!trim(text.clean).empty()) RC_ASSERT(!text.focus.empty());
}

RC_GTEST_PROP(PrepareProperty, PiecesOfRealLogsInAnyOrderHarmNothing, ()) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"Caused by: ",
                                                                 "\n",
                                                                 "\tat a.B.c(D.java:1)\n",
                                                                 "Traceback (most recent call last):\n",
                                                                 "  File \"x\", line 1, in f\n",
                                                                 "    code()\n",
                                                                 "ValueError: x",
                                                                 "\\n",
                                                                 "\\\"",
                                                                 "\x1b[",
                                                                 "\x1b]",
                                                                 "\x1b",
                                                                 "\r",
                                                                 "[",
                                                                 "]",
                                                                 "{",
                                                                 "}",
                                                                 "<ts>",
                                                                 "INFO ",
                                                                 "ERROR ",
                                                                 "2026-01-01T00:00:00Z ",
                                                                 "stderr F ",
                                                                 "error",
                                                                 ":",
                                                                 "|",
                                                                 " "});
  std::string log;
  for (const auto& one : *rc::gen::container<std::vector<std::string>>(piece)) log += one;
  const PreparedText text = prepare_text(log);
  if (trim(text.clean).empty()) return;
  RC_ASSERT(!text.focus.empty());
}

}  // namespace
}  // namespace mend
