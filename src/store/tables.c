/*
 * The tables beside the kinds' own: the rest of domain.md's register, and what the program keeps for itself. Columns are SQL
 * without the primary key. What names a victim is one sealed box (victim.sealed, see victim.c); a box and the bytes of an attachment
 * are blobs, so the log has their hashes only.
 */
#include "store/store.h"

#define STATUS                                                                                     \
    "record_status TEXT DEFAULT 'draft' CHECK (record_status IN ('draft','submitted',"             \
    "'approved')), source TEXT, remarks TEXT, entered_by TEXT, entered_at TEXT, approved_by "      \
    "TEXT, "                                                                                       \
    "approved_at TEXT"

#define FACTOR(name) name " REAL NOT NULL DEFAULT 1 CHECK (" name " > 0), "
#define SHARE(name)  name " REAL NOT NULL DEFAULT 1 CHECK (" name " BETWEEN 0 AND 1), "

const struct tl_table tl_store_tables[] = {
    {"area", "Area of interest", "the area that the grid covers", "MULTIPOLYGON", "title TEXT",
     true, "iud", NULL},
    {"organisation", "Organisations", "operators, authorities, donors", NULL,
     "name TEXT NOT NULL UNIQUE, short_name TEXT, type TEXT, country TEXT, accreditation "
     "TEXT, " STATUS,
     true, "iud", NULL},
    {"task", "Tasks", "work orders", NULL,
     "code TEXT UNIQUE, name TEXT, organisation_id INTEGER REFERENCES organisation(id), "
     "hazard_area_id INTEGER REFERENCES hazard_area(id), status TEXT, date_start TEXT, date_end "
     "TEXT, " STATUS,
     true, "iud", NULL},
    {"activity", "Activities", "survey, clearance, risk education, quality assurance", NULL,
     "type TEXT CHECK (type IN ('survey','clearance','EORE','QA')), reference_lon REAL CHECK "
     "(reference_lon BETWEEN -180 AND 180), reference_lat REAL CHECK (reference_lat BETWEEN -90 "
     "AND 90), "
     "reference_text TEXT, organisation_id INTEGER REFERENCES organisation(id), method TEXT, "
     "date_start "
     "TEXT, date_end TEXT, status TEXT, task_id INTEGER REFERENCES task(id), " STATUS,
     true, "iud", NULL},
    {"land_release", "Land release",
     "what was cancelled, reduced or cleared: three separate figures", "MULTIPOLYGON",
     "product TEXT CHECK (product IN ('cancelled','reduced','cleared')), hazard_area_id INTEGER "
     "REFERENCES hazard_area(id), activity_id INTEGER REFERENCES activity(id), search_id INTEGER "
     "REFERENCES search(id), method TEXT, depth_cm REAL CHECK (depth_cm >= 0), date_start TEXT, "
     "date_end TEXT, team TEXT, " STATUS,
     true, "iud", NULL},
    {"quality_visit", "Quality visits", "inspections and what they found amiss", NULL,
     "date TEXT, activity_id INTEGER REFERENCES activity(id), inspected_id INTEGER REFERENCES "
     "organisation(id), inspecting_id INTEGER REFERENCES organisation(id), nonconformities INTEGER "
     "CHECK "
     "(nonconformities >= 0), severity TEXT, measures TEXT, " STATUS,
     true, "iud", NULL},
    {"risk_education", "Risk education", "sessions held", NULL,
     "date TEXT, place_id INTEGER REFERENCES place(id), organisation_id INTEGER REFERENCES "
     "organisation(id), method TEXT, women INTEGER CHECK (women >= 0), men INTEGER CHECK (men >= "
     "0), "
     "girls INTEGER CHECK (girls >= 0), boys INTEGER CHECK (boys >= 0), " STATUS,
     true, "iud", NULL},
    {"victim", "Victims", "people harmed; what names them is sealed", NULL,
     "accident_id INTEGER REFERENCES accident(id), outcome TEXT CHECK (outcome IN "
     "('killed','injured')), sex TEXT CHECK (sex IN ('female','male')), age_group TEXT CHECK "
     "(age_group IN ('child','adult')), activity TEXT, tampering INTEGER CHECK (tampering IN (0, "
     "1)), uid TEXT UNIQUE, sealed BLOB, sealed_hash TEXT, sealed_version INTEGER, " STATUS
     ", CHECK ((sealed IS NULL) = (sealed_hash IS NULL))",
     true, "iud", "CREATE INDEX victim_accident ON victim (accident_id)"},
    {"victim_key", "Key of the victims' details",
     "public key that personal details are sealed to, and the secret one sealed to the recovery "
     "key on paper",
     NULL,
     "at TEXT NOT NULL, actor TEXT, public_key TEXT NOT NULL, recovery_public TEXT NOT NULL, "
     "recovery_hash TEXT NOT NULL, recovery BLOB NOT NULL",
     false, "iud", NULL},
    {"attachment", "Attachments", "files by the hash of their content", NULL,
     "table_name TEXT NOT NULL, record_id INTEGER NOT NULL, name TEXT, media_type TEXT, sha256 "
     "TEXT NOT NULL, n_bytes INTEGER, entered_by TEXT, entered_at TEXT",
     true, "iud", "CREATE INDEX attachment_record ON attachment (table_name, record_id)"},
    {"attachment_bytes", "Contents of attachments", "each content once, by its hash", NULL,
     "sha256 TEXT NOT NULL UNIQUE, n_bytes INTEGER NOT NULL, bytes BLOB NOT NULL", false, "iud",
     NULL},
    {"setting", "Settings", "the project's settings, text by key", NULL,
     "key TEXT NOT NULL UNIQUE, value TEXT", true, "iud", NULL},
    {"method", "Methods of searching",
     "chances of detection, pace and price, with where each comes from", NULL,
     "name TEXT NOT NULL CHECK (name != ''), item_group TEXT NOT NULL DEFAULT '' CHECK (item_group "
     "IN ('','mines','erw')), depth_cm REAL CHECK (depth_cm > 0), soil TEXT NOT NULL DEFAULT '', "
     "is_search BOOLEAN NOT NULL DEFAULT 1, is_assumption BOOLEAN NOT NULL DEFAULT 1, "
     "detectable_a REAL NOT NULL CHECK (detectable_a > 0), detectable_b REAL NOT NULL CHECK "
     "(detectable_b > 0), per_pass_a REAL NOT NULL CHECK (per_pass_a > 0), per_pass_b REAL NOT "
     "NULL CHECK (per_pass_b > 0), process_failure REAL NOT NULL DEFAULT 0 CHECK (process_failure "
     "BETWEEN 0 AND 1), process_failure_p REAL NOT NULL DEFAULT 0 CHECK (process_failure_p "
     "BETWEEN 0 AND 1), source TEXT NOT NULL, m2_per_day REAL CHECK (m2_per_day > 0), "
     "m2_per_day_low REAL CHECK (m2_per_day_low > 0), m2_per_day_high REAL CHECK (m2_per_day_high "
     "> 0), pace_source TEXT NOT NULL DEFAULT '', price_per_m2 REAL CHECK (price_per_m2 >= 0), "
     "price_per_m2_low REAL CHECK (price_per_m2_low >= 0), price_per_m2_high REAL CHECK "
     "(price_per_m2_high >= 0), currency TEXT NOT NULL DEFAULT 'USD', price_source TEXT NOT NULL "
     "DEFAULT '', " FACTOR("vegetation_pace_none") FACTOR("vegetation_pace_light") FACTOR(
         "vegetation_pace_medium") FACTOR("vegetation_pace_dense") SHARE("vegetation_detect_none")
         SHARE("vegetation_detect_light") SHARE("vegetation_detect_medium") SHARE(
             "vegetation_detect_dense") FACTOR("slope_pace_flat") FACTOR("slope_pace_moderate")
             FACTOR("slope_pace_steep") SHARE("slope_detect_flat") SHARE("slope_detect_moderate")
                 SHARE("slope_detect_steep") "terrain_source TEXT NOT NULL DEFAULT ''",
     true, "iud",
     "CREATE UNIQUE INDEX method_row ON method (lower(name), item_group, COALESCE(depth_cm, -1), "
     "soil)"},
    {"assessment", "Assessments", "what may remain in an area, as it was reckoned", NULL,
     "at TEXT NOT NULL, actor TEXT, hazard_area_id INTEGER NOT NULL REFERENCES hazard_area(id), "
     "area_code TEXT NOT NULL, hash TEXT NOT NULL, evidence_hash TEXT NOT NULL, json BLOB NOT NULL",
     true, "iud", "CREATE INDEX assessment_area ON assessment (hazard_area_id)"},
    {"decision", "Decisions", "releases, each a named person's", NULL,
     "at TEXT NOT NULL, actor TEXT, hazard_area_id INTEGER NOT NULL REFERENCES hazard_area(id), "
     "area_code TEXT NOT NULL, product TEXT NOT NULL CHECK (product IN "
     "('cancelled','reduced','cleared')), person TEXT NOT NULL CHECK (person != ''), role TEXT NOT "
     "NULL, reason TEXT NOT NULL CHECK (reason != ''), assessment_id INTEGER NOT NULL REFERENCES "
     "assessment(id), assessment_hash TEXT NOT NULL, criteria TEXT, land_release_id INTEGER NOT "
     "NULL REFERENCES land_release(id), known TEXT NOT NULL",
     true, "iud", "CREATE INDEX decision_area ON decision (hazard_area_id)"},
    {"release_finding", "Findings in released areas",
     "evidence that came after a release, and what a person answered", NULL,
     "decision_id INTEGER NOT NULL REFERENCES decision(id), area_code TEXT NOT NULL, kind TEXT NOT "
     "NULL CHECK (kind IN ('accident','item')), record_id INTEGER NOT NULL, record TEXT NOT NULL, "
     "message TEXT NOT NULL, raised TEXT NOT NULL, answered TEXT, person TEXT, role TEXT, answer "
     "TEXT, UNIQUE (decision_id, kind, record_id)",
     true, "iud", NULL},
    {"plan", "Plan", "the latest plan of work: which team does what in which year", NULL,
     "at TEXT NOT NULL, actor TEXT, hash TEXT NOT NULL, json BLOB NOT NULL", true, "iud", NULL},
    {"review", "Reviews", "who entered, changed, submitted, approved or returned which record",
     NULL,
     "at TEXT NOT NULL, actor TEXT, table_name TEXT NOT NULL, record_id INTEGER NOT NULL, act TEXT "
     "NOT NULL CHECK (act IN ('entered','changed','submitted','approved','returned')), person TEXT "
     "NOT NULL, role TEXT, comment TEXT",
     true, "iud", "CREATE INDEX review_record ON review (table_name, record_id)"},
    {"field_receipt", "Receipts of the field",
     "what devices sent, each record once, with its receipt", NULL,
     "uuid TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN "
     "('new','changed','conflict','refused')), kind TEXT NOT NULL, code TEXT, version TEXT, "
     "base_version TEXT, mends TEXT, made_at TEXT NOT NULL, received_at TEXT NOT NULL, ahead_s "
     "REAL, device TEXT, person TEXT NOT NULL, role TEXT, doubts TEXT NOT NULL, message TEXT, body "
     "TEXT NOT NULL",
     true, "iud",
     "CREATE INDEX field_receipt_mends ON field_receipt (mends) WHERE mends NOT NULL; CREATE INDEX "
     "field_receipt_state ON field_receipt (state)"},
    {"kept_edit", "Kept edits", "changes from the field that met a newer version; a person decides",
     NULL,
     "receipt_id INTEGER NOT NULL UNIQUE REFERENCES field_receipt(id), table_name TEXT NOT NULL, "
     "record_id INTEGER NOT NULL, met_version TEXT NOT NULL, decided_at TEXT, person TEXT, role "
     "TEXT, take TEXT, comment TEXT",
     true, "iud", "CREATE INDEX kept_edit_record ON kept_edit (table_name, record_id)"},
    {"import", "Imports", "what came from where, with its counts", NULL,
     "kind TEXT NOT NULL, path TEXT, sha256 TEXT, source TEXT, options TEXT, n_read INTEGER, "
     "n_added "
     "INTEGER, n_updated INTEGER, n_unchanged INTEGER, n_refused INTEGER, at TEXT, actor TEXT",
     true, "iud", NULL},
    {"refused", "Refused records", "what was not taken in, with the reason and its original values",
     NULL,
     "import_id INTEGER NOT NULL REFERENCES import(id), row INTEGER, reason TEXT NOT NULL, message "
     "TEXT, "
     "original TEXT, proposal TEXT",
     true, "ud", NULL},
    {"mended", "Mended records", "which record came of a refused one, entered by hand", NULL,
     "refused_id INTEGER NOT NULL UNIQUE REFERENCES refused(id), record TEXT NOT NULL, at TEXT NOT "
     "NULL, person TEXT NOT NULL",
     true, "iud", NULL},
    {"finding", "Findings", "doubts about records that were taken in all the same", NULL,
     "import_id INTEGER REFERENCES import(id), kind TEXT NOT NULL, record_id INTEGER, row INTEGER, "
     "reason "
     "TEXT NOT NULL, message TEXT",
     true, "ud", NULL},
    {"mapping", "Mappings", "which source column went to which of ours", NULL,
     "kind TEXT NOT NULL, columns_hash TEXT NOT NULL, columns TEXT, json TEXT NOT NULL, UNIQUE "
     "(kind, "
     "columns_hash)",
     true, "iud", NULL},
    {"covariate", "Covariates", "rasters on the project's grid", NULL,
     "name TEXT NOT NULL UNIQUE, source TEXT, sha256 TEXT, prior_mean REAL NOT NULL DEFAULT 0, "
     "prior_sd REAL "
     "NOT NULL DEFAULT 0, \"values\" BLOB",
     false, "iud", NULL},
    {"map_run", "Map runs", "inputs, options and figures of each map", NULL,
     "at TEXT NOT NULL, actor TEXT, json TEXT NOT NULL", true, "iud", NULL},
    {"map_band", "Bands of the latest map", "what each comes to", NULL,
     "run_id INTEGER NOT NULL REFERENCES map_run(id), name TEXT NOT NULL, n INTEGER NOT NULL, "
     "least "
     "REAL, most REAL, least_positive REAL, average REAL, quantiles BLOB, UNIQUE (run_id, name)",
     false, "", NULL},
    {"map_block", "Blocks of the latest map", "float32 little endian in byte planes, deflated",
     NULL,
     "band_id INTEGER NOT NULL REFERENCES map_band(id), number INTEGER NOT NULL, \"values\" BLOB "
     "NOT "
     "NULL, UNIQUE (band_id, number)",
     false, "", NULL},
    {"hazard_cell", "Hazard by cell", "cells of the latest map", "POLYGON",
     "cell INTEGER NOT NULL, density_per_ha REAL, density_q05_per_ha REAL, density_q95_per_ha "
     "REAL, "
     "log_density_sd REAL, p_any REAL, residual_ha REAL, rank INTEGER",
     true, "", NULL},
};

const int tl_store_n_tables = (int)(sizeof tl_store_tables / sizeof tl_store_tables[0]);
