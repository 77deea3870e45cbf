#include "diagnose/evaluation/svg.h"

#include <fmt/format.h>

#include "base/text.h"

namespace mend {

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : to_valid_utf8(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, std::string_view css) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", css, x1, y1, x2, y2);
}

void SvgCanvas::rectangle(double x, double y, double width, double height, std::string_view css, double opacity) {
  body_ += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill-opacity=\"{:.2f}\"/>\n", css,
                       x, y, width, height, opacity);
}

void SvgCanvas::dot(double x, double y, double radius, std::string_view css, std::string_view says) {
  body_ += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>{}</title></circle>\n", css, x, y, radius,
                       xml_text(says));
}

void SvgCanvas::polyline(std::string_view points, std::string_view css) {
  body_ += fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", css, points);
}

void SvgCanvas::text(double x, double y, std::string_view words, std::string_view css, Anchor anchor, double turn) {
  const std::string_view name = anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
  const std::string turned = turn == 0 ? std::string() : fmt::format(" transform=\"rotate({:.0f} {:.1f} {:.1f})\"", turn, x, y);
  body_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", css, x, y, name, turned,
                       xml_text(words));
}

std::string SvgCanvas::document(double width, double height, std::string_view title, std::string_view style) const {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n"
      "<title>{2}</title>\n<style>\n{3}</style>\n<rect class=\"paper\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n{4}</svg>\n",
      width, height, xml_text(title), style, body_);
}

}  // namespace mend
