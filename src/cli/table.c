/** The command table. Data, not code: everything the program says about its commands is made from it. */
#include <string.h>

#include "cli/cli.h"

#define ENGINE_OPTION                                                                              \
    {                                                                                              \
        .name = "engine", .type = TL_CLI_CHOICE, .value = "ENGINE",                                \
        .choices = "auto|exact|lattice", .fallback = "auto",                                       \
        .meaning = "how to compute: exact sparse algebra, or the matrix-free lattice for very "    \
                   "large grids"                                                                   \
    }
#define MEMORY_OPTION                                                                              \
    {                                                                                              \
        .name = "memory", .type = TL_CLI_SIZE, .value = "SIZE", .fallback = "what is free",        \
        .meaning = "memory that the fit may take, such as 8GiB; what does not fit goes to files "  \
                   "in the output folder meanwhile"                                                \
    }
#define PLAN_OPTION                                                                                \
    {                                                                                              \
        .name = "plan", .type = TL_CLI_FLAG,                                                       \
        .meaning = "say how many cells, bytes and seconds the run will need, and stop"             \
    }
#define RANGE_PRIOR_OPTION                                                                         \
    {                                                                                              \
        .name = "range-prior", .type = TL_CLI_LENGTH_PRIOR, .value = "LENGTH:P",                   \
        .fallback = "2 cells or 1/50 of the longer side, with 0.1",                                \
        .meaning = "prior of the field's range: with chance P it is shorter than LENGTH"           \
    }
#define SIGMA_PRIOR_OPTION                                                                         \
    {                                                                                              \
        .name = "sigma-prior", .type = TL_CLI_NUMBER_PRIOR, .value = "SD:P", .fallback = "2:0.1",  \
        .meaning = "prior of the field's standard deviation (of log density): with chance P it "   \
                   "is above SD"                                                                   \
    }
#define SAMPLES_OPTION                                                                             \
    {                                                                                              \
        .name = "samples", .type = TL_CLI_INTEGER, .value = "N", .fallback = "0", .min = 0,        \
        .max = 10000, .meaning = "joint draws of log density to write to samples.tif"              \
    }
#define SEED_OPTION                                                                                \
    {                                                                                              \
        .name = "seed", .type = TL_CLI_INTEGER, .value = "N", .fallback = "1", .min = 0,           \
        .max = 9e15,                                                                               \
        .meaning = "seed of the random numbers: same seed, same bits, on any number of threads"    \
    }
#define OVERWRITE_OPTION                                                                           \
    {                                                                                              \
        .name = "overwrite", .type = TL_CLI_FLAG, .meaning = "replace output files that are there" \
    }
#define OUT_FOLDER_OPTION                                                                          \
    {                                                                                              \
        .name = "out", .type = TL_CLI_FOLDER, .value = "FOLDER", .required = true,                 \
        .meaning = "folder for the results; made when it is not there"                             \
    }
#define PROJECT_WORD                                                                               \
    {                                                                                              \
        .name = "PROJECT", .type = TL_CLI_FILE, .meaning = "the project's file, a GeoPackage"      \
    }
#define OPEN_ERRORS  TL_ENOTFOUND, TL_EDATA, TL_EVERSION, TL_EIO, TL_ELOCKED
#define WRITE_ERRORS OPEN_ERRORS, TL_EREADONLY, TL_ECANCELLED, TL_ENOMEM

static const struct tl_cli_option common[] = {
    {.name = "json",
     .type = TL_CLI_FLAG,
     .meaning = "write the result to standard output as JSON (schemas/)"},
    {.name = "progress",
     .type = TL_CLI_CHOICE,
     .value = "HOW",
     .choices = "auto|json|none",
     .fallback = "auto",
     .meaning =
         "progress on standard error: a line on a terminal, JSON lines for programs, or none"},
    {.name = "quiet",
     .type = TL_CLI_FLAG,
     .meaning = "no progress, no warnings, no summary: only errors and data that was asked for"},
    {.name = "threads",
     .type = TL_CLI_INTEGER,
     .value = "N",
     .fallback = "as many as there are cores",
     .min = 1,
     .max = 4096,
     .meaning = "threads to use; results do not depend on it"},
};

