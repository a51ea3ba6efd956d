/*
 * The register's kinds as one table. It makes the SQL schema (schema.c), the importer's checks, the command's help and
 * the manual's page, so that they cannot disagree. Words are IMAS's (domain.md).
 */
#include "tilth/register.h"

#include <string.h>

#include "core/core.h"

#define TEXT(name, hxl, meaning)                                                                   \
    {                                                                                              \
        name, TL_COLUMN_TEXT, NULL, 0, 0, hxl, meaning                                             \
    }
#define DATE(name, hxl, meaning)                                                                   \
    {                                                                                              \
        name, TL_COLUMN_DATE, NULL, 0, 0, hxl, meaning                                             \
    }
#define YESNO(name, hxl, meaning)                                                                  \
    {                                                                                              \
        name, TL_COLUMN_YESNO, NULL, 0, 1, hxl, meaning                                            \
    }
#define CHOICE(name, choices, hxl, meaning)                                                        \
    {                                                                                              \
        name, TL_COLUMN_CHOICE, choices, 0, 0, hxl, meaning                                        \
    }
#define INTEGER(name, min, max, hxl, meaning)                                                      \
    {                                                                                              \
        name, TL_COLUMN_INTEGER, NULL, min, max, hxl, meaning                                      \
    }
#define REAL(name, min, max, hxl, meaning)                                                         \
    {                                                                                              \
        name, TL_COLUMN_REAL, NULL, min, max, hxl, meaning                                         \
    }

static const struct tl_column hazard_area[] = {
    TEXT("name", "#loc+name", "name of the area"),
    CHOICE("classification", "SHA|CHA", "#status+classification",
           "SHA = suspected (indirect evidence), CHA = confirmed (direct evidence)"),
    CHOICE("evidence", "direct|indirect", "#cause+evidence", "kind of evidence it rests on"),
    CHOICE("status", "open|closed|handed over|cancelled|reduced|cleared", "#status",
           "what became of it; cancelled, reduced and cleared are three different things"),
    TEXT("category", "#cause+device", "categories of device suspected there"),
    DATE("date", "#date+reported", "when it was recorded"),
    DATE("date_closed", "#date+closed", "when it was closed or handed over"),
    TEXT("organisation", "#org", "who surveyed it"),
    TEXT("blocked_land_use", "#impact+land_use", "what people cannot use because of it"),
    INTEGER("beneficiaries", 0, 1e9, "#beneficiary", "people who would gain by its release"),
    TEXT("priority", "#severity", "priority given to it"),
    REAL("depth_cm", 0, 1000, "#indicator+depth_cm",
         "depth down to which items are suspected [cm]"),
};

static const struct tl_column accident[] = {
    DATE("date", "#date+occurred", "when it happened"),
    TEXT("category", "#cause+device", "category of the device"),
    INTEGER("killed", 0, 100000, "#affected+killed", "people killed"),
    INTEGER("injured", 0, 100000, "#affected+injured", "people injured"),
    TEXT("activity", "#activity+victim", "what the people were doing"),
    YESNO("during_demining", "#event+demining",
          "whether it happened during demining (1) or not (0)"),
    YESNO("marked", "#status+marked", "whether the place was marked (1) or not (0)"),
    TEXT("vegetation", "#indicator+vegetation", "vegetation at the place"),
    TEXT("slope", "#indicator+slope", "slope at the place, in words or degrees"),
};

static const struct tl_column item[] = {
    DATE("date", "#date+found", "when it was found"),
    TEXT("category", "#item+category", "category of the device"),
    TEXT("model", "#item+model", "model, as far as known"),
    TEXT("condition", "#status+condition", "condition in which it was found"),
    REAL("depth_cm", 0, 1000, "#indicator+depth_cm", "depth at which it lay [cm]"),
    INTEGER("number", 0, 1e7, "#item+num", "how many such items lay there; not known counts as 1"),
    TEXT("disposal", "#output+disposal", "what was done with it"),
    TEXT("method", "#modality+method", "method that found it"),
    TEXT("search", "#activity+search", "source id or code of the search that found it"),
    CHOICE("how", "search|spot find|other", "#modality+how",
           "found by an organised search, by chance, or otherwise"),
};

