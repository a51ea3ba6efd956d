/*
 * Who may log in: an administrator adds accounts, changes roles, locks, resets and removes. Each change asks for the administrator's password again, and is a line of
 * the log. A new account gets an invitation, which is shown once: nobody but its owner ever knows the password.
 */
import "../more";

import { useEffect, useRef, useState } from "preact/hooks";

import type { AccountList, AccountListAccount } from "../../generated/schemas";
import { ApiError, ask } from "../api";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Busy, Choice, Notice, Panel, Select, Text, Trouble, useAsk, useWord } from "../ui";
import { moment } from "../words";

type Role = AccountListAccount["role"];
type Act = "role" | "lock" | "unlock" | "reset" | "remove";

const ROLES: Role[] = ["entry", "verifier", "approver", "quality manager", "administrator"];

const change = (body: Record<string, string>) => ask<AccountList>("/accounts", { method: "POST", body });

/* A wrong password is no ended session, and the last administrator no lack of a role: the server's sentence says which it was. */
function Refused({ error }: { error: unknown }) {
    if (!error) return null;
    return error instanceof ApiError && [403, 429].includes(error.status) ? <p class="notice trouble" role="alert">{error.message}</p> : <Trouble error={error} />;
}

function useRoles(): Array<[string, string]> {
    const word = useWord();
    return ROLES.map((r) => [r, word("role", r)]);
}

/* What may be sent once it is filled in; the password is gone after each try. */
function useChange(done: (list: AccountList) => void) {
    const [password, setPassword] = useState(""), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
    const local = app.use((s) => s.session?.local ?? false);
    const send = async (body: Record<string, string>) => {
        setBusy(true);
        try {
            const list = await change(local ? body : { ...body, password });
            setError(null);
            done(list);
        } catch (trouble) {
            setError(trouble);
        }
        setPassword("");
        setBusy(false);
    };
    return { password, setPassword, error, send, ready: !busy && (local || password !== ""), local };
}

function Again({ by, label }: { by: ReturnType<typeof useChange>; label: string }) {
    const t = useText();
    return (
        <>
            {by.local ? null : <Text label={t("accounts.password")} type="password" value={by.password} onInput={by.setPassword} complete="current-password" />}
            <Refused error={by.error} />
            <button type="submit" disabled={!by.ready}>{label}</button>
        </>
    );
}

function Change({ one, done }: { one: AccountListAccount; done: (list: AccountList) => void }) {
    const t = useText();
    const roles = useRoles();
    const me = app.use((s) => s.session?.name ?? "");
    const [act, setAct] = useState<Act>("role"), [role, setRole] = useState<string>(one.role);
    const by = useChange(done);
    const acts: Act[] = ["role", one.state === "locked" ? "unlock" : "lock", "reset", "remove"];
    const same = act === "role" && role === one.role;
    const send = (e: Event) => {
        e.preventDefault();
        if (!same) void by.send({ act, name: one.name, ...(act === "role" ? { role } : {}) });
    };
    return (
        <form class="form" aria-label={t("accounts.change_of", { name: one.name })} onSubmit={send}>
            <Choice label={t("accounts.what")} value={act} onChange={setAct} options={acts.map((a): [Act, string] => [a, t(`accounts.act.${a}`)])} />
            {act === "role" ? <Select label={t("login.role")} value={role} options={roles} onChange={setRole} /> : null}
            <p class="hint">{t(`accounts.is.${act}`)}</p>
            {one.named && (act === "remove" || act === "lock") ? <Notice kind="warn">{t("accounts.still_named")}</Notice> : null}
            {one.name === me ? <Notice kind="warn">{t("accounts.yourself")}</Notice> : null}
            <Again by={by} label={same ? t("accounts.same_role") : t(`accounts.do.${act}`)} />
        </form>
    );
}

