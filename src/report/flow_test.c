#include "unit.h"

#include "report/flow.h"

static void begin(struct tl_ctx *ctx, struct tl_flow *flow)
{
    *flow = (struct tl_flow){.left = "left", .right = "right", .foot = "foot", .n_pages = 9};
    CHECK_OK(tl_flow_open(ctx, "flow_t.pdf", "t", flow));
}

TEST(a_heading_keeps_what_follows_on_its_page)
{
    struct tl_flow flow;
    begin(ctx, &flow);
    flow.y = TL_FLOW_BOTTOM_PT - 100.0;
    tl_flow_heading(&flow, "first", 20.0);
    CHECK(flow.number == 1 && flow.section == 1);
    tl_flow_heading(&flow, "second", 120.0);
    CHECK(flow.number == 2 && flow.section == 2 && flow.y < TL_FLOW_TOP_PT + 60.0);
    tl_page_fini(&flow.page);
}

TEST(words_longer_than_a_page_lose_nothing)
{
    struct tl_flow flow;
    static char text[30001];
    for (int k = 0; k < 30000; k += 10)
        memcpy(text + k, "abcdefghi ", 10);
    begin(ctx, &flow);
    tl_flow_paragraph(&flow, text);
    CHECK(flow.number >= 4);
    tl_flow_paragraph(&flow, NULL);
    tl_flow_paragraph(&flow, "");
    tl_flow_paragraph(&flow, "\xff not UTF-8 \xc3(");
    CHECK_OK(tl_page_write(&flow.page));
    tl_page_fini(&flow.page);
    FILE *pipe = popen("pdftotext flow_t.pdf - 2>/dev/null | grep -o abcdefghi | wc -l", "r");
    int n = 0;
    if (pipe == NULL || fscanf(pipe, "%d", &n) != 1)
        n = 0;
    if (pipe != NULL)
        pclose(pipe);
    if (n == 0)
        SKIP("pdftotext is not installed");
    CHECK(n == 3000);
}

TEST(rows_are_kept_whole)
{
    struct tl_flow flow;
    const struct tl_flow_column columns[3] = {
        {"a", 1, TL_PAGE_LEFT},
        {"b", 1, TL_PAGE_RIGHT},
        {"an unbreakably_long_heading_of_one_word", 0.1, TL_PAGE_CENTRE}};
    const char *cells[300];
    for (int k = 0; k < 300; k++)
        cells[k] = k % 3 == 0 ? "two\nlines" : k % 7 == 0 ? NULL : "1";
    begin(ctx, &flow);
    tl_flow_table(&flow, 3, columns, 100, cells);
    CHECK(flow.number >= 4 && flow.y <= TL_FLOW_BOTTOM_PT + 10.0);
    int pages = flow.number;
    tl_flow_table(&flow, 3, columns, 0, cells);
    CHECK(flow.number == pages);
    tl_page_fini(&flow.page);
}

TEST(a_page_that_is_new_is_not_left_for_another)
{
    struct tl_flow flow;
    begin(ctx, &flow);
    tl_flow_need(&flow, 5000.0);
    CHECK(flow.number == 1);
    tl_flow_pair(&flow, "name", "value");
    tl_flow_bullet(&flow, "a point");
    tl_flow_box(&flow, "in a box", 0);
    tl_flow_note(&flow, "a note");
    CHECK(flow.number == 1);
    tl_flow_need(&flow, 5000.0);
    CHECK(flow.number == 2);
    tl_page_fini(&flow.page);
}
