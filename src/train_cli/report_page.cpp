#include "train_cli/report_page.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cli/console.h"
#include "html/plot.h"

namespace easel::train_cli {
namespace {

using train::LogRow;

/// More points than that are drawn as their means.
constexpr std::size_t most_points = 300;

/// A column of the log over the steps.
Curve curve(const std::vector<LogRow>& log, std::string name, double LogRow::*column) {
    Curve result{.name = std::move(name)};
    const std::size_t stride = (log.size() + most_points - 1) / most_points;
    for (std::size_t begin = 0; begin < log.size(); begin += stride) {
        const std::size_t end = std::min(begin + stride, log.size());
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) sum += log[i].*column;
        result.x.push_back(static_cast<double>(log[end - 1].step));
        result.y.push_back(sum / static_cast<double>(end - begin));
    }
    return result;
}

/// A plot over the steps; logarithmic where its values span a power of ten, without which such an axis has no labels.
Plot over_steps(std::string title, std::vector<Curve> curves) {
    double least = std::numeric_limits<double>::infinity(), most = 0;
    for (const Curve& curve : curves)
        for (const double y : curve.y) least = std::min(least, y), most = std::max(most, y);
    return {.title = std::move(title),
            .x_label = "step",
            .logarithmic = least > 0 && most > 10 * least,
            .curves = std::move(curves)};
}

std::string plots(const std::vector<std::string>& svgs) {
    std::string out = R"(<div class="plots">)";
    for (const std::string& svg : svgs) out += svg;
    return out + "</div>\n";
}

std::string course(const Report& report) {
    const auto plot = [&](const char* title, double LogRow::*column) {
        return svg(over_steps(title, {curve(report.log, title, column)}));
    };
    return plots({plot("loss", &LogRow::loss), plot("learning rate", &LogRow::learning_rate),
                  plot("length of the gradient", &LogRow::gradient_norm)});
}

std::string tenth(std::size_t i) { return fmt::format("{} to {} %", 10 * i, 10 * (i + 1)); }

std::string measured_section(const std::vector<Measured>& measured) {
    if (measured.empty()) return "";
    std::vector<Curve> curves;
    std::vector<std::string> head = {"timesteps"}, first = {"first"}, last = {"last"};
    for (std::size_t i = 0; i < measured.front().losses.size(); ++i) {
        Curve curve{.name = tenth(i)};
        for (const Measured& at : measured) {
            curve.x.push_back(static_cast<double>(at.step));
            curve.y.push_back(at.losses[i]);
        }
        curves.push_back(std::move(curve));
        head.push_back(tenth(i));
        first.push_back(fmt::format("{:.4f}", measured.front().losses[i]));
        last.push_back(fmt::format("{:.4f}", measured.back().losses[i]));
    }
    return "<h2>Loss by timestep</h2>\n<p>The mean squared error of the prediction for each tenth of the timesteps, "
           "from "
           "little noise to much, on the same pictures and noise each time.</p>\n" +
           plots({svg(over_steps("loss by timestep", std::move(curves)))}) + table(head, {first, last});
}

std::string looks_section(const std::vector<Look>& looks) {
    if (looks.empty()) return "";
    std::string out = "<h2>Pictures</h2>\n";
    for (const Look& look : looks) out += figure_row(fmt::format("step {}", look.step), look.figures);
    return out;
}

std::string settings_section(const Report& report) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [key, value] : report.settings)
        rows.push_back({"<code>" + escaped(key) + "</code>", escaped(value)});
    return R"(<h2>Settings</h2><div class="words">)" + table({"setting", "value"}, rows) + "</div>\n";
}

std::string summary(const Report& report) {
    if (report.log.empty()) return "<p>No step is done yet.</p>\n";
    const LogRow& last = report.log.back();
    return fmt::format("<p>Step {} of {}, after {}. The loss was {:.4f}, the learning rate {:.2e}.</p>\n", last.step,
                       report.steps, cli::duration_text(last.seconds), last.loss, last.learning_rate);
}

}  // namespace

std::string report_page(const Report& report) {
    const bool goes_on = report.log.empty() || report.log.back().step < report.steps;
    return fmt::format(
        R"(<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en">
<head>
<meta charset="utf-8"/>{}
<title>{}</title>
<style>{}</style>
</head>
<body>
<h1>{}</h1>
{}{}{}{}{}</body>
</html>
)",
        goes_on ? R"(<meta http-equiv="refresh" content="60"/>)" : "", escaped(report.title), page_style(),
        escaped(report.title), summary(report), course(report), measured_section(report.measured),
        looks_section(report.looks), settings_section(report));
}

}  // namespace easel::train_cli
