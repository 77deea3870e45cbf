// `mendline eval`: figures, intervals, tables, the picture, and what it refuses.
#include "cli_fixture.h"

namespace mend {
namespace {

class Eval : public Cli {
 protected:
  static constexpr const char* kDenied = "psycopg2.errors.InsufficientPrivilege: permission denied for table berths";
  static constexpr const char* kMemory = "java.lang.OutOfMemoryError: Java heap space";

  static std::string line(const std::string& id, const std::string& message, const std::string& label, const std::string& platform) {
    return boost::json::serialize(boost::json::object{{"id", id}, {"message", message}, {"label", label}, {"platform", platform}}) + "\n";
  }
  // Four that are right and one whose label is wrong on purpose.
  std::string write_rows() const {
    write_text(folder() / "rows.jsonl",
               line("r-1", kDenied, "permission_denied", "postgresql") + line("r-2", kMemory, "resource_exhaustion", "spark") + "\n" +
                   line("r-3", "Connection timed out after 30 seconds", "network_timeout", "spark") +
                   line("r-4", "ModuleNotFoundError: No module named 'pandas'", "missing_dependency", "") +
                   line("r-5", std::string(kMemory) + " while reading, password=hunter2-Zk49xQ7w " + std::string(200, 'x'),
                        "data_corruption", "spark"));
    return "rows.jsonl";
  }
};

TEST_F(Eval, GivesAllFiguresAsJson) {
  const auto report = json({"eval", write_rows(), "--json"});
  EXPECT_EQ(report.at("n"), 5);
  EXPECT_DOUBLE_EQ(report.at("accuracy").to_number<double>(), 0.8);
  for (const char* figure :
       {"accuracy", "accuracy_alt", "macro_f1", "macro_f1_alt", "ece", "auto_coverage", "auto_precision", "coverage_at_p98"}) {
    const auto& interval = report.at("intervals").at(figure).as_array();
    const double value = report.at(figure).to_number<double>();
    EXPECT_LE(interval.at(0).to_number<double>(), value) << figure;
    EXPECT_GE(interval.at(1).to_number<double>(), value) << figure;
  }
  EXPECT_GT(report.at("p99_ms").to_number<double>(), 0);
  EXPECT_EQ(text(report.at("platforms").as_array().front(), "platform"), "spark");
  EXPECT_EQ(report.at("platforms").as_array().front().at("n"), 3);
  EXPECT_EQ(report.at("reliability").as_array().size(), 5U);
  EXPECT_FALSE(report.at("risk_coverage").as_array().empty());
  EXPECT_EQ(report.at("confusion").at("data_corruption -> resource_exhaustion"), 1);
  EXPECT_EQ(report.at("types").at("permission_denied").at("recall").to_number<double>(), 1.0);
  EXPECT_EQ(report.at("slowest").as_array().size(), 5U);
  const auto& wrong = report.at("confidently_wrong").as_array();
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(text(wrong.front(), "id"), "r-5");
  EXPECT_EQ(text(wrong.front(), "label"), "data_corruption");
  EXPECT_EQ(text(wrong.front(), "said"), "resource_exhaustion");
  EXPECT_THAT(text(wrong.front(), "message"), HasSubstr("OutOfMemoryError"));
}

TEST_F(Eval, ShowsPeopleTheSameAndNoSecret) {
  const Ran people = run({"eval", write_rows()});
  EXPECT_EQ(people.status, 0) << people.err;
  for (const char* part : {"macro_f1_alt", "[", "type (alt accepted)", "platform", "acting from", "0.75 (auto)", "most confidently wrong",
                           "r-5", "slowest", "(none given)"})
    EXPECT_THAT(people.out, HasSubstr(part));
  for (const Ran& ran : {people, run({"eval", "rows.jsonl", "--json"})}) {
    EXPECT_THAT(ran.out, Not(HasSubstr("hunter2")));
    EXPECT_THAT(ran.out, Not(HasSubstr(std::string(120, 'x'))));  // only the beginning
  }
  EXPECT_THAT(run({"eval", "rows.jsonl", "--misses", "0"}).out, Not(HasSubstr("confidently wrong")));
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(Eval, WritesThePictureOrSaysWhyNot) {
  const std::string rows = write_rows();
  EXPECT_EQ(run({"eval", rows, "--plot", "out.svg"}).status, 0);
  const std::string svg = file_text(folder() / "out.svg");
  EXPECT_THAT(svg, HasSubstr("Evaluation on 5 labelled messages"));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
  EXPECT_THAT(svg, Not(HasSubstr("hunter2")));
  const Ran nowhere = run({"eval", rows, "--plot", "no/such/folder/out.svg"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("--plot: "));
  EXPECT_THAT(nowhere.err, HasSubstr("no/such/folder"));
  EXPECT_EQ(nowhere.out, "");
  const Ran both = run({"eval", rows, "--plot", "out.svg", "--fit", "fit.yaml"});
  EXPECT_EQ(both.status, 2);
}

TEST_F(Eval, RefusesWhatIsNotLabelled) {
  write_text(folder() / "bad.jsonl", line("r-1", kDenied, "permission_denied", "") + "{\"message\":\"x\",\"label\":\"sunspots\"}\n");
  const Ran label = run({"eval", "bad.jsonl"});
  EXPECT_EQ(label.status, 2);
  EXPECT_THAT(label.err, HasSubstr("bad.jsonl:2: field 'label': no error type 'sunspots'"));
  write_text(folder() / "empty.jsonl", "\n\n");
  EXPECT_EQ(run({"eval", "empty.jsonl"}).status, 2);
  EXPECT_EQ(run({"eval", "missing.jsonl"}).status, 1);
  EXPECT_EQ(run({"eval", "bad.jsonl", "--misses", "-1"}).status, 2);
}

}  // namespace
}  // namespace mend
