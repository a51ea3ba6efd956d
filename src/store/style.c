/*
 * QGIS styles as a table: for each layer its rules, for each rule its symbol. Colours keep apart under the common kinds of colour
 * blindness (Okabe and Ito 2008, and a ramp whose lightness falls evenly), and nothing is told by colour alone: hatches lean
 * another way, markers have another shape. Written into layer_styles with catalogue and schema '' (with NULL QGIS ignores them).
 */
#include "store/style.h"

#include <string.h>

#include "store/store.h"

enum shape { MARKER, LINE, FILL, HATCH, OUTLINE };

/* A rule: what it draws and how. `filter` is a QGIS expression, NULL = everything, "ELSE" = the rest. */
struct rule {
    const char *table, *filter, *label;
    enum shape shape;
    const char *colour;  /* r,g,b,a */
    const char *outline; /* r,g,b,a */
    const char *what;    /* marker's name, or the line's pen */
    double size;         /* marker's size or line's width [mm] */
    double angle;        /* of a hatch [degrees] */
};

#define RED        "190,20,30,255"
#define VERMILLION "213,94,0,255"
#define ORANGE     "230,159,0,255"
#define GREEN      "0,120,90,255"
#define BLUE       "0,114,178,255"
#define SKY        "86,180,233,255"
#define PURPLE     "150,60,120,255"
#define BLACK      "20,20,20,255"
#define GREY       "120,120,120,255"
#define WHITE      "255,255,255,255"

static const struct rule rules[] = {
    {"accident", NULL, "Accident", MARKER, RED, WHITE, "star", 4.6, 0},
    {"item", "\"how\" = 'search'", "Item found by search", MARKER, PURPLE, WHITE, "diamond", 3.0,
     0},
    {"item", "ELSE", "Item found otherwise", MARKER, SKY, BLACK, "diamond", 3.0, 0},
    {"report", NULL, "Report", MARKER, ORANGE, BLACK, "triangle", 3.2, 0},
    {"report", NULL, "Report", LINE, ORANGE, "", "dash", 0.6, 0},
    {"report", NULL, "Report", OUTLINE, ORANGE, ORANGE, "dash", 0.6, 0},
    {"hazard_area", "\"status\" IN ('cancelled', 'reduced', 'cleared', 'closed', 'handed over')",
     "Released or closed", OUTLINE, GREY, GREY, "dash", 0.5, 0},
    {"hazard_area", "\"classification\" = 'CHA'", "Confirmed (direct evidence)", HATCH, RED, RED,
     "solid", 0.7, 45},
    {"hazard_area", "ELSE", "Suspected (indirect evidence)", HATCH, VERMILLION, VERMILLION, "solid",
     0.5, 135},
    {"search", "\"type\" = 'clearance'", "Clearance", FILL, "0,120,90,120", GREEN, "solid", 0.4, 0},
    {"search", "\"type\" = 'TS'", "Technical survey", FILL, "90,180,150,110", GREEN, "solid", 0.4,
     0},
    {"search", "\"type\" = 'inspection'", "Sampling inspection", HATCH, GREEN, GREEN, "dot", 0.4,
     0},
    {"search", "ELSE", "Non-technical survey and other", FILL, "200,230,215,80", GREEN, "dash", 0.3,
     0},
    {"land_release", "\"product\" = 'cleared'", "Cleared", FILL, "0,114,178,130", BLUE, "solid",
     0.4, 0},
    {"land_release", "\"product\" = 'reduced'", "Reduced", FILL, "86,180,233,110", BLUE, "solid",
     0.4, 0},
    {"land_release", "ELSE", "Cancelled", HATCH, SKY, BLUE, "dash", 0.4, 90},
    {"line", "\"type\" IN ('defence line', 'confrontation line', 'trench', 'minefield edge')",
     "Front line, trench, edge of a minefield", LINE, RED, "", "dash dot", 0.7, 0},
    {"line", "\"type\" = 'road'", "Road", LINE, GREY, "", "solid", 0.5, 0},
    {"line", "\"type\" = 'river'", "River", LINE, BLUE, "", "solid", 0.5, 0},
    {"line", "ELSE", "Other line", LINE, BLACK, "", "dot", 0.4, 0},
    {"place", "\"population\" >= 100000", "100,000 people and more", MARKER, WHITE, BLACK, "square",
     4.0, 0},
    {"place", "\"population\" >= 10000", "10,000 to 100,000", MARKER, WHITE, BLACK, "circle", 3.2,
     0},
    {"place", "ELSE", "Fewer, or not known", MARKER, WHITE, BLACK, "circle", 2.0, 0},
    {"area", NULL, "Area of interest", OUTLINE, BLACK, BLACK, "dash", 0.5, 0},
    {"hazard_cell", "\"density_per_ha\" >= 10", "10 items per hectare and more", FILL,
     "68,1,84,200", "", "no", 0, 0},
    {"hazard_cell", "\"density_per_ha\" >= 1", "1 to 10", FILL, "148,20,60,190", "", "no", 0, 0},
    {"hazard_cell", "\"density_per_ha\" >= 0.1", "0.1 to 1", FILL, "214,80,40,180", "", "no", 0, 0},
    {"hazard_cell", "\"density_per_ha\" >= 0.01", "0.01 to 0.1", FILL, "246,152,60,170", "", "no",
     0, 0},
    {"hazard_cell", "\"density_per_ha\" >= 0.001", "0.001 to 0.01", FILL, "253,211,130,160", "",
     "no", 0, 0},
    {"hazard_cell", "ELSE", "under 0.001 items per hectare", FILL, "255,247,215,150", "", "no", 0,
     0},
};