static const struct tl_cli_command commands[] = {
    {
        .name = "new",
        .summary = "begin a project for an area of interest",
        .description = "Makes a project: one GeoPackage file that holds the register, its log, "
                       "settings, evidence and the latest map. QGIS "
                       "opens it. The area of interest is cut into square cells in a projected "
                       "system: the UTM zone of the area or, where it "
                       "spans zones, a Lambert azimuthal equal-area system centred on it.",
        .words = {{.name = "PROJECT",
                   .type = TL_CLI_FILE,
                   .meaning = "the file to make, ending in .gpkg"}},
        .options =
            {
                {.name = "area",
                 .type = TL_CLI_TEXT,
                 .value = "AREA",
                 .required = true,
                 .meaning = "\"west,south,east,north\" in degrees, or a file with polygons (any "
                            "format that GDAL reads)"},
                {.name = "cell",
                 .type = TL_CLI_LENGTH,
                 .value = "LENGTH",
                 .required = true,
                 .meaning = "side of a cell, such as 500m"},
                {.name = "crs",
                 .type = TL_CLI_TEXT,
                 .value = "CRS",
                 .fallback = "by the area",
                 .meaning = "projected system of the grid, in metres, such as EPSG:32618"},
                {.name = "title",
                 .type = TL_CLI_TEXT,
                 .value = "TEXT",
                 .fallback = "the file's name",
                 .meaning = "title on maps"},
                OVERWRITE_OPTION,
            },
        .examples =
            {
                {"tilth new colombia.gpkg --area=\"-77.5,4.9,-73.8,8.9\" --cell 2km",
                 "a region, from its corners"},
                {"tilth new district.gpkg --area district.geojson --cell 100m --title \"North "
                 "district\"",
                 "from a boundary file"},
            },
        .errors = {TL_EDATA, TL_ENOTFOUND, TL_EEXISTS, TL_EIO, TL_ENOMEM},
        .run = tl_cli_cmd_new,
    },
    {
        .name = "import",
        .summary = "take a file's records into the register",
        .description =
            "Reads a file of any format that GDAL reads (CSV, XLSX, GeoJSON, GeoPackage, "
            "Shapefile, KML, GPX, FlatGeobuf, File "
            "Geodatabase) and takes its rows in as records of one kind, or a raster as a "
            "covariate. `tilth help KIND` lists the "
            "fields of a kind. Of a raster of classes (land cover) each class that is named with "
            "--class becomes a covariate, the share of the cell "
            "that it has; leave one out, the commonest: its share follows from the others.\n\n"
            "Nothing is lost: each row is added, updated, unchanged or refused, and refused rows "
            "are kept with their row number, "
            "their reason and their original values (see `tilth export --as refused`). Importing "
            "the same file again adds nothing. "
            "Refused rows are not an error: the exit code is 0. A swapped or sign-flipped position "
            "is proposed for mending, never "
            "mended silently. Either the whole import is in the project or nothing of it.",
        .words = {PROJECT_WORD,
                  {.name = "FILE", .type = TL_CLI_FILE, .meaning = "the file to read"}},
        .options =
            {
                {.name = "as",
                 .type = TL_CLI_CHOICE,
                 .value = "KIND",
                 .required = true,
                 .choices = "hazard-area|accident|item|search|report|line|place|covariate",
                 .meaning = "what the rows are"},
                {.name = "map",
                 .type = TL_CLI_PAIR,
                 .value = "FIELD=COLUMN",
                 .repeatable = true,
                 .may_be_empty = true,
                 .meaning =
                     "the column that holds a field; FIELD==TEXT gives every row the same text, "
                     "FIELD= leaves the field out"},
                {.name = "mapping",
                 .type = TL_CLI_FILE,
                 .value = "FILE",
                 .fallback = "the one last used for these columns",
                 .meaning = "YAML or JSON file with the mapping"},
                {.name = "where",
                 .type = TL_CLI_TEXT,
                 .value = "SQL",
                 .meaning = "take only rows for which this holds, such as \"type_code = 8\""},
                {.name = "layer",
                 .type = TL_CLI_TEXT,
                 .value = "NAME",
                 .fallback = "the only one",
                 .meaning = "layer or sheet of the file"},
                {.name = "source",
                 .type = TL_CLI_TEXT,
                 .value = "NAME",
                 .fallback = "the file's name",
                 .meaning = "whose ids the id field holds"},
                {.name = "crs",
                 .type = TL_CLI_TEXT,
                 .value = "CRS",
                 .fallback = "the file's own, or WGS 84",
                 .meaning = "system of the coordinates"},
                {.name = "encoding",
                 .type = TL_CLI_TEXT,
                 .value = "NAME",
                 .fallback = "UTF-8",
                 .meaning = "encoding of a text file, such as CP1251"},
                {.name = "name",
                 .type = TL_CLI_TEXT,
                 .value = "NAME",
                 .fallback = "the file's stem",
                 .meaning = "name of a covariate"},
                {.name = "prior",
                 .type = TL_CLI_NORMAL,
                 .value = "MEAN:SD",
                 .fallback = "weak",
                 .meaning = "prior of a covariate's coefficient, on the covariate's own scale"},
                {.name = "nearest",
                 .type = TL_CLI_FLAG,
                 .meaning = "a covariate: take the raster's value in the middle of the cell, no "
                            "averaging"},
                {.name = "class",
                 .type = TL_CLI_PAIR,
                 .value = "VALUE=NAME",
                 .repeatable = true,
                 .meaning = "a class of the raster: its share of the cell becomes a covariate"},
                {.name = "band",
                 .type = TL_CLI_INTEGER,
                 .value = "N",
                 .fallback = "1",
                 .min = 1,
                 .max = 10000,
                 .meaning = "band of the raster"},
                {.name = "dry-run", .type = TL_CLI_FLAG, .meaning = "do everything but writing"},
                {.name = "keep-duplicates",
                 .type = TL_CLI_FLAG,
                 .meaning = "take in rows that repeat an earlier row of the file exactly"},
                {.name = "allow-outside",
                 .type = TL_CLI_FLAG,
                 .meaning = "take in positions outside the area of interest"},
            },
        .examples =
            {
                {"tilth import colombia.gpkg events.csv --as accident --map lon=lon --map lat=lat "
                 "--map date=year --where \"type_code in (1,2)\"",
                 "accidents from a table"},
                {"tilth import district.gpkg cleared.shp --as search --map method==manual "
                 "--dry-run",
                 "look first, with the same method for all rows"},
                {"tilth import district.gpkg slope.tif --as covariate --prior 0:0.1",
                 "a raster that may explain where items lie"},
                {"tilth import district.gpkg cover.tif --as covariate --class 20=forest --class "
                 "30=fields",
                 "two classes of land cover"},
            },
        .errors = {WRITE_ERRORS},
        .run = tl_cli_cmd_import,
    },
    {
        .name = "map",
        .summary = "map the hazard from the evidence of a project",
        .description = "Turns the register into counts and effort per cell, fits the field, and "
                       "writes into a folder: posterior.tif (mean, "
                       "uncertainty, quantiles, chance that any item is there), evidence.tif, "
                       "look.geojson (where to look first), map.pdf and "
                       "map.png (one page), map.json (all figures, with the hashes of what they "
                       "rest on). The result is also kept in the "
                       "project, where QGIS shows it.\n\n"
                       "The same project, options and seed give the same bits.",
        .words = {PROJECT_WORD},
        .options =
            {
                OUT_FOLDER_OPTION,
                {.name = "group",
                 .type = TL_CLI_CHOICE,
                 .value = "GROUP",
                 .choices = "all|mines|erw",
                 .fallback = "all",
                 .meaning = "items to map: mines, explosive remnants of war, or both together"},
                ENGINE_OPTION,
                MEMORY_OPTION,
                PLAN_OPTION,
                RANGE_PRIOR_OPTION,
                SIGMA_PRIOR_OPTION,
                SAMPLES_OPTION,
                SEED_OPTION,
                {.name = "truth",
                 .type = TL_CLI_FILE,
                 .value = "FILE",
                 .meaning = "raster of the true density of a simulated district: draws a "
                            "calibration plot"},
                {.name = "truth-remaining",
                 .type = TL_CLI_FILE,
                 .value = "FILE",
                 .meaning = "raster of the items that truly remain, for the same plot"},
                OVERWRITE_OPTION,
            },
        .examples =
            {
                {"tilth map colombia.gpkg --out maps", "the map, as PDF, PNG, GeoTIFF and JSON"},
                {"tilth map district.gpkg --out maps --group mines --range-prior 500m:0.1 "
                 "--overwrite",
                 "mines only, with a prior of your own"},
            },
        .errors = {WRITE_ERRORS, TL_EEXISTS, TL_ENUMERIC},
        .run = tl_cli_cmd_map,
    },
    {
        .name = "explain",
        .summary = "say what the map's answer for a place rests on",
        .description = "Prints the reasons for the answer in the cell of a place, from the latest "
                       "map: the share of each covariate, of each "
                       "channel of evidence and of the field, the searches that reduced what "
                       "remains, and the records behind them.",
        .words = {PROJECT_WORD},
        .options = {{.name = "at",
                     .type = TL_CLI_POSITION,
                     .value = "POSITION",
                     .required = true,
                     .meaning = "\"lon,lat\" in degrees, degrees-minutes-seconds, UTM or MGRS"}},
        .examples =
            {
                {"tilth explain colombia.gpkg --at -75.1,7.2", "longitude, latitude"},
                {"tilth explain colombia.gpkg --at \"18N 489000 796000\"", "UTM"},
            },
        .errors = {OPEN_ERRORS, TL_ENOMEM},
        .run = tl_cli_cmd_explain,
    },
#include "cli/table_release.inc"
#include "cli/table_survey.inc"
#include "cli/table_forecast.inc"
#include "cli/table_progress.inc"
#include "cli/table_plan.inc"
#include "cli/table_serve.inc"
#include "cli/table_people.inc"
    {
        .name = "info",
        .summary = "say what a project holds",
        .description = "Prints title, system, grid, records by kind, imports, refused records, "
                       "findings and the latest map.",
        .words = {PROJECT_WORD},
        .examples = {{"tilth info colombia.gpkg", "for people"},
                     {"tilth info colombia.gpkg --json", "for programs"}},
        .errors = {OPEN_ERRORS},
        .run = tl_cli_cmd_info,
    },
    {
        .name = "check",
        .summary = "check a project's file, its log and its records",
        .description = "Looks for a damaged file, broken references, an altered or removed line of "
                       "the log, invalid geometries and the known "
                       "defects of mine-action registers. Ends with exit code 12 when it finds an "
                       "error; warnings alone end with 0.",
        .words = {PROJECT_WORD},
        .examples = {{"tilth check colombia.gpkg", "before handing a project over"}},
        .errors = {OPEN_ERRORS, TL_EINTEGRITY},
        .run = tl_cli_cmd_check,
    },
    {
        .name = "export",
        .summary = "write records or the map to a file that others read",
        .description = "Writes the records of a kind, the refused ones, or the cells of the latest "
                       "map as GeoJSON, CSV with a row of HXL tags, "
                       "GeoPackage or KML.",
        .words = {PROJECT_WORD},
        .options =
            {
                {.name = "as",
                 .type = TL_CLI_CHOICE,
                 .value = "WHAT",
                 .required = true,
                 .choices = "hazard-area|accident|item|search|report|line|place|hazard|refused",
                 .meaning = "a kind of record, the latest map's cells, or what imports refused"},
                {.name = "out",
                 .type = TL_CLI_FILE,
                 .value = "FILE",
                 .required = true,
                 .meaning = "the file to write"},
                {.name = "format",
                 .type = TL_CLI_CHOICE,
                 .value = "FORMAT",
                 .choices = "geojson|csv|gpkg|kml",
                 .fallback = "by the file's ending",
                 .meaning = "format of the file"},
                OVERWRITE_OPTION,
            },
        .examples =
            {
                {"tilth export colombia.gpkg --as accident --out accidents.csv", "with HXL tags"},
                {"tilth export colombia.gpkg --as refused --out refused.csv",
                 "which rows to mend in their file, and why"},
                {"tilth export colombia.gpkg --as hazard --format geojson --out cells.geojson",
                 "the map's cells"},
            },
        .errors = {OPEN_ERRORS, TL_EEXISTS, TL_ENOMEM, TL_ECANCELLED},
        .run = tl_cli_cmd_export,
    },
    {
        .name = "simulate",
        .summary = "make a district with a known truth, and its dirty evidence",
        .description = "Writes a made-up district: terrain, settlements, roads, defence lines, "
                       "mined belts, scattered ordnance, and the evidence "
                       "that years of surveys, clearance, accidents and reports would leave of it, "
                       "dirty as such files are. truth/ holds what "
                       "nobody knows in life; only a calibration may read it.",
        .words = {{.name = "FOLDER", .type = TL_CLI_FOLDER, .meaning = "folder for the files"}},
        .options =
            {
                SEED_OPTION,
                {.name = "years",
                 .type = TL_CLI_INTEGER,
                 .value = "N",
                 .fallback = "6",
                 .min = 1,
                 .max = 100,
                 .meaning = "years of surveys and accidents"},
                {.name = "area",
                 .type = TL_CLI_TEXT,
                 .value = "W,S,E,N",
                 .fallback = "a made-up district of about 20 km by 16 km",
                 .meaning = "corners in degrees"},
                {.name = "cell",
                 .type = TL_CLI_LENGTH,
                 .value = "LENGTH",
                 .fallback = "100m",
                 .meaning = "cell of the grid that the truth is drawn on"},
                {.name = "dirt",
                 .type = TL_CLI_REAL,
                 .value = "SHARE",
                 .fallback = "0.03",
                 .min = 0,
                 .max = 1,
                 .meaning = "share of records that are made dirty"},
                OVERWRITE_OPTION,
            },
        .examples = {{"tilth simulate district --seed 7",
                      "the district of `make demo` with another seed"}},
        .errors = {TL_EDATA, TL_EEXISTS, TL_EIO, TL_ENOMEM, TL_ECANCELLED},
        .run = tl_cli_cmd_simulate,
    },
    {
        .name = "field",
        .summary = "fit the field to rasters of counts and effort",
        .description = "The map's engine on anyone's rasters: posterior of the density per m2 of "
                       "the grid from counts with a known effort. "
                       "Effort nodata is outside; effort 0 is inside, not searched. Several "
                       "channels repeat --counts and --effort as "
                       "NAME=FILE. Writes posterior.tif (bands log_density_mean, log_density_sd, "
                       "density_mean, density_q05, density_q50, "
                       "density_q95, p_any), summary.json and, when asked, samples.tif. Density is "
                       "per m2 of the grid.",
        .options =
            {
                {.name = "counts",
                 .type = TL_CLI_NAMED_FILE,
                 .value = "FILE",
                 .required = true,
                 .repeatable = true,
                 .meaning = "raster of items found per cell, or NAME=FILE"},
                {.name = "effort",
                 .type = TL_CLI_NAMED_FILE,
                 .value = "FILE",
                 .required = true,
                 .repeatable = true,
                 .meaning = "raster of effectively searched area per cell in m2, or NAME=FILE"},
                {.name = "covariate",
                 .type = TL_CLI_PAIR,
                 .value = "NAME=FILE",
                 .repeatable = true,
                 .meaning = "raster that may explain the density"},
                {.name = "covariate-prior",
                 .type = TL_CLI_PAIR,
                 .value = "NAME=MEAN:SD",
                 .repeatable = true,
                 .fallback = "weak",
                 .meaning = "prior of a covariate's coefficient, on its own scale"},
                {.name = "effort-sd",
                 .type = TL_CLI_PAIR,
                 .value = "NAME=SD",
                 .repeatable = true,
                 .fallback = "0: known exactly",
                 .meaning = "how badly a channel's effort is known: sd of its log"},
                {.name = "residual",
                 .type = TL_CLI_FILE,
                 .value = "FILE",
                 .fallback = "cell area less effort",
                 .meaning = "raster of the area not yet searched per cell in m2, for p_any"},
                RANGE_PRIOR_OPTION,
                SIGMA_PRIOR_OPTION,
                ENGINE_OPTION,
                MEMORY_OPTION,
                PLAN_OPTION,
                SAMPLES_OPTION,
                SEED_OPTION,
                OUT_FOLDER_OPTION,
                OVERWRITE_OPTION,
            },
        .examples =
            {
                {"tilth field --counts trees.tif --effort searched.tif --covariate slope=slope.tif "
                 "--out fit",
                 "an ecologist's survey"},
                {"tilth field --counts search=y1.tif --effort search=e1.tif --counts "
                 "accident=y2.tif --effort accident=e2.tif --effort-sd accident=1.5 --out fit",
                 "two channels"},
            },
        .errors = {TL_EDATA, TL_ENOTFOUND, TL_EEXISTS, TL_EIO, TL_ENOMEM, TL_ENUMERIC,
                   TL_ECANCELLED},
        .run = tl_cli_cmd_field,
    },
    {
        .name = "help",
        .summary = "say how a command is used, or which fields a kind of record has",
        .description = "Without a topic: the commands. With a command's name: its arguments, "
                       "options, examples and exit codes. With a kind of "
                       "record: its fields. `exit-codes`: what each means.",
        .words = {{.name = "TOPIC",
                   .type = TL_CLI_TEXT,
                   .optional = true,
                   .meaning = "a command, a kind of record, or exit-codes"},
                  {.name = "WORD",
                   .type = TL_CLI_TEXT,
                   .optional = true,
                   .meaning = "the second word of a command that has two"}},
        .examples = {{"tilth help import", ""},
                     {"tilth help survey next", "a command of two words"},
                     {"tilth help accident", "the fields of an accident"},
                     {"tilth import --help", "the same as tilth help import"}},
        .errors = {TL_ENOTFOUND},
        .run = tl_cli_cmd_help,
    },
};

