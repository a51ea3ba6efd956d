/* What the figures rest on, what was decided so far, who decides now, and where it all comes from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "report/frame.h"

void tl_dossier_grounds(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *list = tl_dossier_at(d, NULL, "assumptions");
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "What this rests on"), 50.0);
    if (json_array_size(list) == 0)
        tl_flow_paragraph(&d->flow, tl_catalogue_text(w, "No assumptions are listed."));
    for (size_t k = 0; k < json_array_size(list); k++)
        tl_flow_bullet(&d->flow, tl_dossier_string(d, json_array_get(list, k), "words"));
    list = tl_dossier_at(d, NULL, "warnings");
    if (json_array_size(list) == 0)
        return;
    tl_flow_subheading(&d->flow, tl_catalogue_text(w, "Warnings"), 30.0);
    for (size_t k = 0; k < json_array_size(list); k++)
        tl_flow_bullet(&d->flow, tl_dossier_string(d, json_array_get(list, k), "words"));
}

static void draw_decision(struct tl_dossier *d, const json_t *row)
{
    struct tl_catalogue *w = d->words;
    const char *date = tl_dossier_string(d, row, "date"),
               *on = tl_dossier_string(d, row, "assessment");
    tl_flow_subheading(&d->flow,
                       tl_dossier_say(d, "%s: %s", tl_dossier_or_dash(date),
                                      tl_dossier_term(d, tl_dossier_string(d, row, "as"))),
                       30.0);
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "Decided by"),
                 tl_dossier_say(d, "%s, %s",
                                tl_dossier_or_dash(tl_dossier_string(d, row, "person")),
                                tl_dossier_term(d, tl_dossier_string(d, row, "role"))));
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "Rests on assessment"),
                 on == NULL                 ? "–"
                 : strcmp(on, d->hash) == 0 ? tl_catalogue_text(w, "this one")
                                            : tl_dossier_say(d, "%.16s…", on));
    tl_flow_paragraph(&d->flow, tl_dossier_string(d, row, "reason"));
}

static void draw_finding(struct tl_dossier *d, const json_t *row)
{
    struct tl_catalogue *w = d->words;
    const json_t *answered = json_object_get(row, "answered");
    const char *message = tl_dossier_or_dash(tl_dossier_string(d, row, "message"));
    const char *record = tl_dossier_string(d, row, "record");
    bool is_open = answered == NULL || json_is_null(answered) || json_is_false(answered);
    tl_flow_bullet(&d->flow, tl_dossier_say(d, "%s%s%s (%s)", record == NULL ? "" : record,
                                            record == NULL ? "" : ": ", message,
                                            is_open ? tl_catalogue_text(w, "waits for an answer")
                                                    : tl_catalogue_text(w, "answered")));
}

void tl_dossier_decisions(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *list = tl_dossier_at(d, NULL, "decisions");
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "Decisions so far"), 40.0);
    if (json_array_size(list) == 0)
        tl_flow_paragraph(&d->flow,
                          tl_catalogue_text(w, "No decision on this area is in the register."));
    for (size_t k = 0; k < json_array_size(list); k++)
        draw_decision(d, json_array_get(list, k));
    list = tl_dossier_at(d, NULL, "findings");
    if (json_array_size(list) == 0)
        return;
    tl_flow_subheading(&d->flow, tl_catalogue_text(w, "Evidence that came after a decision"), 30.0);
    for (size_t k = 0; k < json_array_size(list); k++)
        draw_finding(d, json_array_get(list, k));
}

static void draw_choices(struct tl_dossier *d)
{
    struct tl_flow *flow = &d->flow;
    static const char *const as[] = {"cancelled", "reduced", "cleared", "none"};
    struct tl_page_style style = {.size_pt = 9.2, .colour = TL_FRAME_INK, .middle = true};
    double x = TL_FLOW_LEFT_PT, w, h;
    tl_flow_need(flow, 22.0);
    tl_page_text(&flow->page, x, flow->y + 8.0, &style,
                 tl_catalogue_text(d->words, "The land is:"));
    tl_page_measure(&flow->page, &style, tl_catalogue_text(d->words, "The land is:"), &w, &h);
    x += w + 16.0;
    for (int k = 0; k < 4; k++) {
        const char *word = tl_dossier_term(d, as[k]);
        tl_page_stroke_box(&flow->page, (struct tl_box){x, flow->y + 3.0, 10.0, 10.0}, TL_FRAME_INK,
                           0.8);
        tl_page_text(&flow->page, x + 15.0, flow->y + 8.0, &style, word);
        tl_page_measure(&flow->page, &style, word, &w, &h);
        x += w + 34.0;
    }
    flow->y += 24.0;
}

/* A name over a line to be filled in by hand. */
static void draw_line(struct tl_dossier *d, double x, double y, double w, const char *name)
{
    struct tl_page_style style = {
        .size_pt = 7.4, .colour = TL_FRAME_GREY, .width_pt = w, .max_lines = 2};
    tl_page_colour(&d->flow.page, TL_FRAME_INK, 1.0);
    tl_page_line(&d->flow.page, x, y, x + w, y, 0.6);
    tl_page_text(&d->flow.page, x, y + 1.5, &style, name);
}

