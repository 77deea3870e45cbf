// The picture of an evaluation: one well-formed document with everything in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stack>

#include "diagnose/evaluation/plot.h"
#include "diagnose/evaluation/svg.h"
#include "support/property.h"

namespace mend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Every element is closed, in the right order; attributes are not looked at.
bool is_well_formed(std::string_view xml) {
  std::stack<std::string> open;
  for (auto at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const auto end = xml.find('>', at);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    const std::string name(tag.substr(0, tag.find(' ')));
    if (!name.starts_with('/')) {
      open.push("/" + name);
    } else {
      if (open.empty() || open.top() != name) return false;
      open.pop();
    }
  }
  return open.empty();
}

int count(std::string_view text, std::string_view part) {
  int out = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++out;
  return out;
}

std::vector<Judged> rows(int how_many) {
  std::vector<Judged> out;
  for (int i = 0; i < how_many; ++i) {
    Judged one;
    one.label = kErrorTypes[std::size_t(i) % kErrorTypeCount];
    one.verdict = i % 7 ? one.label : ErrorType::unknown_error;
    one.confidence = 0.2 + 0.79 * double(i) / how_many;
    one.platform = "<script>alert('platform')</script>";
    one.id = "secret-id";
    out.push_back(one);
  }
  return out;
}

TEST(EvaluationPlot, IsOneDocumentWithAllThree) {
  const std::string svg = evaluation_svg(compute_figures(rows(300)));
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_TRUE(svg.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* part : {"Evaluation on 300 labelled messages", "Reliability", "Risk and coverage", "confidence 0.75", "Confusion",
                           "prefers-color-scheme:dark"})
    EXPECT_THAT(svg, HasSubstr(part));
  EXPECT_EQ(count(svg, "<circle class=\"dot\""), 15);
  EXPECT_EQ(count(svg, ">20</text>"), 15);  // the bins' counts
  EXPECT_EQ(count(svg, "class=\"cell\""), int(kErrorTypeCount * kErrorTypeCount));
  for (const ErrorType type : kErrorTypes) EXPECT_THAT(svg, HasSubstr(std::string(to_string(type)) + " ("));
  EXPECT_EQ(svg, evaluation_svg(compute_figures(rows(300))));
}

TEST(EvaluationPlot, HoldsNoTextOfAMessageAndLoadsNothing) {
  const std::string svg = evaluation_svg(compute_figures(rows(50)));
  for (const char* part : {"script", "secret-id", "href", "url(", "@import", "nan", "inf"}) EXPECT_THAT(svg, Not(HasSubstr(part))) << part;
}

TEST(EvaluationPlot, StandsForFewRowsToo) {
  for (const int n : {0, 1, 2, 14}) {
    const std::string svg = evaluation_svg(compute_figures(rows(n)));
    EXPECT_TRUE(is_well_formed(svg)) << n;
    EXPECT_THAT(svg, Not(HasSubstr("nan"))) << n;
  }
}

RC_GTEST_PROP(EvaluationPlot, TextNeverBecomesMarkup, ()) {
  const std::string text = xml_text(*any::bytes());
  RC_ASSERT(text.find_first_of("<>\"") == std::string::npos);
  for (const char c : text) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
}

}  // namespace
}  // namespace mend
