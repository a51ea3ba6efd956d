#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "report/page.h"

static const struct tl_page_style plain = {.size_pt = 10.0};

TEST(nothing_appears_before_the_page_is_written)
{
    struct tl_page page;
    struct stat info;
    unlink("page_a.pdf");
    CHECK_OK(tl_page_open(ctx, "page_a.pdf", "t", &page));
    CHECK(stat("page_a.pdf", &info) != 0);
    CHECK_OK(tl_page_write(&page));
    tl_page_fini(&page);
    CHECK(stat("page_a.pdf", &info) == 0 && info.st_size > 100);
}

TEST(ending_is_read_in_any_case)
{
    struct tl_page page;
    CHECK_OK(tl_page_open(ctx, "page_B.PDF", NULL, &page));
    CHECK(page.is_pdf);
    tl_page_fini(&page);
    CHECK_OK(tl_page_open(ctx, "page_b.Png", NULL, &page));
    CHECK(!page.is_pdf);
    tl_page_fini(&page);
    CHECK_FAILS(tl_page_open(ctx, "page.pdf.txt", NULL, &page), TL_EUSAGE, "page.pdf.txt");
}

TEST(words_measure_alike_in_pdf_and_png)
{
    struct tl_page pdf, png;
    double w1, h1, w2, h2;
    CHECK_OK(tl_page_open(ctx, "page_c.pdf", NULL, &pdf));
    CHECK_OK(tl_page_open(ctx, "page_c.png", NULL, &png));
    tl_page_measure(&pdf, &plain, "Вільхове and Stepanivka", &w1, &h1);
    tl_page_measure(&png, &plain, "Вільхове and Stepanivka", &w2, &h2);
    tl_page_fini(&pdf);
    tl_page_fini(&png);
    CHECK(w1 > 60.0 && w1 < 200.0 && h1 > 8.0 && h1 < 25.0);
    CHECK_NEAR(w1, w2, 0.02 * w1);
}

TEST(a_width_breaks_lines_and_a_maximum_cuts_them)
{
    struct tl_page page;
    double w, h1, h3, h2;
    static const char words[] = "one two three four five six seven eight nine ten eleven twelve";
    CHECK_OK(tl_page_open(ctx, "page_d.png", NULL, &page));
    struct tl_page_style style = {.size_pt = 10.0};
    tl_page_measure(&page, &style, words, &w, &h1);
    style.width_pt = w / 2.5;
    tl_page_measure(&page, &style, words, &w, &h3);
    style.max_lines = 2;
    tl_page_measure(&page, &style, words, &w, &h2);
    tl_page_fini(&page);
    CHECK_NEAR(h3, 3 * h1, 0.5);
    CHECK_NEAR(h2, 2 * h1, 0.5);
}

TEST(text_that_is_missing_or_not_utf8_is_borne)
{
    struct tl_page page;
    CHECK_OK(tl_page_open(ctx, "page_e.pdf", "\xff title", &page));
    CHECK(tl_page_text(&page, 10, 10, &plain, NULL) == 0.0);
    CHECK(tl_page_text(&page, 10, 10, &plain, "") == 0.0);
    CHECK(tl_page_text(&page, 10, 10, &plain, "\xc3\x28 \xff") > 0.0);
    CHECK_OK(tl_page_write(&page));
    tl_page_fini(&page);
}
