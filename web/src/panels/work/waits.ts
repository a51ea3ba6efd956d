/*
 * What waits for whoever is logged in: what others submitted, where they may approve it, drafts of theirs that came back, findings that they may answer. Shown as a
 * number in the navigation.
 */
import { app } from "../../state";
import * as calls from "./calls";
import { person } from "./kept";

export interface Piles {
    approve: calls.Waiting[]; /* somebody else's, to be approved or returned */
    back: calls.Waiting[]; /* mine, returned with a comment */
    drafts: calls.Waiting[]; /* mine */
    sent: calls.Waiting[]; /* mine, waiting for somebody else */
    others: calls.Waiting[]; /* drafts of others, and what is submitted where I may not approve */
}

const reviewers = ["verifier", "approver", "administrator"];

/** Sorts the queue into piles. Without accounts the one person may approve what they entered. */
export function pilesOf(submitted: calls.Waiting[], drafts: calls.Waiting[], me: string, role: string, alone: boolean): Piles {
    const mine = (w: calls.Waiting) => alone || w.entered_by === me || (w.act === "changed" && w.person === me);
    const may = (w: calls.Waiting) => reviewers.includes(role) && (alone || !mine(w));
    return {
        approve: submitted.filter(may),
        sent: submitted.filter((w) => mine(w) && !may(w)),
        back: drafts.filter((w) => mine(w) && w.act === "returned"),
        drafts: drafts.filter((w) => mine(w) && w.act !== "returned"),
        others: [...submitted.filter((w) => !mine(w) && !may(w)), ...drafts.filter((w) => !mine(w))],
    };
}

export async function piles(signal?: AbortSignal): Promise<Piles> {
    const [submitted, drafts] = await Promise.all([calls.queue("submitted", signal), calls.queue("draft", signal)]);
    const { session } = app.get();
    const found = pilesOf(submitted.records, drafts.records, person(), session?.role ?? "guest", !session?.accounts);
    app.set((s) => ({ waits: { ...s.waits, approve: found.approve.length, back: found.back.length } }));
    return found;
}

/** Counts anew; what fails here is told by the page that is on show. */
export async function lookAgain(): Promise<void> {
    const role = app.get().session?.role ?? "guest";
    const answers = role === "approver" || role === "quality manager", writes = role !== "guest" && role !== "quality manager";
    const nothing = { findings: [] };
    const [open] = await Promise.all([answers ? calls.findings(false, "").catch(() => nothing) : nothing, writes ? piles().catch(() => undefined) : undefined]);
    app.set((s) => ({ waits: { ...(writes ? s.waits : { approve: 0, back: 0 }), answer: open.findings.length } }));
}
