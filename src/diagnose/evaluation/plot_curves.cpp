#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "diagnose/evaluation/intervals.h"
#include "diagnose/evaluation/plot_parts.h"

namespace mend {
namespace {

using Anchor = SvgCanvas::Anchor;

// Frame, grid and numbers; the left axis ends at `top`.
void draw_frame(SvgCanvas& canvas, const PlotPlace& place, std::string_view title, std::string_view below, std::string_view beside,
                double top) {
  canvas.text(place.left, place.top - 18, title, "h");
  for (int i = 0; i <= 5; ++i) {
    const double share = i / 5.0;
    canvas.line(place.left, place.y(share), place.x(1), place.y(share), "grid");
    canvas.line(place.x(share), place.top, place.x(share), place.y(0), "grid");
    canvas.text(place.left - 8, place.y(share) + 4, fmt::format("{:.{}f}", share * top, top < 0.5 ? 2 : 1), "s", Anchor::end);
    canvas.text(place.x(share), place.y(0) + 18, fmt::format("{:.1f}", share), "s", Anchor::middle);
  }
  canvas.line(place.left, place.y(0), place.x(1), place.y(0), "axis");
  canvas.line(place.left, place.top, place.left, place.y(0), "axis");
  canvas.text(place.x(0.5), place.y(0) + 38, below, "t", Anchor::middle);
  canvas.text(place.left - 46, place.y(0.5), beside, "t", Anchor::middle, -90);
}

}  // namespace

void draw_reliability(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures) {
  draw_frame(canvas, place, "Reliability", "confidence (mean of a bin)", "part that is right", 1);
  canvas.line(place.x(0), place.y(0), place.x(1), place.y(1), "ideal");
  for (const ReliabilityBin& bin : figures.reliability) {
    const Interval interval = wilson(std::uint64_t(std::llround(bin.accuracy * double(bin.count))), bin.count);
    canvas.line(place.x(bin.confidence), place.y(interval.low), place.x(bin.confidence), place.y(interval.high), "bar");
    canvas.dot(place.x(bin.confidence), place.y(bin.accuracy), 4.5, "dot",
               fmt::format("{} messages, confidence {:.3f} to {:.3f}: {:.1f} % right", bin.count, bin.least, bin.most, bin.accuracy * 100));
  }
  // The bins lie close together at the upper end, so their counts stand in a table of their own.
  const double row = place.y(0) + 66;
  canvas.text(place.left - 8, row, "bin from", "s", Anchor::end);
  canvas.text(place.left - 8, row + 16, "right, %", "s", Anchor::end);
  canvas.text(place.left - 8, row + 32, "n", "s", Anchor::end);
  for (std::size_t i = 0; i < figures.reliability.size(); ++i) {
    const ReliabilityBin& bin = figures.reliability[i];
    const double x = place.x((double(i) + 0.5) / double(figures.reliability.size()));
    canvas.text(x, row, fmt::format("{:.2f}", bin.least), "s", Anchor::middle);
    canvas.text(x, row + 16, fmt::format("{:.0f}", bin.accuracy * 100), "s", Anchor::middle);
    canvas.text(x, row + 32, fmt::format("{}", bin.count), "s", Anchor::middle);
  }
}

void draw_risk_coverage(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures) {
  double highest = 1 - figures.auto_precision;
  for (const RiskPoint& point : figures.risk_coverage) highest = std::max(highest, point.risk);
  const double top = std::clamp(std::ceil(highest * 20) / 20, 0.05, 1.0);
  draw_frame(canvas, place, "Risk and coverage", "part of the messages that is acted on", "part of them that is wrong", top);
  // Points nearer than a tenth of a pixel cannot be told apart.
  std::string points;
  double last = -1;
  for (const RiskPoint& point : figures.risk_coverage) {
    const double x = place.x(point.coverage);
    if (x - last < 0.1 && &point != &figures.risk_coverage.back()) continue;
    last = x;
    points += fmt::format("{:.1f},{:.1f} ", x, place.y(point.risk / top));
  }
  canvas.polyline(points, "curve");
  const double x = place.x(figures.auto_coverage);
  canvas.line(x, place.top, x, place.y(0), "mark");
  if (figures.auto_coverage > 0) canvas.dot(x, place.y((1 - figures.auto_precision) / top), 5, "markd", "the automatic tier");
  const bool right_half = figures.auto_coverage > 0.5;
  canvas.text(x + (right_half ? -6 : 6), place.top + 14, fmt::format("confidence {:.2f}", kAutoFrom), "markt",
              right_half ? Anchor::end : Anchor::start);
  canvas.text(
      x + (right_half ? -6 : 6), place.top + 30,
      fmt::format("coverage {:.3f}, wrong {:.3f}", figures.auto_coverage, figures.auto_coverage > 0 ? 1 - figures.auto_precision : 0),
      "markt", right_half ? Anchor::end : Anchor::start);
}

}  // namespace mend
