/*
 * The QGIS project inside the GeoPackage: table qgis_projects, content = the hex of a .qgz (a zip of one .qgs). Its layers name
 * this very file by a relative path, so that a copied folder works. QGIS does not notice that the file was renamed: the
 * project of a renamed file shows the layers of the old one. So the file's name is kept, and the project is written anew when
 * tilth opens the file for writing and finds another name.
 */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "store/store.h"
#include "store/style.h"
#include "tilth/crs.h"

/* Both the code and the text: QGIS 3.22 takes no system that has the code alone. */
static tl_err system_of(struct tl_ctx *ctx, struct tl_buf *xml, const char *crs)
{
    char *wkt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_crs_wkt(ctx, crs, &wkt));
    TL_TRY(tl_buf_add(ctx, xml, "<spatialrefsys nativeFormat=\"Wkt\"><wkt>"));
    TL_TRY(tl_buf_add_xml(ctx, xml, wkt));
    TL_TRY(tl_buf_add(ctx, xml, "</wkt>"));
    if (strncmp(crs, "EPSG:", 5) == 0)
        TL_TRY(tl_buf_printf(ctx, xml, "<authid>%s</authid>", crs));
    TL_TRY(tl_buf_add(ctx, xml, "</spatialrefsys>"));
done:
    tl_free(wkt);
    return err;
}

static const char *const kinds_of[] = {"Point", "LineString", "Polygon", "None"};

static tl_err tree_layer(struct tl_ctx *ctx, struct tl_buf *xml, int i)
{
    const struct tl_style_layer *layer = &tl_style_layers[i];
    return tl_buf_printf(
        ctx, xml,
        "<layer-tree-layer id=\"tilth_%d_%s\" name=\"%s\" checked=\"%s\" expanded=\"%d\" "
        "providerKey=\"ogr\"/>",
        i, layer->table, layer->title, layer->is_hidden ? "Qt::Unchecked" : "Qt::Checked",
        !layer->is_hidden);
}

static tl_err tree(struct tl_ctx *ctx, struct tl_buf *xml)
{
    tl_err err = TL_OK;
    const char *group = "";
    TL_TRY(tl_buf_add(ctx, xml, "<layer-tree-group>"));
    for (int i = 0; i < tl_style_n_layers; i++) {
        const struct tl_style_layer *layer = &tl_style_layers[i];
        if (strcmp(group, layer->group) != 0) {
            TL_TRY(tl_buf_printf(
                ctx, xml,
                "%s<layer-tree-group name=\"%s\" checked=\"Qt::Checked\" expanded=\"%d\">",
                i > 0 ? "</layer-tree-group>" : "", layer->group, !layer->is_hidden));
            group = layer->group;
        }
        TL_TRY(tree_layer(ctx, xml, i));
    }
    TL_TRY(tl_buf_add(ctx, xml, "</layer-tree-group></layer-tree-group>"));
done:
    return err;
}

static tl_err map_layer(struct tl_ctx *ctx, struct tl_buf *xml, int i, const char *file)
{
    static const char *const geometries[] = {"Point", "Line", "Polygon", "No geometry"};
    const struct tl_style_layer *layer = &tl_style_layers[i];
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "<maplayer type=\"vector\" geometry=\"%s\" labelsEnabled=\"%d\" "
        "styleCategories=\"AllStyleCategories\" readOnly=\"%d\"><id>tilth_%d_%s</id><datasource>./",
        geometries[layer->geometry], tl_style_has_labels(layer), strcmp(layer->table, "log") == 0,
        i, layer->table));
    TL_TRY(tl_buf_add_xml(ctx, xml, file));
    TL_TRY(tl_buf_printf(ctx, xml, "|layername=%s", layer->table));
    if (layer->is_part)
        TL_TRY(tl_buf_printf(ctx, xml, "|geometrytype=%s", kinds_of[layer->geometry]));
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "</datasource><layername>%s</layername><provider encoding=\"UTF-8\">ogr</provider>"
        "<flags><Identifiable>1</Identifiable><Removable>1</Removable><Searchable>1</Searchable>"
        "</flags>",
        layer->title));
    if (layer->geometry != TL_STYLE_TABLE) {
        TL_TRY(tl_buf_add(ctx, xml, "<srs>"));
        TL_TRY(system_of(ctx, xml, "EPSG:4326"));
        TL_TRY(tl_buf_add(ctx, xml, "</srs>"));
    }
    TL_TRY(tl_style_body(ctx, layer, xml));
    TL_TRY(tl_buf_add(ctx, xml, "</maplayer>"));
done:
    return err;
}

