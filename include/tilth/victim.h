/**
 * Victims of accidents. What is known of one without naming them (outcome, sex, age group, activity, tampering) are columns of the register. What names them
 * (name, date of birth, address, contact, remarks) is one sealed box: whoever enters records can fill it, and only persons who are named for it open it,
 * with their password. The threat model is in docs/rationale/0008-victims-details.md.
 *
 * The key pair of a project: its public key stands in the project; its secret one is sealed to each named person in PROJECT.keys beside it (mode 0600), and
 * to the recovery key, which is printed once and kept on paper, in the project itself.
 *
 * No message of these functions holds a personal detail.
 */
#ifndef TILTH_VICTIM_H
#define TILTH_VICTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/edit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_vault_key; /* the project's secret key, opened; in guarded memory */

enum {
    TL_VICTIM_PAPER_BYTES = 48,
    TL_VICTIM_TEXT_BYTES = 512,      /* of a column */
    TL_VICTIM_PERSONAL_BYTES = 8000, /* of all personal details together */
    TL_VICTIM_PER_ACCIDENT = 1000,
    TL_VICTIM_NAME_BYTES = 96, /* of a named person: as of an account */
    TL_VICTIM_PASSWORD_MIN = 10,
    TL_VICTIM_PASSWORD_MAX = 1024
};

enum tl_victim_column {
    TL_VICTIM_OUTCOME,   /* killed, injured */
    TL_VICTIM_SEX,       /* female, male */
    TL_VICTIM_AGE_GROUP, /* child, adult */
    TL_VICTIM_ACTIVITY,  /* words */
    TL_VICTIM_TAMPERING, /* yes, no */
    TL_VICTIM_COLUMNS
};
/** "outcome", ...; its choices "killed|injured", NULL = any words. */
const char *tl_victim_column_name(enum tl_victim_column column);
const char *tl_victim_column_choices(enum tl_victim_column column);

/** Members of the sealed details: "name", "born", "address", "contact", "remarks"; NULL ends them. */
const char *const *tl_victim_personal_names(void);

struct tl_victim {
    int64_t id;
    char code[32];     /* VI-0001 */
    char accident[64]; /* code of the accident; "" = none */
    char version[TL_EDIT_VERSION_HEX];
    char values[TL_VICTIM_COLUMNS][TL_VICTIM_TEXT_BYTES]; /* "" = not known */
    bool is_sealed;                                       /* there are personal details */
    char entered_by[256], entered_at[32];
};

/** What is to be set. Everything is borrowed for the call. */
struct tl_victim_values {
    bool sets[TL_VICTIM_COLUMNS];
    const char *values[TL_VICTIM_COLUMNS]; /* NULL = not known */
    bool sets_personal;
    const char *
        personal; /* JSON object of texts; what is empty or null is left out, and nothing at all takes the details away */
};

/** Victims of an accident, in the order of entry. owns: the caller, tl_free. Errors: TL_ENOTFOUND (accident), TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_victim_list(struct tl_ctx *ctx, struct tl_project *project,
                                  const char *accident, struct tl_victim **list, int64_t *n);
/** One. Errors: TL_ENOTFOUND. */
TL_MUST_USE tl_err tl_victim_get(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                                 struct tl_victim *victim);

/**
 * Enters a victim (inside a transaction). Errors: TL_EDENIED (role), TL_ENOTFOUND (accident), TL_EDATA (a value, too many), TL_ECONFLICT (personal details, and
 * the project has no key yet), TL_EINTEGRITY (its key is not the one that this place knows), TL_EREADONLY.
 */
TL_MUST_USE tl_err tl_victim_add(struct tl_ctx *ctx, struct tl_project *project,
                                 const char *accident, const struct tl_victim_values *values,
                                 const struct tl_edit_who *who, struct tl_victim *victim);
/**
 * Changes what is set (inside a transaction). Personal details that are there are replaced or taken away by who can read them only.
 * @param key  the opened key; NULL = whoever changes cannot read
 * Errors: as above; TL_ECONFLICT (another version), TL_EDENIED (details are there, and no key).
 */
TL_MUST_USE tl_err tl_victim_change(struct tl_ctx *ctx, struct tl_project *project,
                                    const char *code, const char *version,
                                    const struct tl_victim_values *values,
                                    const struct tl_edit_who *who, const struct tl_vault_key *key,
                                    struct tl_victim *victim);

