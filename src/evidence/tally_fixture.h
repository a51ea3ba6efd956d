/** A small register whose progress tables can be reckoned by hand: all polygons lie in one band of latitude, in an equal-area system. */
#ifndef TL_EVIDENCE_TALLY_FIXTURE_H
#define TL_EVIDENCE_TALLY_FIXTURE_H

#include "evidence/fixture.h"
#include "tilth/tally.h"

/* A line of CSV: its beginning, then the polygon [from, to] hundredths of a degree east of 30, 0.01 degrees high from 50 on. */
#define LINE(text, from, to)                                                                       \
    text "\"POLYGON((30." from " 50.00,30." to " 50.00,30." to " 50.01,30." from " 50.01,30." from \
         " 50.00))\"\n"

static const char tally_fixture_areas[] =
    "id,classification,status,date,date_closed,wkt\n" LINE("A1,SHA,open,2018,,", "00", "04")
        LINE("A2,CHA,cleared,2019-05,2021-03-02,", "03", "06")
            LINE("A3,SHA,closed,2020-07-01,2022,", "08", "10") LINE("A4,SHA,open,,,", "12", "13")
                LINE("A5,CHA,cancelled,2019,,", "14", "15");

static const char tally_fixture_searches[] =
    "id,type,date_end,released_as,wkt\n" LINE("S1,NTS,2020-01-10,cancelled,", "00", "01")
        LINE("S2,TS,2020-06-01,reduced,", "00", "02")
            LINE("S3,clearance,2021-01-01,cleared,", "03", "05") LINE("S4,TS,,reduced,", "16", "17")
                LINE("S5,NTS,2022-01-01,cancelled,", "20", "22")
                    LINE("S6,clearance,2022-01-01,cleared,", "21", "23")
                        LINE("S7,clearance,2022-05-01,none,", "25", "26");

__attribute__((unused)) static tl_err tally_fixture(struct tl_ctx *ctx, const char *path,
                                                    struct tl_project **project)
{
    static const double box[4] = {30.0, 50.0, 30.3, 50.1};
    static const char *const files[][2] = {
        {"place", "id,lon,lat,name,admin1,admin2\nP1,30.02,50.005,a,North,West\n"
                  "P2,30.20,50.005,b,North,East\nP3,30.21,50.006,c,,East\n"},
        {"hazard-area", tally_fixture_areas},
        {"search", tally_fixture_searches},
        {"item", "id,lon,lat,date,category,number,disposal\n"
                 "I1,30.010,50.005,2020-03-01,AP mine,3,destroyed in place\n"
                 "I2,30.011,50.005,2020-03-02,AP mine,,left marked\n"
                 "I3,30.210,50.005,2021-03-02,submunition,2,Demolished\n"
                 "I4,30.211,50.005,,UXO,4,destroyed\n"
                 "I5,30.212,50.005,2021,mine,1,not destroyed\n"},
        {"accident", "id,lon,lat,date,killed,injured,during_demining\n"
                     "C1,30.02,50.006,2019-08-01,1,2,0\nC2,30.22,50.006,2021-08-01,0,1,1\n"
                     "C3,30.03,50.006,,1,0,0\n"}};
    struct tl_import_report report;
    char file[256];
    tl_err err = fixture_project(ctx, path, box, "EPSG:6933", 500.0, project);
    for (size_t k = 0; err == TL_OK && k < sizeof files / sizeof files[0]; k++) {
        snprintf(file, sizeof file, "%s_%s.csv", path, files[k][0]);
        err = fixture_import(ctx, *project, files[k][0], file, files[k][1], &report);
        unlink(file);
    }
    return err;
}

#endif