function One({ one, open, onOpen, done }: { one: AccountListAccount; open: boolean; onOpen: () => void; done: (list: AccountList) => void }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    return (
        <li class={`group account ${one.state}`}>
            <div class="row">
                <span class="grow"><b>{one.name}</b><small class="under">{word("role", one.role)}{one.named ? ` · ${t("accounts.named")}` : ""}</small></span>
                <span class={`state ${one.state}`}>{t(`accounts.state.${one.state}`)}</span>
                <button type="button" class="quiet" aria-expanded={open} onClick={onOpen}>{t("accounts.change")}<span class="hidden"> {one.name}</span></button>
            </div>
            <p class="hint">{one.last_login ? t("accounts.last", { at: moment(language, one.last_login) }) : t("accounts.never")}
                {one.invited_until && one.state === "invited" ? ` · ${t("accounts.until", { at: moment(language, one.invited_until) })}` : ""}</p>
            {open ? <Change key={one.state} one={one} done={done} /> : null}
        </li>
    );
}

function Add({ done, first }: { done: (list: AccountList) => void; first: boolean }) {
    const t = useText();
    const roles = useRoles();
    const [name, setName] = useState(""), [role, setRole] = useState<string>(first ? "administrator" : "entry");
    const by = useChange((list) => {
        setName("");
        done(list);
    });
    const send = (e: Event) => {
        e.preventDefault();
        if (name.trim()) void by.send({ act: "add", name: name.trim(), role });
    };
    return (
        <form class="group form" aria-label={t("accounts.add")} onSubmit={send}>
            <h2>{t("accounts.add")}</h2>
            {first ? <Notice kind="warn">{t("accounts.first")}</Notice> : null}
            <Text label={t("login.name")} value={name} onInput={setName} hint={t("accounts.name_hint")} />
            <Select label={t("login.role")} value={role} options={first ? roles.slice(-1) : roles} onChange={setRole} />
            <p class="hint">{t(`accounts.may.${role as Role}`)}</p>
            <Again by={by} label={t("accounts.invite")} />
        </form>
    );
}

/* The link, once. The token stands behind "#": no browser sends it along, and no server writes it down. */
function Invitation({ made }: { made: NonNullable<AccountList["invitation"]> }) {
    const t = useText();
    const [copied, setCopied] = useState(false);
    const field = useRef<HTMLInputElement>(null);
    const link = `${location.origin}/#/welcome/${made.token}`;
    useEffect(() => field.current?.focus(), [link]);
    const copy = async () => {
        field.current?.select();
        await navigator.clipboard?.writeText(link).then(() => setCopied(true), () => undefined);
    };
    return (
        <section class="group invitation" aria-label={t("accounts.invitation")}>
            <h2>{t("accounts.invitation")}</h2>
            <p>{t("accounts.invitation_words", { name: made.name, hours: made.hours })}</p>
            <div class="field"><label for="invitation-link">{t("accounts.link")}</label><input id="invitation-link" ref={field} readOnly value={link} onFocus={(e) => e.currentTarget.select()} /></div>
            <div class="row"><button type="button" onClick={() => void copy()}>{t("accounts.copy")}</button>{copied ? <span role="status">{t("accounts.copied")}</span> : null}</div>
        </section>
    );
}

export function AccountsPanel() {
    const t = useText();
    const guest = app.use(isGuest);
    const session = app.use((s) => s.session);
    const may = session?.role === "administrator";
    const asked = useAsk((signal) => ask<AccountList>("/accounts", { signal }), [session?.name], may);
    const [now, setNow] = useState<AccountList | null>(null);
    const [open, setOpen] = useState("");
    const list = now ?? asked.value;
    const done = (next: AccountList) => {
        setNow(next);
        setOpen("");
    };
    return (
        <Panel title={t("accounts.title")} back={to.login()}>
            <p class="hint">{t("accounts.words")}</p>
            {now?.invitation ? <Invitation key={now.invitation.token} made={now.invitation} /> : null}
            {guest && !now ? <Trouble error={new ApiError(401, "", "")} /> : !may && !now ? <Notice kind="warn">{t("error.role")}</Notice> : asked.error && !list ? <Trouble error={asked.error} /> : !list ? <Busy /> : (
                <>
                    {list.accounts.length ? (
                        <ul class="plain cards">{list.accounts.map((one) => <One key={one.name} one={one} open={open === one.name} onOpen={() => setOpen(open === one.name ? "" : one.name)} done={done} />)}</ul>
                    ) : null}
                    {may && !(session?.local && list.accounts.length) ? <Add key={list.accounts.length ? "more" : "first"} done={done} first={!list.accounts.length} /> : null}
                    <p><a href={to.log()}>{t("accounts.log")}</a></p>
                </>
            )}
        </Panel>
    );
}