const struct tl_style_layer tl_style_layers[] = {
    {"accident", "Accidents", "Evidence", TL_STYLE_POINT, false, false},
    {"item", "Items found", "Evidence", TL_STYLE_POINT, false, false},
    {"report", "Reports (points)", "Evidence", TL_STYLE_POINT, true, false},
    {"report", "Reports (lines)", "Evidence", TL_STYLE_LINE, true, false},
    {"report", "Reports (areas)", "Evidence", TL_STYLE_POLYGON, true, false},
    {"hazard_area", "Hazardous areas", "Evidence", TL_STYLE_POLYGON, false, false},
    {"search", "Searches", "Evidence", TL_STYLE_POLYGON, false, false},
    {"land_release", "Land release", "Decisions", TL_STYLE_POLYGON, false, false},
    {"place", "Places", "Ground", TL_STYLE_POINT, false, false},
    {"line", "Lines", "Ground", TL_STYLE_LINE, false, false},
    {"area", "Area of interest", "Ground", TL_STYLE_POLYGON, false, false},
    {"hazard_cell", "Items per hectare (a map, not a permission)", "Hazard", TL_STYLE_POLYGON,
     false, false},
    {"organisation", "Organisations", "Tables", TL_STYLE_TABLE, false, true},
    {"task", "Tasks", "Tables", TL_STYLE_TABLE, false, true},
    {"activity", "Activities", "Tables", TL_STYLE_TABLE, false, true},
    {"quality_visit", "Quality visits", "Tables", TL_STYLE_TABLE, false, true},
    {"risk_education", "Risk education", "Tables", TL_STYLE_TABLE, false, true},
    {"method", "Methods of searching", "Tables", TL_STYLE_TABLE, false, true},
    {"assessment", "Assessments", "Tables", TL_STYLE_TABLE, false, true},
    {"decision", "Decisions", "Tables", TL_STYLE_TABLE, false, true},
    {"release_finding", "Findings in released areas", "Tables", TL_STYLE_TABLE, false, true},
    {"plan", "Plan", "Tables", TL_STYLE_TABLE, false, true},
    {"import", "Imports", "Tables", TL_STYLE_TABLE, false, true},
    {"refused", "Refused records", "Tables", TL_STYLE_TABLE, false, true},
    {"finding", "Findings", "Tables", TL_STYLE_TABLE, false, true},
    {"log", "Log", "Tables", TL_STYLE_TABLE, false, true},
};
const int tl_style_n_layers = (int)(sizeof tl_style_layers / sizeof tl_style_layers[0]);

