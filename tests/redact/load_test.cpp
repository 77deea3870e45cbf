// What a bad file of patterns is told: file, line, kind and reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redact/redactor.h"

namespace mend {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kGood = R"(harmless: [none]
patterns:
  - kind: ticket
    match: 'TICKET-(?P<secret>\d{4,})'
    examples:
      - {text: 'see TICKET-{}12345', want: 'see TICKET-[redacted:ticket]'}
    counter_examples: ['TICKET-1']
)";

std::string changed(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string why(const std::string& yaml) {
  auto loaded = Redactor::load(yaml, "s.yaml");
  if (loaded) return "(it loaded)";
  EXPECT_EQ(loaded.error().kind, ErrorKind::invalid_input);
  return loaded.error().message;
}

TEST(LoadSecrets, SmallFileWorks) {
  auto loaded = Redactor::load(kGood, "s.yaml");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->redact("TICKET-1234567 and TICKET-9999"), "TICKET-[redacted:ticket] and TICKET-[redacted:ticket]");
}

TEST(LoadSecrets, UnknownKey) {
  EXPECT_THAT(why(changed("    counter_examples:", "    counter_exampels:")),
              AllOf(HasSubstr("s.yaml:7: ticket: unknown key 'counter_exampels'"), HasSubstr("did you mean 'counter_examples'")));
  EXPECT_THAT(why(changed("patterns:", "pattern:")), HasSubstr("s.yaml:2: unknown key 'pattern'"));
  EXPECT_THAT(why(changed(", want:", ", wanted:")), HasSubstr("s.yaml:6: ticket: unknown key 'wanted'"));
}

TEST(LoadSecrets, DuplicateKeyAndDuplicatePattern) {
  EXPECT_THAT(why(changed("    examples:", "    kind: other\n    examples:")), HasSubstr("s.yaml:5: ticket: duplicate key 'kind'"));
  const std::string entry(kGood.substr(kGood.find("  - kind:")));
  EXPECT_THAT(why(std::string(kGood) + entry), HasSubstr("s.yaml:8: ticket: this pattern is given twice"));
}

TEST(LoadSecrets, InvalidPatterns) {
  EXPECT_THAT(why(changed("'TICKET-(?P<secret>\\d{4,})'", "'TICKET-(?P<secret>\\d{4,}'")),
              AllOf(HasSubstr("s.yaml:3: ticket:"), HasSubstr("no valid pattern")));
  EXPECT_THAT(why(changed("'TICKET-(?P<secret>\\d{4,})'", "'(?:TICKET-\\d+)?'")), HasSubstr("matches the empty text"));
  EXPECT_THAT(why(changed("(?P<secret>", "(?P<number>")), HasSubstr("the only named capture is 'secret'"));
  EXPECT_THAT(why(changed("    examples:", "    except: '('\n    examples:")), HasSubstr("'except' is no valid pattern"));
  EXPECT_THAT(why(changed("    examples:", "    extend: maybe\n    examples:")), HasSubstr("s.yaml:5: ticket: 'extend' is true or false"));
  EXPECT_THAT(why(changed("    examples:", "    check: lunh\n    examples:")), HasSubstr("unknown check 'lunh'"));
  EXPECT_THAT(why(changed("TICKET-(?P", "%{nothing}TICKET-(?P")), HasSubstr("unknown fragment '%{nothing}'"));
  EXPECT_THAT(why(changed("kind: ticket", "kind: Ticket!")), HasSubstr("must be of a-z"));
  EXPECT_THAT(why(changed("    examples:", "    anchor: '(?=x)'\n    examples:")), HasSubstr("'anchor' is no valid pattern"));
  EXPECT_THAT(why(changed("    examples:", "    anchor: 'x*'\n    examples:")),
              AllOf(HasSubstr("s.yaml:3: ticket:"), HasSubstr("the scanner refuses it")));
  EXPECT_THAT(why(changed("TICKET-(?P", "\\QTICKET-\\E(?P")), HasSubstr("no \\Q"));
}

TEST(LoadSecrets, ExamplesThatDoNotHold) {
  EXPECT_THAT(why(changed("TICKET-{}12345", "TICKET-{}123")),
              AllOf(HasSubstr("s.yaml:6: ticket: the example becomes 'see TICKET-123'"), HasSubstr("wanted")));
  EXPECT_THAT(why(changed("'TICKET-1'", "'TICKET-1234'")),
              HasSubstr("the example becomes 'TICKET-[redacted:ticket]', wanted 'TICKET-1234'"));
  EXPECT_THAT(why(changed("[redacted:ticket]'", "[redacted:other]'")), HasSubstr("does not hold [redacted:ticket]"));
  EXPECT_THAT(why(changed("      - {text: 'see TICKET-{}12345', want: 'see TICKET-[redacted:ticket]'}\n", "")),
              HasSubstr("an example is missing"));
  // A pattern that finds nothing itself cannot hide behind another of the same kind.
  const std::string dead = R"(  - kind: ticket
    match: 'NEVER-(?P<secret>\d{4,})'
    examples:
      - {text: 'TICKET-1234', want: 'TICKET-[redacted:ticket]'}
)";
  EXPECT_THAT(why(std::string(kGood) + dead), HasSubstr("s.yaml:8: ticket: none of its examples is found by this pattern"));
}

TEST(LoadSecrets, BrokenFiles) {
  EXPECT_THAT(why("patterns: ["), HasSubstr("s.yaml:"));
  EXPECT_THAT(why("patterns: \xff\xfe"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(why("patterns: []"), HasSubstr("no patterns"));
  EXPECT_THAT(why(""), HasSubstr("s.yaml:1"));
  EXPECT_THAT(why("- a\n- b\n"), HasSubstr("a map is expected"));
}

}  // namespace
}  // namespace mend
