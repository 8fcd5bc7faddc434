#include "text/prompt_schedule.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "text/golden.h"

namespace easel {
namespace {

using testing::prompt_rows;

void expect_schedule(const PromptSchedule& schedule, const nlohmann::json& expected, const std::string& prompt) {
    ASSERT_EQ(schedule.texts.size(), expected.size()) << prompt;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(schedule.texts[i].last_step, expected[i][0].get<int>()) << prompt;
        EXPECT_EQ(schedule.texts[i].text, expected[i][1].get<std::string>()) << prompt;
    }
}

TEST(PromptSchedule, IsTheWebUis) {
    const auto scheduled = prompt_rows("scheduled");
    EXPECT_EQ(scheduled.size(), 35u);
    for (const auto& row : scheduled) {
        const std::string prompt = row.at("prompt");
        const PromptSchedule schedule = prompt_schedule(prompt, row.at("steps"));
        expect_schedule(schedule, row.at("schedule"), prompt);
        std::vector<int> last_steps;
        for (const ScheduledText& text : schedule.texts) last_steps.push_back(text.last_step);
        int call = 0;
        for (const auto& used : row.at("used_by_call"))
            EXPECT_EQ(schedule.texts[text_at(last_steps, call++)].text, used.get<std::string>()) << prompt;
    }
}

TEST(PromptSchedule, OfASecondPassCountsOn) {
    for (const auto& row : prompt_rows("second_pass")) {
        const std::string prompt = row.at("prompt");
        expect_schedule(prompt_schedule_of_second_pass(prompt, row.at("steps"), row.at("first_steps")),
                        row.at("schedule"), prompt);
    }
}

TEST(PromptSchedule, TellsWhatSwitchesItOff) {
    for (const char* prompt : {"a | b [c:d:3]", "[a:b:3] \\", "[a:b:3]\\\n"}) {
        const PromptSchedule schedule = prompt_schedule(prompt, 5);
        EXPECT_TRUE(schedule.is_unreadable) << prompt;
        EXPECT_EQ(schedule.texts, (std::vector<ScheduledText>{{5, prompt}}));
    }
    EXPECT_FALSE(prompt_schedule("[a|b", 5).texts.size() > 1);
    EXPECT_FALSE(prompt_schedule("a [b:c:3]", 5).is_unreadable);
}

TEST(PromptSchedule, StepsOfAnySizeAreTaken) {
    EXPECT_EQ(prompt_schedule("[a:b:99999999999999999999]", 5).texts, (std::vector<ScheduledText>{{5, "a"}}));
    EXPECT_EQ(prompt_schedule("[a:b:-99999999999999999999.5]", 5).texts, (std::vector<ScheduledText>{{5, "b"}}));
}

/// Bracket by bracket a reader that goes back would take as long as there are ways to read them.
TEST(PromptSchedule, TakesNoLongerForBracketsThatDoNotClose) {
    for (const char* part : {"[", "(", "[a:", "[a|", "[(", "(:[", "[[a]:", "[a:b:1]("}) {
        std::string prompt;
        while (prompt.size() < 100'000) prompt += part;
        const auto begin = std::chrono::steady_clock::now();
        prompt_schedule(prompt, 3);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << part;
    }
}

}  // namespace
}  // namespace easel