static tl_err document(struct tl_ctx *ctx, struct tl_buf *xml, const struct tl_qgis *q)
{
    const struct tl_grid *grid = &q->grid;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(
        ctx, xml,
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.16\" "
        "projectname=\""));
    TL_TRY(tl_buf_add_xml(ctx, xml, q->title));
    TL_TRY(tl_buf_add(ctx, xml, "\"><title>"));
    TL_TRY(tl_buf_add_xml(ctx, xml, q->title));
    TL_TRY(tl_buf_add(ctx, xml, "</title><projectCrs>"));
    TL_TRY(system_of(ctx, xml, q->crs));
    TL_TRY(tl_buf_add(ctx, xml, "</projectCrs>"));
    TL_TRY(tree(ctx, xml));
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "<mapcanvas name=\"theMapCanvas\" annotationsVisible=\"1\"><units>meters</units><extent>"
        "<xmin>%.15g</xmin><ymin>%.15g</ymin><xmax>%.15g</xmax><ymax>%.15g</ymax></extent>"
        "<rotation>0</rotation><destinationsrs>",
        grid->x0_m, grid->y0_m - (double)grid->n_y * grid->step_m,
        grid->x0_m + (double)grid->n_x * grid->step_m, grid->y0_m));
    TL_TRY(system_of(ctx, xml, q->crs));
    TL_TRY(tl_buf_add(ctx, xml, "</destinationsrs></mapcanvas><projectlayers>"));
    for (int i = 0; i < tl_style_n_layers; i++)
        TL_TRY(map_layer(ctx, xml, i, q->file));
    TL_TRY(tl_buf_add(ctx, xml, "</projectlayers><layerorder>"));
    for (int i = 0; i < tl_style_n_layers; i++)
        TL_TRY(tl_buf_printf(ctx, xml, "<layer id=\"tilth_%d_%s\"/>", i, tl_style_layers[i].table));
    TL_TRY(tl_buf_add(ctx, xml, "</layerorder>"));
    TL_TRY(tl_buf_printf(
        ctx, xml,
        "<ProjectViewSettings UseProjectScales=\"0\"><DefaultViewExtent xmin=\"%.15g\" "
        "ymin=\"%.15g\" xmax=\"%.15g\" ymax=\"%.15g\">",
        grid->x0_m, grid->y0_m - (double)grid->n_y * grid->step_m,
        grid->x0_m + (double)grid->n_x * grid->step_m, grid->y0_m));
    TL_TRY(system_of(ctx, xml, q->crs));
    TL_TRY(tl_buf_add(ctx, xml,
                      "</DefaultViewExtent></ProjectViewSettings><properties><Paths><Absolute "
                      "type=\"bool\">false</Absolute></Paths><SpatialRefSys><ProjectionsEnabled "
                      "type=\"int\">1</ProjectionsEnabled></SpatialRefSys></properties>"
                      "</qgis>\n"));
done:
    return err;
}

/* A zip of one file, in memory. owns: the caller, tl_free. */
static tl_err zipped(struct tl_ctx *ctx, const struct tl_buf *xml, uint8_t **bytes, int64_t *n)
{
    zip_error_t why;
    zip_source_t *whole = NULL, *file = NULL;
    zip_t *archive = NULL;
    zip_stat_t facts;
    uint8_t *out = NULL;
    tl_err err = TL_OK;
    zip_error_init(&why);
    whole = zip_source_buffer_create(NULL, 0, 0, &why);
    archive = whole == NULL ? NULL : zip_open_from_source(whole, ZIP_TRUNCATE, &why);
    if (archive == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the QGIS project could not be packed: %s",
                 zip_error_strerror(&why));
    zip_source_keep(whole);
    file = zip_source_buffer(archive, xml->text, (zip_uint64_t)xml->size_bytes, 0);
    zip_int64_t index =
        file == NULL ? -1 : zip_file_add(archive, "tilth.qgs", file, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(file);
        TL_THROW(ctx, TL_ENOMEM, "the QGIS project could not be packed: %s", zip_strerror(archive));
    }
    /* no clock in the zip: the same project gives the same bytes */
    zip_file_set_mtime(archive, (zip_uint64_t)index, 1577836800, 0);
    if (zip_close(archive) != 0)
        TL_THROW(ctx, TL_ENOMEM, "the QGIS project could not be packed: %s", zip_strerror(archive));
    archive = NULL;
    if (zip_source_stat(whole, &facts) != 0 || zip_source_open(whole) != 0)
        TL_THROW(ctx, TL_ENOMEM, "the packed QGIS project cannot be read");
    out = tl_alloc(ctx, (int64_t)facts.size, 1);
    if (out == NULL)
        err = TL_ENOMEM;
    else if (zip_source_read(whole, out, facts.size) != (zip_int64_t)facts.size)
        err = tl_fail(ctx, TL_EIO, "the packed QGIS project cannot be read");
    zip_source_close(whole);
    if (err == TL_OK) {
        *bytes = out;
        *n = (int64_t)facts.size;
        out = NULL;
    }
done:
    if (archive != NULL)
        zip_discard(archive);
    zip_source_free(whole);
    zip_error_fini(&why);
    tl_free(out);
    return err;
}

tl_err tl_qgis_write(struct tl_ctx *ctx, sqlite3 *db, const struct tl_qgis *q)
{
    struct tl_buf xml = {0};
    sqlite3_stmt *stmt = NULL;
    uint8_t *bytes = NULL;
    char metadata[160], at[32];
    int64_t n = 0;
    tl_err err = TL_OK;
    tl_store_now(at);
    snprintf(metadata, sizeof metadata,
             "{\"last_modified_time\": \"%s\", \"last_modified_user\": \"tilth\"}", at);
    TL_TRY(document(ctx, &xml, q));
    TL_TRY(zipped(ctx, &xml, &bytes, &n));
    TL_TRY(tl_sql_exec(
        ctx, db,
        "CREATE TABLE IF NOT EXISTS qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content "
        "BLOB)"));
    TL_TRY(tl_sql_prepare(
        ctx, db,
        "INSERT OR REPLACE INTO qgis_projects (name, metadata, content) VALUES ('tilth', ?1, "
        "CAST(lower(hex(?2)) AS BLOB))",
        &stmt));
    sqlite3_bind_blob(stmt, 1, metadata, (int)strlen(metadata), SQLITE_STATIC);
    tl_sql_bind_blob(stmt, 2, bytes, n);
    TL_TRY(tl_sql_run(ctx, stmt));
    TL_TRY(tl_sql_execf(ctx, db, "INSERT OR REPLACE INTO tilth_state VALUES ('qgis_file', %Q)",
                        q->file));
done:
    sqlite3_finalize(stmt);
    tl_free(bytes);
    tl_buf_fini(&xml);
    return err;
}