static const struct tl_column search[] = {
    CHOICE("type", "NTS|TS|clearance|inspection|other", "#activity+type",
           "non-technical survey, technical survey, clearance, sampling inspection or other"),
    TEXT("method", "#modality+method", "method of searching: a row of the table of methods"),
    INTEGER("passes", 0, 100, "#indicator+passes",
            "how often the ground was gone over; not known counts as 1"),
    REAL("depth_cm", 0, 1000, "#indicator+depth_cm", "depth searched down to [cm]"),
    DATE("date_start", "#date+start", "first day"),
    DATE("date_end", "#date+end", "last day"),
    TEXT("organisation", "#org", "who searched"),
    TEXT("team", "#org+team", "which team"),
    TEXT("task", "#activity+task", "task under which it was done"),
    CHOICE("released_as", "cancelled|reduced|cleared|none", "#status+release",
           "released by non-technical survey, technical survey or clearance, or not at all"),
    INTEGER("found", 0, 1e7, "#item+found+num", "items found, as reported"),
    REAL("area_m2", 0, 1e12, "#indicator+area_m2", "area searched, as reported [m2]"),
};

static const struct tl_column report[] = {
    DATE("date", "#date+reported", "when it was made, or what it speaks of"),
    TEXT("category", "#cause+device", "category of the device or sign reported"),
    TEXT("description", "#description", "what was said or seen"),
    TEXT("reliability", "#meta+reliability", "how far the source is believed"),
    TEXT("organisation", "#org", "who took the report"),
};

static const struct tl_column line[] = {
    CHOICE("type", "defence line|confrontation line|trench|minefield edge|road|river|other",
           "#loc+type", "what the line is"),
    TEXT("name", "#loc+name", "its name"),
    DATE("date", "#date", "when it was there or was drawn"),
};

static const struct tl_column place[] = {
    TEXT("name", "#loc+name", "name of the place"),
    TEXT("type", "#loc+type", "city, town, village, school, clinic, ..."),
    INTEGER("population", 0, 1e9, "#population", "people living there"),
    TEXT("admin1", "#adm1+name", "first administrative level"),
    TEXT("admin2", "#adm2+name", "second administrative level"),
};

#define KIND(name, table, prefix, title, geometry)                                                 \
    {                                                                                              \
        name, #table, prefix, title, geometry, (int)(sizeof table / sizeof table[0]), table        \
    }

static const struct tl_kind_info kinds[TL_KIND_COUNT] = {
    [TL_KIND_HAZARD_AREA] = KIND("hazard-area", hazard_area, "HA", "Hazardous areas", "polygon"),
    [TL_KIND_ACCIDENT] = KIND("accident", accident, "AC", "Accidents", "point"),
    [TL_KIND_ITEM] = KIND("item", item, "IT", "Items found", "point"),
    [TL_KIND_SEARCH] = KIND("search", search, "SE", "Searches", "polygon"),
    [TL_KIND_REPORT] = KIND("report", report, "RE", "Reports", "any"),
    [TL_KIND_LINE] = KIND("line", line, "LI", "Lines", "line"),
    [TL_KIND_PLACE] = KIND("place", place, "PL", "Places", "point"),
};

const struct tl_kind_info *tl_kind_info(enum tl_kind kind)
{
    return (unsigned)kind < TL_KIND_COUNT ? &kinds[kind] : NULL;
}

tl_err tl_kind_find(struct tl_ctx *ctx, const char *name, enum tl_kind *kind)
{
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (strcmp(name, kinds[k].name) == 0 || strcmp(name, kinds[k].table) == 0) {
            *kind = (enum tl_kind)k;
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%s\" is not a kind of record: expected hazard-area, accident, item, search, "
                   "report, line or place",
                   name);
}

int tl_kind_column(enum tl_kind kind, const char *name)
{
    for (int i = 0; i < kinds[kind].n_columns; i++)
        if (strcmp(kinds[kind].columns[i].name, name) == 0)
            return i;
    return -1;
}