const struct tl_cli_command *tl_cli_table_commands(int *n)
{
    *n = (int)(sizeof commands / sizeof commands[0]);
    return commands;
}

const struct tl_cli_option *tl_cli_table_common(int *n)
{
    *n = (int)(sizeof common / sizeof common[0]);
    return common;
}

int tl_cli_table_n_words(const struct tl_cli_command *command)
{
    int n = 0;
    while (n < TL_CLI_WORDS_MAX && command->words[n].name != NULL)
        n++;
    return n;
}

int tl_cli_table_n_options(const struct tl_cli_command *command)
{
    int n = 0;
    while (n < TL_CLI_OPTIONS_MAX && command->options[n].name != NULL)
        n++;
    return n;
}

int tl_cli_table_n_examples(const struct tl_cli_command *command)
{
    int n = 0;
    while (n < TL_CLI_EXAMPLES_MAX && command->examples[n].line != NULL)
        n++;
    return n;
}

int tl_cli_table_n_errors(const struct tl_cli_command *command)
{
    int n = 0;
    while (n < TL_CLI_ERRORS_MAX && command->errors[n] != TL_OK)
        n++;
    return n;
}

const struct tl_cli_command *tl_cli_table_find(const char *name)
{
    int n;
    const struct tl_cli_command *all = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

bool tl_cli_table_is_group(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].group != NULL && strcmp(commands[i].group, word) == 0)
            return true;
    return false;
}

const char *tl_cli_table_second(const struct tl_cli_command *command, const char *group)
{
    return command->group != NULL && strcmp(command->group, group) == 0
               ? command->name + strlen(group) + 1
               : NULL;
}
