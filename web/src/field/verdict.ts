/*
 * How sending ended, and what an error means for what was sent.
 */
export type Outcome = "done" | "nothing" | "offline" | "login" | "other-person" | "other-project" | "busy" | "later";

export interface Sent {
    outcome: Outcome;
    n: number; /* that got a receipt */
    words: string; /* of the server, when something went wrong */
}

/** What an error means for a record: sent again later, or a person must look. */
export function verdictOf(status: number): "again" | "login" | "person" {
    if (status === 401) return "login";
    if (status === 0 || status === 408 || status === 423 || status === 428 || status === 429 || status >= 500 || status === 403) return "again";
    return "person";
}