/**
 * Opens a victim's details: a JSON object of texts, NULL where there are none.
 * @param[out] json  owns: the caller, tl_victim_forget
 * Errors: TL_ENOTFOUND, TL_EINTEGRITY (altered, another key, the box of another victim or time), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_victim_open(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_vault_key *key, const char *code, char **json);
/** Wipes and frees; NULL is fine. */
void tl_victim_forget(char *json);

/* The key and who has it. `path` is the project's; passwords and papers are borrowed. */

/** Somebody who opens the key: a named person and their password, or the recovery key (name NULL). */
struct tl_victim_opener {
    const char *name, *secret;
};

/** Whether the project has a key. */
TL_MUST_USE tl_err tl_victim_has_key(struct tl_ctx *ctx, struct tl_project *project, bool *has);

/**
 * Makes the project's key, with a first named person, and a recovery key that is given once and kept nowhere.
 * Errors: TL_EEXISTS (there is a key), TL_EUSAGE (name, password), TL_EIO, TL_ELOCKED, TL_EREADONLY.
 */
TL_MUST_USE tl_err tl_victim_init(struct tl_ctx *ctx, const char *path, const char *name,
                                  const char *password, char paper[TL_VICTIM_PAPER_BYTES]);
/** Names a further person. Errors: TL_EDENIED (the opener), TL_EEXISTS, TL_EUSAGE, TL_ENOTFOUND (no key yet), TL_EIO. */
TL_MUST_USE tl_err tl_victim_grant(struct tl_ctx *ctx, const char *path,
                                   const struct tl_victim_opener *opener, const char *name,
                                   const char *password);
/** Takes a person off. What they may have copied they can still open with the old key: tl_victim_rotate. Errors: TL_ENOTFOUND, TL_EDENIED (the last one), TL_EIO. */
TL_MUST_USE tl_err tl_victim_revoke(struct tl_ctx *ctx, const char *path, const char *name);
/** A new password of a person. Errors: TL_EDENIED (the old one), TL_EUSAGE. */
TL_MUST_USE tl_err tl_victim_passwd(struct tl_ctx *ctx, const char *path, const char *name,
                                    const char *old, const char *password);
/** Names a person by the recovery key, also one who has forgotten their password. Errors: TL_EDENIED, TL_ENOTFOUND, TL_EUSAGE. */
TL_MUST_USE tl_err tl_victim_recover(struct tl_ctx *ctx, const char *path, const char *paper,
                                     const char *name, const char *password);
/**
 * A new key for the project: all boxes are sealed anew, for the persons who are named now and for the recovery key.
 * @param[out] paper     NULL = the recovery key stays; else a new one
 * @param[out] n_boxes   how many were sealed anew
 * Errors: TL_EDENIED (the opener), TL_EINTEGRITY (a box that does not open, a person or recovery key that no holder of the key put there), TL_EIO.
 */
TL_MUST_USE tl_err tl_victim_rotate(struct tl_ctx *ctx, const char *path,
                                    const struct tl_victim_opener *opener, char *paper,
                                    int64_t *n_boxes);
/** Named persons as a JSON array: name, granted_by, granted_at, opens. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_victim_persons(struct tl_ctx *ctx, const char *path, char **json);

/** Whether a person is named and has the project's present key. Errors: TL_EIO, TL_EDATA. */
TL_MUST_USE tl_err tl_victim_is_named(struct tl_ctx *ctx, struct tl_project *project,
                                      const char *name, bool *named);
/** Opens the project's key. Errors: TL_EDENIED (whoever it is takes as long). Cost: 0.2 s and 32 MiB. owns: the caller, tl_victim_lock. */
TL_MUST_USE tl_err tl_victim_unlock(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_victim_opener *opener,
                                    struct tl_vault_key **key);
/** Whether a key that was opened is still the project's. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_victim_key_fits(struct tl_ctx *ctx, struct tl_project *project,
                                      const struct tl_vault_key *key, bool *fits);
/** Wipes and frees an opened key; NULL is fine. */
void tl_victim_lock(struct tl_vault_key *key);

#ifdef __cplusplus
}
#endif
#endif
