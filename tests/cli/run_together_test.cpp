// One job drawn by several processes.

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/contact_sheet.h"

namespace easel::testing {
namespace {

using Names = std::vector<std::string>;

constexpr int pictures = 40;

std::string seeds(int count) {
    std::string list = "seed = [1";
    for (int seed = 2; seed <= count; ++seed) list += ", " + std::to_string(seed);
    return list + "]\n";
}

class RunTogether : public ProgramTest {
  protected:
    void job(const std::string& text, const std::string& name = "job.toml") const {
        std::ofstream(folder / name) << "model = \"" << tiny_model() << "\"\nprompt = \"a fox\"\noutput = \"f.png\"\n"
                                     << text;
    }

    /// Expects that each picture was drawn by one process, the sheet too, and that nothing else is left.
    void expect_each_once(const std::vector<Ended>& all, int count) const {
        std::map<std::string, int> drawn;
        for (const Ended& ended : all) {
            EXPECT_EQ(ended.exit_code, 0) << ended.err;
            std::istringstream lines(ended.out);
            for (std::string line; std::getline(lines, line);) ++drawn[line.substr(0, line.find(' '))];
        }
        for (const auto& [name, times] : drawn) EXPECT_EQ(times, 1) << name;
        EXPECT_EQ(drawn.size(), static_cast<std::size_t>(count + (can_write_labels() ? 1 : 0)));
        expect_whole(count);
    }

    void expect_whole(int count) const {
        Names expected = {"job.toml"};
        if (can_write_labels()) expected.push_back("job-sheet.png");
        for (int i = 1; i <= count; ++i) expected.push_back("f-" + std::to_string(i) + ".png");
        std::ranges::sort(expected);
        EXPECT_EQ(files(), expected);
    }

