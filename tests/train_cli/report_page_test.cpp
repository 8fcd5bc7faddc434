#include "train_cli/report_page.h"

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "support/files.h"
#include "train_cli/run_report.h"

namespace easel::train_cli {
namespace {

using testing::read_file;
using testing::TemporaryFolder;

std::vector<train::LogRow> log_of(int steps) {
    std::vector<train::LogRow> log;
    for (int step = 1; step <= steps; ++step)
        log.push_back(
            {.step = step, .seconds = 0.5 * step, .loss = 1.0 / step, .gradient_norm = 1, .learning_rate = 1e-3});
    return log;
}

pugi::xml_document parsed(const std::string& page) {
    pugi::xml_document document;
    const auto result = document.load_string(page.c_str());
    EXPECT_TRUE(result) << result.description() << " at " << result.offset;
    return document;
}

TEST(ReportPage, ShowsTheCourseOfTheRunWithoutScriptsOrOtherFiles) {
    Report report{.title = "a <run>", .steps = 2000, .log = log_of(1000), .settings = {{"loss", "min-snr & more"}}};
    report.measured = {{.step = 500, .losses = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}, {.step = 1000, .losses = {0.125}}};
    report.looks = {{.step = 1000, .figures = {{.picture = {1, 1, {1, 2, 3}}, .caption = "a \"cat\""}}}};
    const std::string page = report_page(report);
    for (const char* part :
         {"a &lt;run&gt;", "Step 1000 of 2000", "min-snr &amp; more", "step 1000", "0.1250", "http-equiv=\"refresh\""})
        EXPECT_NE(page.find(part), std::string::npos) << part;
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("src=\"http"), std::string::npos);
    const auto document = parsed(page);
    const auto plots = document.select_nodes("//svg");
    ASSERT_EQ(plots.size(), 4U);
    const std::string points = plots[0].node().child("polyline").attribute("points").value();
    const auto count = std::ranges::count(points, ',');
    EXPECT_TRUE(count > 100 && count <= 300) << count;
}

TEST(ReportPage, OfAFinishedRunIsNotLoadedAnew) {
    const std::string page = report_page({.title = "run", .steps = 3, .log = log_of(3)});
    EXPECT_EQ(page.find("http-equiv"), std::string::npos);
    EXPECT_EQ(page.find("<h2>Pictures"), std::string::npos);
    EXPECT_EQ(page.find("<h2>Loss by timestep"), std::string::npos);
    parsed(page);
}

TEST(ReportPage, IsWrittenBeforeTheFirstStep) {
    EXPECT_NE(report_page({.title = "run", .steps = 3}).find("No step is done yet"), std::string::npos);
}

TEST(RunReport, ShowsWhatCheckpointsBeforeItFound) {
    const TemporaryFolder folder;
    const train::RunFolder run{.path = folder.path()};
    easel::testing::write_file(run.log(), "step,seconds,loss,gradient_norm,learning_rate\n1,0.5,0.25,1,0.001\n");
    const nlohmann::ordered_json identity = {{"loss", "simple"}, {"steps", 40}};
    const auto add = [&](std::int64_t step) {
        RunReport report(run, "run", 40, identity, {"one", "two"});
        report.add(step, std::array<double, 10>{static_cast<double>(step)}, train::Tensor(torch::zeros({2, 3, 4, 4})));
    };
    for (std::int64_t step = 1; step <= 30; ++step) add(step);
    add(30);
    const std::string page = read_file(folder / "report.html");
    const auto document = parsed(page);
    const auto rows = document.select_nodes("//div[@class='row']");
    EXPECT_TRUE(rows.size() >= 12 && rows.size() <= 13) << rows.size();
    EXPECT_NE(page.find("step 1<"), std::string::npos);
    EXPECT_NE(page.find("step 30<"), std::string::npos);
    EXPECT_EQ(rows[0].node().select_nodes("figure").size(), 2U);
    const std::string validation = read_file(folder / "validation.csv");
    EXPECT_EQ(std::ranges::count(validation, '\n'), 31);
    EXPECT_NE(page.find("<code>loss</code>"), std::string::npos);
}

}  // namespace
}  // namespace easel::train_cli
