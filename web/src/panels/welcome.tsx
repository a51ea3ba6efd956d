/*
 * An invitation: the person it invites sets a password of their own and is logged in. The token leaves the address bar at once.
 */
import "../more";

import { useEffect, useState } from "preact/hooks";

import type { Invitation } from "../../generated/schemas";
import { ApiError, ask, logIn } from "../api";
import { begin } from "../begin";
import { to } from "../route";
import { app, useText } from "../state";
import { Busy, Figure, Figures, Panel, Text, Trouble, useAsk, useWord } from "../ui";

const MIN = 10;

const look = (token: string, signal?: AbortSignal, password?: string) =>
    ask<Invitation>("/invitation", { method: "POST", body: { token, ...(password === undefined ? {} : { password }) }, ...(signal ? { signal } : {}) });

function Refused({ error }: { error: unknown }) {
    return error instanceof ApiError && [403, 429].includes(error.status) ? <p class="notice trouble" role="alert">{error.message}</p> : <Trouble error={error} />;
}

function SetPassword({ token, name }: { token: string; name: string }) {
    const t = useText();
    const [password, setPassword] = useState(""), [again, setAgain] = useState(""), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
    const differs = again !== "" && again !== password;
    const send = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            await look(token, undefined, password);
            await logIn(name, password);
            await begin();
            location.hash = to.map();
        } catch (trouble) {
            setError(trouble);
        }
        setBusy(false);
    };
    return (
        <form class="form" onSubmit={(e) => void send(e)}>
            <input class="hidden" type="text" name="username" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
            <Text label={t("welcome.password")} type="password" value={password} onInput={setPassword} complete="new-password" hint={t("welcome.password_hint", { n: MIN })} />
            <Text label={t("welcome.again")} type="password" value={again} onInput={setAgain} complete="new-password" bad={differs} />
            {differs ? <p class="notice trouble" role="alert">{t("welcome.differs")}</p> : null}
            {error ? <Refused error={error} /> : null}
            <button type="submit" disabled={busy || new TextEncoder().encode(password).length < MIN || again !== password}>{t("welcome.take")}</button>
        </form>
    );
}

export function WelcomePanel() {
    const t = useText();
    const word = useWord();
    const [token] = useState(() => app.get().route.code);
    const asked = useAsk((signal) => look(token, signal), [token], token !== "");
    useEffect(() => {
        if (token) history.replaceState(history.state, "", "#/welcome");
    }, [token]);
    return (
        <Panel title={t("welcome.title")} back={to.map()}>
            {token === "" ? <p class="notice">{t("welcome.none")}</p> : asked.error ? <Refused error={asked.error} /> : !asked.value ? <Busy /> : (
                <>
                    <p>{t("welcome.words")}</p>
                    <Figures>
                        <Figure label={t("login.name")} value={asked.value.name} />
                        <Figure label={t("login.role")} value={word("role", asked.value.role)} />
                    </Figures>
                    <SetPassword token={token} name={asked.value.name} />
                </>
            )}
        </Panel>
    );
}
