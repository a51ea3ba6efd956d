/*
 * What the log tells of a record: who did what and when, and which columns changed from what to what.
 */
import { app, useText } from "../state";
import { useCell, useWord } from "../ui";
import { date } from "../words";
import type { Area } from "../../generated/schemas";

type Row = NonNullable<Area["history"]>[number];

/** Columns that differ between the two states of a record; none for one that came or went. */
export function changes(row: { op: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null }): string[] {
    if (row.op !== "update" || !row.before || !row.after) return [];
    return Object.keys(row.after).filter((k) => k in row.before! && JSON.stringify(row.before![k]) !== JSON.stringify(row.after![k]));
}

export function History({ rows }: { rows: Row[] }) {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const language = app.use((s) => s.language);
    if (!rows.length) return null;
    return (
        <details class="group">
            <summary><h2>{t("record.history")}</h2><span class="badge">{rows.length}</span></summary>
            <ol class="history">
                {rows.map((row) => (
                    <li key={row.id}>
                        <time dateTime={row.at}>{date(language, row.at)}</time> {t(`op.${row.op}`)} <span class="muted">{row.actor}</span>
                        {row.moved ? ` · ${t("op.moved")}` : ""}
                        {changes(row).map((c) => <small class="change" key={c}>{word("column", c)}: {cell(c, row.before?.[c])} → {cell(c, row.after?.[c])}</small>)}
                    </li>
                ))}
            </ol>
        </details>
    );
}
