#include "unit.h"

#include "store/fixture.h"

static const char path[] = "check_test.gpkg";

#include "store/fixture_check.h"

TEST(an_untouched_project_is_clean)
{
    CHECK_OK(make(ctx));
    CHECK_CLEAN();
}

TEST(dropped_triggers_are_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DROP TRIGGER log_accident_update"));
    CHECK_SAYS("error schema: trigger log_accident_update is missing");
}

TEST(counts_that_do_not_add_up_are_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(outside(ctx, "UPDATE import SET n_read = 9 WHERE id = 2"));
    CHECK_SAYS("error import-counts: import 2 (field.csv): read 9, but added 3 + updated 0 + "
               "unchanged 0 + refused 0");
    CHECK_OK(make(ctx));
    CHECK_OK(outside(ctx, "UPDATE import SET n_read = 5, n_refused = 2 WHERE id = 1"));
    CHECK_SAYS("error import-counts: import 1 (field.csv): 2 refused, but 0 rows");
}

TEST(broken_links_and_entries_are_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE accident SET import_id = 77 WHERE id = 3"));
    CHECK_SAYS("error foreign-key: accident row 3 points to a row of import that is not there");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM gpkg_geometry_columns WHERE table_name = 'item'"));
    CHECK_SAYS("error geopackage: layer item has no row in gpkg_geometry_columns");
}

TEST(many_of_a_kind_are_counted_not_listed)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(
        ctx,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO "
        "place (code) SELECT 'x' || i FROM n"));
    CHECK_SAYS("error log-record: and 30 more of this kind");
}
