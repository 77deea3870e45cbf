#include <fmt/format.h>

#include "diagnose/evaluation/plot_parts.h"

namespace mend {
namespace {

using Anchor = SvgCanvas::Anchor;
constexpr double kStrongest = 0.62;  // of a cell's colour: its number stays readable

}  // namespace

void draw_confusion(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures) {
  constexpr double kSide = double(kErrorTypeCount);
  const double width = place.width / kSide, height = place.height / kSide;
  canvas.text(40, place.top - 100, "Confusion", "h");
  canvas.text(40, place.top - 80,
              "rows: what it is (an accepted alternative counts as that); columns: what was said; colour: part of the row", "s");
  for (std::size_t truth = 0; truth < kErrorTypeCount; ++truth) {
    const double y = place.top + double(truth) * height;
    canvas.text(place.left - 8, y + height / 2 + 4, fmt::format("{} ({})", to_string(kErrorTypes[truth]), figures.types[truth].count), "t",
                Anchor::end);
    canvas.text(place.left + (double(truth) + 0.5) * width - 10, place.top - 8, to_string(kErrorTypes[truth]), "s", Anchor::start, -22);
    for (std::size_t said = 0; said < kErrorTypeCount; ++said) {
      const double x = place.left + double(said) * width;
      const std::uint64_t count = figures.matrix[truth][said];
      canvas.rectangle(x + 1, y + 1, width - 2, height - 2, "cell");
      if (count == 0) continue;
      // A single mistake among many still shows.
      const double share = double(count) / double(figures.types[truth].count);
      canvas.rectangle(x + 1, y + 1, width - 2, height - 2, truth == said ? "good" : "bad", kStrongest * (0.15 + 0.85 * share));
      canvas.text(x + width / 2, y + height / 2 + 4, fmt::format("{}", count), "t", Anchor::middle);
    }
  }
}

}  // namespace mend
