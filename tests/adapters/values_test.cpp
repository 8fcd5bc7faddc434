#include "adapters/values.h"

#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

Values matrix(std::size_t rows, std::size_t columns) {
    Values values{.shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
                  .data = std::vector<float>(rows * columns)};
    for (std::size_t i = 0; i < values.data.size(); ++i) values.data[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
    return values;
}

TEST(Values, ProductsAreSumsOverTheInnerSide) {
    for (const std::size_t rows : {1, 4, 11})
        for (const std::size_t inner : {1, 2, 5})
            for (const std::size_t columns : {1, 512, 1030}) {
                const Values a = matrix(rows, inner), b = matrix(inner, columns);
                const Values c = product(a, b);
                EXPECT_EQ(c.shape, (std::vector<std::int64_t>{static_cast<std::int64_t>(rows),
                                                              static_cast<std::int64_t>(columns)}));
                for (std::size_t row = 0; row < rows; ++row)
                    for (std::size_t column = 0; column < columns; ++column) {
                        double sum = 0.0;
                        for (std::size_t k = 0; k < inner; ++k)
                            sum += static_cast<double>(a.data[row * inner + k]) * b.data[k * columns + column];
                        ASSERT_NEAR(c.data[row * columns + column], sum, 1e-5) << row << " " << column;
                    }
            }
}

TEST(Values, RowsOfAProductAreThoseOfTheWhole) {
    const Values a = matrix(11, 6), b = matrix(6, 700);
    const Values whole = product(a, b);
    std::vector<float> rows(3 * 700);
    product_rows(a, b, 5, rows);
    const std::span<const float> expected = std::span(whole.data).subspan(5 * 700, rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_NEAR(rows[i], expected[i], 1e-6) << i;
}

}  // namespace
}  // namespace easel
