/*
 * What waits: for me to approve, what came back to me, my drafts; findings without an answer; forms that are begun and not sent.
 */
import "../../more";

import { useEffect } from "preact/hooks";

import { to } from "../../route";
import { app, isGuest, useText } from "../../state";
import { Busy, Panel, Symbol, Trouble, useAsk } from "../../ui";
import { moment } from "../../words";
import * as calls from "./calls";
import { unsent } from "./kept";
import { LogInAgain } from "./record_form";
import { piles } from "./waits";

function Row({ row, comment = false }: { row: calls.Waiting; comment?: boolean }) {
    const t = useText();
    const language = app.use((s) => s.language);
    return (
        <li>
            <a class="area-card" href={to.record(row.kind, row.code)}>
                <span class="area-name"><Symbol kind={row.kind} /> <b>{t(`one.${row.kind}`)} {row.code}</b></span>
                <span class="area-figures">{row.entered_by ? t("way.entered_by", { who: row.entered_by, when: moment(language, row.entered_at) }) : t("way.imported")}</span>
                {row.comment && (comment || row.act === "submitted") ? <q class="comment">{row.comment}<small> – {row.person}</small></q> : null}
            </a>
        </li>
    );
}

function Pile({ title, rows, none, comment, closed = false }: { title: string; rows: calls.Waiting[]; none?: string; comment?: boolean; closed?: boolean }) {
    if (!rows.length && !none) return null;
    const body = rows.length ? <ul class="plain cards">{rows.map((r) => <Row key={`${r.kind}${r.code}`} row={r} comment={comment} />)}</ul> : <p class="hint">{none}</p>;
    if (closed) return <details class="group"><summary><h2>{title}</h2><span class="badge">{rows.length}</span></summary>{body}</details>;
    return <section class="group"><h2>{title}{rows.length ? <> <span class="badge">{rows.length}</span></> : null}</h2>{body}</section>;
}

function Unsent() {
    const t = useText();
    const language = app.use((s) => s.language);
    const rows = unsent();
    if (!rows.length) return null;
    return (
        <section class="group">
            <h2>{t("queue.unsent")} <span class="badge">{rows.length}</span></h2>
            <p class="hint">{t("queue.unsent_words")}</p>
            <ul class="plain cards">{rows.map((r) => (
                <li key={r.kind + r.code}><a class="area-card" href={r.code ? to.edit(r.kind, r.code) : to.add(r.kind)}>
                    <span class="area-name"><Symbol kind={r.kind} /> <b>{r.code ? t("form.change", { code: r.code }) : t("form.new", { kind: t(`one.${r.kind as calls.Kind["name"]}`) })}</b></span>
                    <span class="area-figures">{t("queue.begun", { when: moment(language, r.at) })}</span>
                </a></li>
            ))}</ul>
        </section>
    );
}

function Findings() {
    const t = useText();
    const asked = useAsk((signal) => calls.findings(false, "", signal), []);
    const n = asked.value?.findings.length ?? 0;
    return (
        <section class="group">
            <h2>{t("findings.title")}{n ? <> <span class="badge">{n}</span></> : null}</h2>
            <p>{asked.value ? t(n ? "findings.wait#" : "findings.none", { n }) : "…"} <a href={to.findings()}>{t("findings.all")}</a></p>
            <p><a href={to.conflicts()}>{t("conflicts.open")}</a></p>
        </section>
    );
}

export function QueuePanel() {
    const t = useText();
    const guest = app.use(isGuest);
    const session = app.use((s) => s.session);
    const role = session?.role ?? "guest";
    const asked = useAsk((signal) => piles(signal), [session?.name, role], !guest);
    useEffect(() => {
        const look = () => document.visibilityState === "visible" && asked.again();
        document.addEventListener("visibilitychange", look);
        return () => document.removeEventListener("visibilitychange", look);
    }, []);
    const writes = role !== "quality manager" && role !== "guest";
    const reviews = ["verifier", "approver", "administrator"].includes(role);
    const p = asked.value;
    const logs = role !== "entry";
    return (
        <Panel title={t("work.title")} actions={writes && !guest ? <><a class="button" href={to.import()}>{t("import.title")}</a> <a class="button strong" href={to.add()}>{t("form.new_record")}</a></> : null}>
            {guest ? <LogInAgain /> : asked.error && !p ? <Trouble error={asked.error} /> : !p ? <Busy /> : (
                <>
                    <Unsent />
                    <Pile title={t("queue.back")} rows={p.back} comment />
                    {reviews ? <Pile title={t("queue.approve")} rows={p.approve} none={t("queue.nothing")} /> : null}
                    {writes ? <Pile title={t("queue.drafts")} rows={p.drafts} none={p.back.length ? undefined : t("queue.no_drafts")} /> : null}
                    <Pile title={t("queue.sent")} rows={p.sent} />
                    <Pile title={t("queue.others")} rows={p.others} closed />
                    <Findings />
                    {logs ? <section class="group"><h2>{t("log.title")}</h2><p><a href={to.log()}>{t("log.link")}</a></p></section> : null}
                </>
            )}
        </Panel>
    );
}
