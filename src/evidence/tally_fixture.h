/** A small register whose progress tables can be reckoned by hand: all polygons lie in one band of latitude, in an equal-area system. */
#ifndef TL_EVIDENCE_TALLY_FIXTURE_H
#define TL_EVIDENCE_TALLY_FIXTURE_H

#include "evidence/fixture.h"
#include "tilth/tally.h"

/* Kilometre-like units: [from, to] hundredths of a degree east of 30, 0.01 degrees high from 50 on. */
#define BAND(from, to)                                                                             \
    "\"POLYGON((30." from " 50.00,30." to " 50.00,30." to " 50.01,30." from " 50.01,30." from      \
    " 50.00))\"\n"

__attribute__((unused)) static tl_err tally_fixture(struct tl_ctx *ctx, const char *path,
                                                    struct tl_project **project)
{
    static const double box[4] = {30.0, 50.0, 30.3, 50.1};
    static const char *const files[][2] = {
        {"place", "id,lon,lat,name,admin1,admin2\nP1,30.02,50.005,a,North,West\n"
                  "P2,30.20,50.005,b,North,East\nP3,30.21,50.006,c,,East\n"},
        {"hazard-area",
         "id,classification,status,date,date_closed,wkt\n"
         "A1,SHA,open,2018,," BAND("00", "04") "A2,CHA,cleared,2019-05,2021-03-02," BAND(
             "03",
             "06") "A3,SHA,closed,2020-07-01,2022," BAND("08",
                                                         "10") "A4,SHA,open,,," BAND("12",
                                                                                     "13") "A5,CHA,"
                                                                                           "cancell"
                                                                                           "ed,"
                                                                                           "2019,"
                                                                                           "," BAND("14",
                                                                                                    "15")},
        {"search",
         "id,type,date_end,released_as,wkt\n"
         "S1,NTS,2020-01-10,cancelled," BAND("00", "01") "S2,TS,2020-06-01,reduced," BAND("00", "0"
                                                                                                "2") "S3,clearance,2021-01-01,cleared," BAND(
             "03",
             "05") "S4,TS,,reduced," BAND("16",
                                          "17") "S5,NTS,2022-01-01,cancelled," BAND("20",
                                                                                    "22") "S6,"
                                                                                          "clearanc"
                                                                                          "e,2022-"
                                                                                          "01-01,"
                                                                                          "cleared"
                                                                                          "," BAND("21",
                                                                                                   "23") "S7,clearance,2022-05-01,none," BAND("25",
                                                                                                                                              "26")},
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