bool tl_style_has_labels(const struct tl_style_layer *layer)
{
    return strcmp(layer->table, "place") == 0;
}

static tl_err prop(struct tl_ctx *ctx, struct tl_buf *xml, const char *key, const char *value)
{
    return tl_buf_printf(ctx, xml, "<prop k=\"%s\" v=\"%s\"/>", key, value);
}

static tl_err prop_number(struct tl_ctx *ctx, struct tl_buf *xml, const char *key, double value)
{
    return tl_buf_printf(ctx, xml, "<prop k=\"%s\" v=\"%.6g\"/>", key, value);
}

static tl_err open_layer(struct tl_ctx *ctx, struct tl_buf *xml, const char *class)
{
    return tl_buf_printf(ctx, xml, "<layer class=\"%s\" enabled=\"1\" locked=\"0\" pass=\"0\">",
                         class);
}

static tl_err marker(struct tl_ctx *ctx, struct tl_buf *xml, const struct rule *rule)
{
    tl_err err = TL_OK;
    TL_TRY(open_layer(ctx, xml, "SimpleMarker"));
    TL_TRY(prop(ctx, xml, "name", rule->what));
    TL_TRY(prop(ctx, xml, "color", rule->colour));
    TL_TRY(prop(ctx, xml, "outline_color", rule->outline));
    TL_TRY(prop(ctx, xml, "outline_style", "solid"));
    TL_TRY(prop(ctx, xml, "outline_width", "0.3"));
    TL_TRY(prop(ctx, xml, "size_unit", "MM"));
    TL_TRY(prop_number(ctx, xml, "size", rule->size));
    TL_TRY(tl_buf_add(ctx, xml, "</layer>"));
done:
    return err;
}

static tl_err line(struct tl_ctx *ctx, struct tl_buf *xml, const char *colour, const char *pen,
                   double width)
{
    tl_err err = TL_OK;
    TL_TRY(open_layer(ctx, xml, "SimpleLine"));
    TL_TRY(prop(ctx, xml, "line_color", colour));
    TL_TRY(prop(ctx, xml, "line_style", pen));
    TL_TRY(prop(ctx, xml, "capstyle", "round"));
    TL_TRY(prop(ctx, xml, "line_width_unit", "MM"));
    TL_TRY(prop_number(ctx, xml, "line_width", width));
    TL_TRY(tl_buf_add(ctx, xml, "</layer>"));
done:
    return err;
}

static tl_err fill(struct tl_ctx *ctx, struct tl_buf *xml, const struct rule *rule, int number)
{
    tl_err err = TL_OK;
    if (rule->shape == HATCH) {
        TL_TRY(open_layer(ctx, xml, "LinePatternFill"));
        TL_TRY(prop_number(ctx, xml, "angle", rule->angle));
        TL_TRY(prop(ctx, xml, "distance", "2.2"));
        TL_TRY(prop(ctx, xml, "distance_unit", "MM"));
        TL_TRY(
            tl_buf_printf(ctx, xml,
                          "<symbol type=\"line\" name=\"@%d@0\" alpha=\"1\" clip_to_extent=\"1\" "
                          "force_rhr=\"0\">",
                          number));
        TL_TRY(line(ctx, xml, rule->colour, "solid", 0.35));
        TL_TRY(tl_buf_add(ctx, xml, "</symbol></layer>"));
    }
    TL_TRY(open_layer(ctx, xml, "SimpleFill"));
    TL_TRY(prop(ctx, xml, "style", rule->shape == FILL ? "solid" : "no"));
    TL_TRY(prop(ctx, xml, "color", rule->colour));
    TL_TRY(
        prop(ctx, xml, "outline_color", rule->outline[0] == '\0' ? rule->colour : rule->outline));
    TL_TRY(prop(ctx, xml, "outline_style", rule->what));
    TL_TRY(prop(ctx, xml, "outline_width_unit", "MM"));
    TL_TRY(prop_number(ctx, xml, "outline_width", rule->size));
    TL_TRY(tl_buf_add(ctx, xml, "</layer>"));
done:
    return err;
}

