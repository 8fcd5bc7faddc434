#include "jobs/job_file.h"

#include <gtest/gtest.h>

#include "jobs/output_paths.h"
#include "support/files.h"

namespace easel::jobs {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;
using testing::expect_says;
using testing::sentence_of;

const std::vector<Key> keys = {{{"prompt"}}, {{"seed"}}, {{"num-inference-steps", "steps"}}, {{"no-composite"}, true}};

std::vector<JobPicture> parse(std::string_view text) { return parse_job(text, "job.toml", keys); }

TEST(JobFiles, HaveDefaultsAndListsOfWhichTheLastChangesFastest) {
    const auto pictures = parse("prompt = \"x\"\n[[picture]]\nseed = [1, 2]\nsteps = [5, 6]\n[[picture]]\nsteps = 7\n");
    ASSERT_EQ(pictures.size(), 5u);
    EXPECT_EQ(pictures[0].settings, (Settings{{"prompt", "x"}, {"seed", "1"}, {"num-inference-steps", "5"}}));
    EXPECT_EQ(pictures[1].settings, (Settings{{"prompt", "x"}, {"seed", "1"}, {"num-inference-steps", "6"}}));
    EXPECT_EQ(pictures[2].settings, (Settings{{"prompt", "x"}, {"seed", "2"}, {"num-inference-steps", "5"}}));
    EXPECT_EQ(pictures[3].row, 2u);
    EXPECT_EQ(pictures[3].where, "job.toml:2");
    EXPECT_EQ(pictures[4].settings, (Settings{{"prompt", "x"}, {"num-inference-steps", "7"}}));
    EXPECT_EQ(pictures[4].where, "job.toml:5");
    EXPECT_EQ(parse("no-composite = true").front().settings, (Settings{{"no-composite", "true"}}));
}

TEST(JobFiles, ThatMakeNoSenseAreRefusedWithTheirLine) {
    expect_says(sentence_of([] { parse("prompt = \"x\"\nstpes = 3"); }), {"job.toml:2", "did you mean steps?"});
    expect_says(sentence_of([] { parse("steps = 3\nnum-inference-steps = 3"); }), {"job.toml:", "already"});
    expect_says(sentence_of([] { parse("no-composite = 1"); }), {"job.toml:1", "true or false"});
    expect_says(sentence_of([] { parse("prompt = "); }), {"job.toml:1", "TOML"});
}

TEST(OutputPaths, AreNumberedInPlaceOrBeforeTheExtension) {
    const testing::TemporaryFolder folder;
    const auto names = [&](std::string_view output, int count) {
        std::vector<std::string> found;
        for (const auto& path : numbered_paths(folder / output, count, OutputFile::IfExists::refuse))
            found.push_back(path.filename().string());
        return found;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("a.png", 1), (Names{"a.png"}));
    EXPECT_EQ(names("a.png", 2), (Names{"a-1.png", "a-2.png"}));
    EXPECT_EQ(names("%03d a.png", 2), (Names{"001 a.png", "002 a.png"}));
    EXPECT_EQ(names("%d-%d.png", 1), (Names{"1-%d.png"}));
    EXPECT_EQ(names("100%.png", 1), (Names{"100%.png"}));
    EXPECT_EQ(names("%%d %d %%.png", 2), (Names{"%d 1 %.png", "%d 2 %.png"}));
    EXPECT_EQ(names("%%d.png", 2), (Names{"%d-1.png", "%d-2.png"}));
    EXPECT_EQ(names("%%%d.png", 1), (Names{"%1.png"}));
    EXPECT_EQ(names("%1234d.png", 1), (Names{"%1234d.png"}));
}

}  // namespace
}  // namespace easel::jobs
