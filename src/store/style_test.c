#include "unit.h"

#include "store/fixture.h"
#include "store/style.h"

/* Tags open and close in pairs: a small reader, since QGIS may not be here (tests/store/qgis_check.py asks it). */
static bool is_balanced(const char *xml)
{
    char open[32][64];
    int depth = 0;
    for (const char *at = strchr(xml, '<'); at != NULL; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        char name[64];
        if (end == NULL || sscanf(at[1] == '/' ? at + 2 : at + 1, "%63[A-Za-z0-9_!-]", name) != 1)
            return false;
        if (name[0] == '!' || end[-1] == '/')
            continue;
        if (at[1] != '/') {
            if (depth == 32)
                return false;
            strcpy(open[depth++], name);
        } else if (depth == 0 || strcmp(open[--depth], name) != 0) {
            return false;
        }
    }
    return depth == 0;
}

TEST(styles_are_well_formed_for_every_layer)
{
    for (int i = 0; i < tl_style_n_layers; i++) {
        struct tl_buf xml = {0};
        const struct tl_style_layer *layer = &tl_style_layers[i];
        CHECK_EVERY_ALLOC(ctx, (tl_buf_fini(&xml), tl_style_body(ctx, layer, &xml)));
        CHECK(layer->geometry == TL_STYLE_TABLE ||
              (is_balanced(xml.text) && strstr(xml.text, "<symbol ") != NULL));
        tl_buf_fini(&xml);
    }
}

TEST(every_layer_of_the_file_has_a_default_style)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, "style_test.gpkg", &project));
    CHECK_OK(tl_sql_int(
        ctx, project->db,
        "SELECT count(*) FROM gpkg_geometry_columns WHERE table_name NOT IN (SELECT f_table_name "
        "FROM "
        "layer_styles WHERE useAsDefault = 1 AND f_table_catalog = '' AND f_table_schema = '')",
        1, &n));
    CHECK(n == 0);
    tl_project_close(project);
}
