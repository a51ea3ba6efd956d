/* The first page: which land, what is known of it in four figures, and the same in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "report/frame.h"

static void draw_title(struct tl_dossier *d)
{
    struct tl_flow *flow = &d->flow;
    const char *code = tl_dossier_string(d, NULL, "area.code");
    const char *name = tl_dossier_string(d, NULL, "area.name");
    struct tl_page_style kind = {.size_pt = 10.0, .bold = true, .colour = TL_FLOW_ACCENT};
    struct tl_page_style title = {.size_pt = 24.0,
                                  .bold = true,
                                  .colour = TL_FRAME_INK,
                                  .width_pt = TL_FLOW_WIDTH_PT,
                                  .max_lines = 2};
    struct tl_page_style under = {
        .size_pt = 13.0, .colour = TL_FRAME_INK, .width_pt = TL_FLOW_WIDTH_PT, .max_lines = 3};
    const char *first = code != NULL   ? code
                        : name != NULL ? name
                                       : tl_catalogue_text(d->words, "Area without a code");
    double x = TL_FLOW_LEFT_PT;
    flow->y += 4.0;
    flow->y += tl_page_text(&flow->page, x, flow->y, &kind,
                            tl_catalogue_text(d->words, "Land-release dossier"));
    flow->y += tl_page_text(&flow->page, x, flow->y, &title, first);
    if (code != NULL && name != NULL)
        flow->y += tl_page_text(&flow->page, x, flow->y, &under, name);
    flow->y += 10.0;
}

static const char *depth_words(struct tl_dossier *d, double depth_cm)
{
    if (!isfinite(depth_cm))
        return tl_catalogue_text(d->words, "all depths");
    return tl_dossier_say(d, tl_catalogue_text(d->words, "down to %s cm"),
                          tl_dossier_figure(d, depth_cm));
}

static void draw_facts(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const char *kind = tl_dossier_string(d, NULL, "area.kind");
    bool registered = kind != NULL && strcmp(kind, "hazard-area") == 0;
    const char *class = tl_dossier_string(d, NULL, "area.classification");
    const char *evidence = tl_dossier_string(d, NULL, "area.evidence_kind");
    double outside = tl_dossier_number(d, NULL, "area.outside_m2");
    tl_flow_pair(
        &d->flow, tl_catalogue_text(w, "What it is"),
        !registered ? tl_catalogue_text(w, "a polygon that was given, not a registered area")
        : class != NULL && evidence != NULL
            ? tl_dossier_say(d, "%s (%s)", tl_dossier_term(d, class), tl_dossier_term(d, evidence))
        : class != NULL ? tl_dossier_term(d, class)
                        : tl_catalogue_text(w, "a registered hazardous area"));
    if (registered)
        tl_flow_pair(&d->flow, tl_catalogue_text(w, "Status in the register"),
                     tl_dossier_term(d, tl_dossier_string(d, NULL, "area.status")));
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "Size"),
                 tl_dossier_area(d, tl_dossier_number(d, NULL, "area.area_m2")));
    if (outside > 0.5)
        tl_flow_pair(&d->flow, tl_catalogue_text(w, "Of it outside the map"),
                     tl_dossier_area(d, outside));
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "It speaks of"),
                 tl_dossier_say(d, "%s, %s",
                                tl_dossier_term(d, tl_dossier_string(d, NULL, "speaks_of.group")),
                                depth_words(d, tl_dossier_number(d, NULL, "speaks_of.depth_cm"))));
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "Project"), tl_project_title(d->project));
    d->flow.y += 8.0;
}

struct tile {
    const char *name, *value, *detail;
};

static void draw_tile(struct tl_dossier *d, const struct tile *tile, struct tl_box box)
{
    struct tl_page *page = &d->flow.page;
    struct tl_page_style name = {.size_pt = 7.6,
                                 .bold = true,
                                 .colour = TL_FLOW_ACCENT,
                                 .width_pt = box.w - 14.0,
                                 .max_lines = 3};
    struct tl_page_style value = {
        .size_pt = 19.0, .bold = true, .colour = TL_FRAME_INK, .middle = true};
    struct tl_page_style detail = {
        .size_pt = 7.4, .colour = TL_FRAME_GREY, .width_pt = box.w - 16.0, .max_lines = 4};
    double w, h;
    tl_page_fill_box(page, box, TL_FLOW_TINT);
    tl_page_fill_box(page, (struct tl_box){box.x, box.y, box.w, 2.2}, TL_FLOW_ACCENT);
    tl_page_text(page, box.x + 8.0, box.y + 8.0, &name, tile->name);
    tl_page_measure(page, &value, tile->value, &w, &h);
    if (w > box.w - 16.0)
        value.size_pt *= (box.w - 16.0) / w;
    tl_page_text(page, box.x + 8.0, box.y + 51.0, &value, tile->value);
    tl_page_text(page, box.x + 8.0, box.y + 65.0, &detail, tile->detail);
}

static const char *found_detail(struct tl_dossier *d)
{
    double search = tl_dossier_number(d, NULL, "found.by_search");
    double chance = tl_dossier_number(d, NULL, "found.by_chance");
    double accidents = tl_dossier_number(d, NULL, "found.accidents");
    return tl_dossier_say(
        d, tl_catalogue_text(d->words, "%s by searches, %s by chance; accidents: %s"),
        tl_dossier_whole(d, search), tl_dossier_whole(d, chance), tl_dossier_whole(d, accidents));
}

static void draw_tiles(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    double mcse = tl_dossier_number(d, NULL, "remaining.p_any.mcse");
    const char *error = isfinite(mcse) ? tl_dossier_error(d, 100.0 * fmax(5e-4, mcse)) : NULL;
    double upper = tl_dossier_number(d, NULL, "remaining.upper95.value");
    const struct tile tiles[4] = {
        {tl_catalogue_text(w, "Searched, at least once"),
         tl_dossier_percent(d, tl_dossier_number(d, NULL, "searched.share")),
         tl_dossier_say(
             d, tl_catalogue_text(w, "Effectively searched, since searches miss: %s"),
             tl_dossier_percent(d, tl_dossier_number(d, NULL, "searched.effective_share")))},
        {tl_catalogue_text(w, "Items found here"),
         tl_dossier_whole(d, tl_dossier_number(d, NULL, "found.total")), found_detail(d)},
        {tl_catalogue_text(w, "Items that may remain"),
         tl_dossier_figure(d, tl_dossier_number(d, NULL, "remaining.expected.value")),
         tl_dossier_say(
             d,
             tl_catalogue_text(w, "Expected number; 95 chances in 100 that there are at most %s"),
             tl_dossier_figure(d, upper))},
        {tl_catalogue_text(w, "Chance that at least one remains"),
         tl_dossier_chance(d, tl_dossier_number(d, NULL, "remaining.p_any.value")),
         error == NULL
             ? NULL
             : tl_dossier_say(d, tl_catalogue_text(w, "Computed to within ± %s percentage points"),
                              error)}};
    double gap = 8.0, width = (TL_FLOW_WIDTH_PT - 3 * gap) / 4;
    for (int k = 0; k < 4; k++)
        draw_tile(d, &tiles[k],
                  (struct tl_box){TL_FLOW_LEFT_PT + k * (width + gap), d->flow.y, width, 104.0});
    d->flow.y += 115.0;
}

static const char *searched_words(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    double share = tl_dossier_number(d, NULL, "searched.share");
    double deepest = tl_dossier_number(d, NULL, "searched.deepest_cm");
    const char *size = tl_dossier_area(d, tl_dossier_number(d, NULL, "area.area_m2"));
    if (!isfinite(share))
        return tl_catalogue_text(w, "How much of the area was searched is not known.");
    if (share <= 0.0)
        return tl_dossier_say(
            d, tl_catalogue_text(w, "Of %s nothing was searched, as far as the register knows."),
            size);
    if (!isfinite(deepest))
        return tl_dossier_say(
            d,
            tl_catalogue_text(
                w, "Of %s, %s was searched at least once; the depth of search is not recorded."),
            size, tl_dossier_percent(d, share));
    return tl_dossier_say(
        d,
        tl_catalogue_text(
            w, "Of %s, %s was searched at least once, to a depth of %s cm at the deepest."),
        size, tl_dossier_percent(d, share), tl_dossier_figure(d, deepest));
}

static void draw_words(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *criteria = tl_dossier_at(d, NULL, "criteria");
    const char *found = tl_dossier_say(
        d,
        tl_catalogue_plural(w, "%lld item of explosive ordnance was found there.",
                            "%lld items of explosive ordnance were found there.",
                            (int64_t)fmax(0.0, tl_dossier_number(d, NULL, "found.total"))),
        (long long)fmax(0.0, tl_dossier_number(d, NULL, "found.total")));
    const char *left = tl_dossier_say(
        d,
        tl_catalogue_text(w, "What may remain: %s items are expected, at most %s with a "
                             "probability of 95 %%, and the chance that at least one is left is "
                             "%s. Had no search been counted, that chance would be %s."),
        tl_dossier_figure(d, tl_dossier_number(d, NULL, "remaining.expected.value")),
        tl_dossier_figure(d, tl_dossier_number(d, NULL, "remaining.upper95.value")),
        tl_dossier_chance(d, tl_dossier_number(d, NULL, "remaining.p_any.value")),
        tl_dossier_chance(d, tl_dossier_number(d, NULL, "remaining.prior.p_any")));
    tl_flow_paragraph(&d->flow, tl_dossier_say(d, "%s %s %s", searched_words(d), found, left));
    tl_flow_paragraph(
        &d->flow,
        json_is_object(criteria)
            ? tl_catalogue_text(w, "Criteria of the authority were given; the section on criteria "
                                   "says which of them are met.")
            : tl_catalogue_text(
                  w, "No criteria of an authority were given: these are figures, and no verdict."));
    tl_flow_box(
        &d->flow,
        tl_catalogue_text(w, "This dossier says what was searched, what was found, what may remain "
                             "and how sure that is. A low figure is not a statement that the "
                             "ground is free of explosive ordnance. Whether the land is released "
                             "is decided by a named person, who signs at the end."),
        TL_FLOW_ACCENT);
}

static void draw_warnings(struct tl_dossier *d)
{
    const json_t *warnings = tl_dossier_at(d, NULL, "warnings"),
                 *findings = tl_dossier_at(d, NULL, "findings");
    int64_t n_open = 0;
    for (size_t k = 0; k < json_array_size(findings); k++) {
        const json_t *answered = json_object_get(json_array_get(findings, k), "answered");
        n_open += answered == NULL || json_is_null(answered) || json_is_false(answered);
    }
    if (n_open > 0)
        tl_flow_box(
            &d->flow,
            tl_dossier_say(d,
                           tl_catalogue_plural(d->words,
                                               "%lld finding since a decision on this area waits "
                                               "for an answer: see the section on decisions.",
                                               "%lld findings since a decision on this area wait "
                                               "for an answer: see the section on decisions.",
                                               n_open),
                           (long long)n_open),
            0xB5472B);
    for (size_t k = 0; k < json_array_size(warnings) && k < 6; k++)
        tl_flow_box(&d->flow, tl_dossier_string(d, json_array_get(warnings, k), "words"), 0xC98A1B);
}

void tl_dossier_summary(struct tl_dossier *d)
{
    draw_title(d);
    draw_facts(d);
    draw_tiles(d);
    draw_words(d);
    draw_warnings(d);
    tl_dossier_chart(d);
}