static bool applies(const struct rule *rule, const struct tl_style_layer *layer)
{
    enum tl_style_geometry geometry = rule->shape == MARKER ? TL_STYLE_POINT
                                      : rule->shape == LINE ? TL_STYLE_LINE
                                                            : TL_STYLE_POLYGON;
    return strcmp(rule->table, layer->table) == 0 && geometry == layer->geometry;
}

static tl_err symbol(struct tl_ctx *ctx, struct tl_buf *xml, const struct rule *rule, int number)
{
    const char *type = rule->shape == MARKER ? "marker" : rule->shape == LINE ? "line" : "fill";
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "<symbol type=\"%s\" name=\"%d\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">", type,
        number));
    if (rule->shape == MARKER)
        TL_TRY(marker(ctx, xml, rule));
    else if (rule->shape == LINE)
        TL_TRY(line(ctx, xml, rule->colour, rule->what, rule->size));
    else
        TL_TRY(fill(ctx, xml, rule, number));
    TL_TRY(tl_buf_add(ctx, xml, "</symbol>"));
done:
    return err;
}

/*
 * Rules are tried in order and the first that fits draws: QGIS draws every rule that fits, so each filter excludes those before
 * it.
 */
static tl_err rule_line(struct tl_ctx *ctx, struct tl_buf *xml, const struct tl_style_layer *layer,
                        int number, const struct rule *rule)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, xml, "<rule key=\"{%s-%d}\" symbol=\"%d\" label=\"%s\"", layer->table,
                         number, number, rule->label));
    if (rule->filter != NULL) {
        TL_TRY(tl_buf_add(ctx, xml, " filter=\""));
        TL_TRY(tl_buf_add_xml(ctx, xml, rule->filter));
        for (const struct rule *r = rule - 1;
             strcmp(rule->filter, "ELSE") != 0 && r >= rules && applies(r, layer); r--) {
            TL_TRY(tl_buf_add(ctx, xml, " AND NOT coalesce("));
            TL_TRY(tl_buf_add_xml(ctx, xml, r->filter));
            TL_TRY(tl_buf_add(ctx, xml, ", 0)"));
        }
        TL_TRY(tl_buf_add(ctx, xml, "\""));
    }
    TL_TRY(tl_buf_add(ctx, xml, "/>"));
done:
    return err;
}

static tl_err renderer(struct tl_ctx *ctx, const struct tl_style_layer *layer, struct tl_buf *xml)
{
    const int n_rules = (int)(sizeof rules / sizeof rules[0]);
    int number = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, xml,
                         "<renderer-v2 type=\"RuleRenderer\" symbollevels=\"0\" forceraster=\"0\" "
                         "enableorderby=\"0\"><rules key=\"{%s}\">",
                         layer->table));
    for (int i = 0; i < n_rules; i++)
        if (applies(&rules[i], layer))
            TL_TRY(rule_line(ctx, xml, layer, number++, &rules[i]));
    TL_TRY(tl_buf_add(ctx, xml, "</rules><symbols>"));
    number = 0;
    for (int i = 0; i < n_rules; i++)
        if (applies(&rules[i], layer))
            TL_TRY(symbol(ctx, xml, &rules[i], number++));
    TL_TRY(tl_buf_add(ctx, xml, "</symbols></renderer-v2>"));
done:
    return err;
}

static const char labels[] =
    "<labeling type=\"simple\"><settings calloutType=\"simple\"><text-style fieldName=\"name\" "
    "isExpression=\"0\" fontFamily=\"Noto Sans\" fontSize=\"8\" fontSizeUnit=\"Point\" "
    "textColor=\"20,20,20,255\" textOpacity=\"1\"><text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" "
    "bufferSizeUnits=\"MM\" bufferColor=\"255,255,255,255\" "
    "bufferOpacity=\"0.85\"/></text-style><placement "
    "placement=\"0\" dist=\"1.2\" distUnits=\"MM\"/><rendering drawLabels=\"1\" obstacle=\"1\" "
    "scaleVisibility=\"0\"/></settings></labeling>";

