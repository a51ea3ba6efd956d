/* What is attached to the area's record: sketches, photographs, scanned forms, so that whoever holds one of them can tell whether it is the one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"

enum { COLUMNS = 3 };

tl_err tl_dossier_take_attached(struct tl_dossier *d)
{
    const char *code = tl_dossier_string(d, NULL, "area.code");
    if (code == NULL)
        return TL_OK;
    tl_err err =
        tl_attach_list(d->ctx, d->project, TL_KIND_HAZARD_AREA, code, &d->attached, &d->n_attached);
    /* The polygon of an assessment may have left the register since. */
    return err == TL_ENOTFOUND ? TL_OK : err;
}

static void fill(struct tl_dossier *d, const struct tl_attach_info *info, const char **cells)
{
    cells[0] = tl_dossier_say(
        d, "%s%s%s%s%s", info->name, TL_FLOW_FINE, info->sha256, info->is_missing ? "\n" : "",
        info->is_missing ? tl_catalogue_text(d->words, "the project does not hold its content")
                         : "");
    cells[1] = info->at[0] != '\0' ? tl_dossier_say(d, "%.10s", info->at) : "–";
    cells[2] = tl_dossier_whole(d, info->n_bytes >= 0 ? (double)info->n_bytes : NAN);
}

void tl_dossier_attached(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const struct tl_flow_column columns[COLUMNS] = {
        {tl_catalogue_text(w, "Name of the file, and its SHA-256"), 370, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Attached"), 62, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Size [bytes]"), 70, TL_PAGE_RIGHT}};
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "Attachments"), 60.0);
    if (d->n_attached == 0) {
        tl_flow_paragraph(&d->flow,
                          tl_catalogue_text(w, "No file is attached to the area in the register."));
        return;
    }
    const char **cells = tl_alloc(d->ctx, d->n_attached * COLUMNS, sizeof *cells);
    if (cells == NULL) {
        if (d->err == TL_OK)
            d->err = TL_ENOMEM;
        return;
    }
    for (int64_t k = 0; k < d->n_attached; k++)
        fill(d, &d->attached[k], cells + k * COLUMNS);
    tl_flow_table(&d->flow, COLUMNS, columns, d->n_attached, cells);
    tl_free(cells);
    tl_flow_note(
        &d->flow,
        tl_catalogue_text(w, "As the register had them when this document was made. A file with "
                             "another SHA-256 is not the one that was attached."));
}