    std::vector<Ended> run_at_once(const std::vector<Names>& calls, const std::string& rank = "") const {
        std::vector<std::unique_ptr<Program>> programs;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            Surroundings surroundings;
            if (!rank.empty())
                surroundings.environment = {{rank + "RANK", std::to_string(i)},
                                            {rank + "SIZE", std::to_string(calls.size())}};
            programs.push_back(std::make_unique<Program>(folder.path(), calls[i], surroundings));
        }
        std::vector<Ended> all;
        for (const auto& program : programs) all.push_back(program->end());
        return all;
    }
};

TEST_F(RunTogether, TwoProcessesDrawEachPictureOnce) {
    job("steps = 3\n" + seeds(pictures));
    const Names call = {"run", "job.toml", "--together"};
    expect_each_once(run_at_once({call, call}, "PMI_"), pictures);
}

TEST_F(RunTogether, TwoPlainRunsDrawEachPictureOnce) {
    job("steps = 3\n" + seeds(pictures));
    expect_each_once(run_at_once({{"run", "job.toml"}, {"run", "job.toml"}}), pictures);
}

TEST_F(RunTogether, OneGoesOnWhenAnotherIsKilled) {
    job("steps = 40\n" + seeds(8));
    Program killed(folder.path(), {"run", "job.toml", "--together"});
    ASSERT_TRUE(killed.wait_for("denoise step 2/"));
    Program other(folder.path(), {"run", "job.toml", "--together"});
    ASSERT_TRUE(other.wait_for("denoise step 2/"));
    killed.send(SIGKILL);
    EXPECT_EQ(killed.end().exit_code, 128 + SIGKILL);
    const Ended ended = other.end();
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_LT(ended.seconds, 60.0) << "the machine knows that its process has ended, without waiting for a lease";
    Names left = files();
    std::erase_if(left, [](const std::string& name) { return name.starts_with(".f-"); });  // not a lease old yet
    EXPECT_EQ(left.size(), 8u + (can_write_labels() ? 2u : 1u));
}

TEST_F(RunTogether, OneThatIsStoppedLeavesItsPicturesToTheNext) {
    job("steps = 200\n" + seeds(2));
    Program stopped(folder.path(), {"run", "job.toml", "--together"});
    ASSERT_TRUE(stopped.wait_for("denoise step 2/"));
    stopped.send(SIGTERM);
    EXPECT_EQ(stopped.end().exit_code, 130);
    Names left = files();
    ASSERT_EQ(left.size(), 2u);
    EXPECT_TRUE(left.front().starts_with(".easel-job-"));
    job("steps = 200\n" + seeds(2));
    expect_each_once({easel({"run", "job.toml", "--together"})}, 2);
}

TEST_F(RunTogether, APictureThatCannotBeDrawnDoesNotKeepTheOthers) {
    job("steps = 1\nseed = 1\nheight = 64\nwidth = [64, 1024]\n");
    const Ended ended = easel({"run", "job.toml", "--together"}, {.environment = {}, .largest_file = 60'000});
    EXPECT_EQ(ended.exit_code, 1);
    expect_says(ended.err, {"1 of 2 pictures were not drawn: ", "f-2.png: cannot be written", "File too large"});
    EXPECT_EQ(ended.out, "f-1.png (seed 1)\n");
    EXPECT_EQ(easel({"run", "job.toml"}).exit_code, 0);
    expect_whole(2);
}

TEST_F(RunTogether, SheetOnlyNamesWhatIsMissing) {
    if (!can_write_labels()) GTEST_SKIP() << "no font is installed";
    job("steps = 1\n" + seeds(7));
    EXPECT_EQ(easel({"run", "job.toml", "--no-sheet"}).exit_code, 0);
    std::filesystem::remove(folder / "f-3.png");
    std::filesystem::resize_file(folder / "f-5.png", 500);
    const auto before = files();
    expect_refused(easel({"run", "job.toml", "--sheet-only"}), 1,
                   {"2 of 7 pictures are missing: f-3.png (is not there), f-5.png (is damaged)"});
    EXPECT_EQ(files(), before);
    EXPECT_EQ(easel({"run", "job.toml", "--no-sheet"}).exit_code, 0);
    const Ended ended = easel({"run", "job.toml", "--sheet-only"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, "job-sheet.png (contact sheet)\n");
    expect_whole(7);
    const std::string sheet = read_file(folder / "job-sheet.png");
    std::filesystem::remove(folder / "job-sheet.png");
    EXPECT_EQ(easel({"run", "job.toml", "--together"}).exit_code, 0);
    EXPECT_EQ(read_file(folder / "job-sheet.png"), sheet);
}

TEST_F(RunTogether, SharesHaveEachPictureOnce) {
    job("steps = 1\n" + seeds(7));
    const Names by_hand = {"run", "job.toml", "--share", "1/3"};
    EXPECT_EQ(easel(by_hand).out, "f-1.png (seed 1)\nf-2.png (seed 2)\n");
    for (const std::string rank : {"1", "2"})
        EXPECT_EQ(
            easel({"run", "job.toml", "--share", "auto"}, {.environment = {{"PMI_RANK", rank}, {"PMI_SIZE", "3"}}})
                .exit_code,
            0);
    EXPECT_EQ(files().size(), 8u) << "no sheet, and no claims";
    EXPECT_EQ(easel({"run", "job.toml", "--sheet-only"}).exit_code, 0);
    expect_whole(7);
    const std::string listed = easel({"run", "job.toml", "--share", "3/3", "--dry-run"}).out;
    EXPECT_EQ(std::ranges::count(listed, '\n'), 2);
    expect_says(listed, {"f-6.png: is there already", "f-7.png: is there already"});
}

TEST_F(RunTogether, APlaceThatMakesNoSenseKeepsNobodyFromDrawing) {
    const Surroundings allocation{.environment = {{"PMI_RANK", "9"}, {"PMI_SIZE", "3"}}};
    job("steps = 1\n" + seeds(3));
    const Ended plain = easel({"run", "job.toml"}, allocation);
    EXPECT_EQ(plain.exit_code, 0);
    EXPECT_EQ(plain.err.find("PMI_RANK"), std::string::npos) << "it is not read";
    expect_whole(3);
    const Ended together = easel({"run", "job.toml", "--together"}, allocation);
    EXPECT_EQ(together.exit_code, 0);
    expect_says(together.err, {"begins with the first picture", "PMI_RANK"});
}

TEST_F(RunTogether, CallsThatMakeNoSenseAreRefused) {
    job("steps = 1\n" + seeds(3));
    const Names run = {"run", "job.toml"};
    const auto refused = [&](Names more, const Names& parts) {
        more.insert(more.begin(), run.begin(), run.end());
        expect_refused(easel(more), 2, parts);
    };
    refused({"--together", "--share", "1/2"}, {"--together and --share"});
    for (const std::string flag : {"--together", "--no-sheet", "--dry-run"}) refused({"--sheet-only", flag}, {flag});
    refused({"--share", "auto"}, {"--share auto", "no engine"});
    refused({"--share", "4/3"}, {"--share 4/3", "3/8"});
    job("steps = 1\nno-metadata = true\n");
    refused({"--together"}, {"job.toml:1: no-metadata", "--together"});
    EXPECT_EQ(files(), Names{"job.toml"});
}

}  // namespace
}  // namespace easel::testing