static void draw_signature(struct tl_dossier *d, const char *role, const char *duty)
{
    struct tl_catalogue *w = d->words;
    struct tl_flow *flow = &d->flow;
    struct tl_page_style head = {.size_pt = 9.4, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style small = {
        .size_pt = 8.0, .colour = TL_FRAME_GREY, .width_pt = TL_FLOW_WIDTH_PT, .max_lines = 3};
    double x = TL_FLOW_LEFT_PT, height = 92.0;
    tl_flow_need(flow, height);
    flow->y += tl_page_text(&flow->page, x, flow->y, &head, role);
    flow->y += tl_page_text(&flow->page, x, flow->y, &small, duty);
    double y = flow->y + 34.0;
    draw_line(d, x, y, 200.0, tl_catalogue_text(w, "Name, organisation, position"));
    draw_line(d, x + 216.0, y, 181.0, tl_catalogue_text(w, "Signature"));
    draw_line(d, x + 413.0, y, 94.0, tl_catalogue_text(w, "Date"));
    flow->y = y + 26.0;
}

void tl_dossier_signatures(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    struct tl_flow *flow = &d->flow;
    tl_flow_heading(flow, tl_catalogue_text(w, "Who decides"), 380.0);
    tl_flow_paragraph(
        flow, tl_catalogue_text(
                  w, "The decision is a person's. The program only records it, with the name, the "
                     "role, the reason and the hash of the assessment it rests on."));
    draw_choices(d);
    draw_signature(
        d, tl_catalogue_text(w, "Approver"),
        tl_catalogue_text(w, "decides on the release for the national mine action authority"));
    draw_signature(d, tl_catalogue_text(w, "Quality manager"),
                   tl_catalogue_text(w, "has seen the quality control and what it found"));
    draw_signature(d, tl_catalogue_text(w, "Recipient at the handover"),
                   tl_catalogue_text(
                       w, "has been told what was searched, to which depth, and what may remain"));
    tl_flow_need(flow, 60.0);
    struct tl_page_style head = {.size_pt = 9.4, .bold = true, .colour = TL_FRAME_INK};
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &head,
                            tl_catalogue_text(w, "Owner of the residual risk after the handover"));
    draw_line(
        d, TL_FLOW_LEFT_PT, flow->y + 24.0, TL_FLOW_WIDTH_PT,
        tl_catalogue_text(w, "Name of the organisation, and whom to call when something is found"));
    flow->y += 44.0;
}

static void pair(struct tl_dossier *d, const char *name, const char *value)
{
    tl_flow_pair(&d->flow, name, tl_dossier_or_dash(value));
}

void tl_dossier_provenance(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *run = tl_dossier_at(d, NULL, "map.run"), *seed = tl_dossier_at(d, NULL, "seed");
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "Where it comes from"), 120.0);
    pair(d, tl_catalogue_text(w, "SHA-256 of the assessment"), d->hash);
    pair(d, tl_catalogue_text(w, "Hash of the evidence"),
         tl_dossier_string(d, NULL, "evidence_hash"));
    pair(d, tl_catalogue_text(w, "Hash of the perimeter"),
         tl_dossier_string(d, NULL, "area.fingerprint"));
    pair(d, tl_catalogue_text(w, "Made by"), tl_dossier_string(d, NULL, "program"));
    pair(d, tl_catalogue_text(w, "Map"),
         tl_dossier_say(
             d,
             tl_catalogue_text(
                 w, "run %s; cells of %s m; range %s m; standard deviation %s; evidence %.16s"),
             json_is_string(run) ? json_string_value(run)
                                 : tl_dossier_whole(d, tl_dossier_number(d, NULL, "map.run")),
             tl_dossier_figure(d, tl_dossier_number(d, NULL, "map.cell_m")),
             tl_dossier_figure(d, tl_dossier_number(d, NULL, "map.range_m")),
             tl_dossier_figure(d, tl_dossier_number(d, NULL, "map.sigma")),
             tl_dossier_or_dash(tl_dossier_string(d, NULL, "map.evidence_hash"))));
    pair(d, tl_catalogue_text(w, "Computed on"),
         tl_dossier_say(
             d,
             tl_catalogue_text(w, "%s × %s cells of %s m, a margin of %s m around the area; %s "
                                  "draws, worth %s independent ones; seed %s"),
             tl_dossier_whole(d, tl_dossier_number(d, NULL, "window.n_x")),
             tl_dossier_whole(d, tl_dossier_number(d, NULL, "window.n_y")),
             tl_dossier_figure(d, tl_dossier_number(d, NULL, "window.cell_m")),
             tl_dossier_figure(d, tl_dossier_number(d, NULL, "window.margin_m")),
             tl_dossier_whole(d, tl_dossier_number(d, NULL, "remaining.n_draws")),
             tl_dossier_whole(d, tl_dossier_number(d, NULL, "remaining.effective_draws")),
             json_is_string(seed) ? json_string_value(seed)
                                  : tl_dossier_say(d, "%.0f", tl_dossier_number(d, NULL, "seed"))));
    tl_flow_space(&d->flow, 4.0);
    tl_flow_note(&d->flow,
                 tl_catalogue_text(
                     w, "The same figures are in assess.json, whose bytes have the hash above; "
                        "area.geojson, turning_points.csv and searches.csv hold the geometry and "
                        "the tables. The same project, options and seed give the same files."));
}