/* Lists to choose from where the table has a choice; what the program fills in is not typed by hand. */
static tl_err widgets(struct tl_ctx *ctx, const struct tl_kind_info *info, struct tl_buf *xml)
{
    static const char *const hidden[] = {"identity", "content", "import_id", "source_row"};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, xml, "<fieldConfiguration>"));
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        TL_TRY(tl_buf_printf(
            ctx, xml,
            "<field name=\"%s\"><editWidget type=\"Hidden\"><config><Option/></config>"
            "</editWidget></field>",
            hidden[i]));
    for (int i = 0; i < info->n_columns; i++) {
        const struct tl_column *column = &info->columns[i];
        if (column->type != TL_COLUMN_CHOICE)
            continue;
        TL_TRY(tl_buf_printf(
            ctx, xml,
            "<field name=\"%s\"><editWidget type=\"ValueMap\"><config><Option type=\"Map\">"
            "<Option type=\"List\" name=\"map\"><Option type=\"Map\"><Option type=\"QString\" "
            "name=\"(not known)\" value=\"{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}\"/></Option>",
            column->name));
        for (const char *c = column->choices; c != NULL && *c != '\0';) {
            int n = (int)strcspn(c, "|");
            TL_TRY(tl_buf_printf(
                ctx, xml,
                "<Option type=\"Map\"><Option type=\"QString\" name=\"%.*s\" value=\"%.*s\"/>"
                "</Option>",
                n, c, n, c));
            c += n + (c[n] == '|');
        }
        TL_TRY(tl_buf_add(ctx, xml, "</Option></Option></config></editWidget></field>"));
    }
    TL_TRY(tl_buf_add(ctx, xml, "</fieldConfiguration>"));
done:
    return err;
}

tl_err tl_style_body(struct tl_ctx *ctx, const struct tl_style_layer *layer, struct tl_buf *xml)
{
    tl_err err = TL_OK;
    if (layer->geometry == TL_STYLE_TABLE)
        return TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (strcmp(tl_kind_info((enum tl_kind)k)->table, layer->table) == 0)
            TL_TRY(widgets(ctx, tl_kind_info((enum tl_kind)k), xml));
    TL_TRY(renderer(ctx, layer, xml));
    if (tl_style_has_labels(layer))
        TL_TRY(tl_buf_add(ctx, xml, labels));
done:
    return err;
}

static tl_err save(struct tl_ctx *ctx, sqlite3 *db, const struct tl_style_layer *layer,
                   struct tl_buf *xml)
{
    tl_err err = TL_OK;
    tl_buf_clear(xml);
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22\" "
        "labelsEnabled=\"%d\" styleCategories=\"Symbology|Labeling|Fields|Forms\">",
        tl_style_has_labels(layer)));
    TL_TRY(tl_style_body(ctx, layer, xml));
    TL_TRY(tl_buf_add(ctx, xml, "</qgis>"));
    TL_TRY(tl_sql_execf(
        ctx, db,
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, ui) "
        "VALUES ('', '', %Q, 'geom', %Q, %Q, '', 1, 'made by tilth', '', NULL)",
        layer->table, layer->table, xml->text));
done:
    return err;
}

tl_err tl_style_create(struct tl_ctx *ctx, sqlite3 *db)
{
    struct tl_buf xml = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_sql_exec(
        ctx, db,
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
        "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
        "f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, "
        "useAsDefault "
        "BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT "
        "(strftime('%Y-%m-%dT%H:%M:%fZ','now')));"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES "
        "('layer_styles', 'attributes', 'layer_styles', '')"));
    for (int i = 0; i < tl_style_n_layers; i++) {
        const struct tl_style_layer *layer = &tl_style_layers[i];
        if (layer->geometry == TL_STYLE_TABLE ||
            (layer->is_part && layer->geometry != TL_STYLE_POINT))
            continue;
        TL_TRY(save(ctx, db, layer, &xml));
    }
done:
    tl_buf_fini(&xml);
    return err;
}
