/*
 * What the browser's tests stand on: a simulated district made with the program itself, and servers of it on the loopback. Everything lies in one folder
 * under the build tree, and every server is ended by the process that was started.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

/** Makes the district once; it is kept for the next run as long as the program that made it is the same. */
export function makeDistrict(tilth, folder) {
    const project = path.join(folder, "district", "district.gpkg");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const run = (cwd, ...words) => execFileSync(tilth, words, { cwd, stdio: ["ignore", "ignore", "pipe"], timeout: 240000 });
    run(folder, "simulate", "district");
    const home = path.dirname(project);
    for (const line of readFileSync(path.join(home, "README.txt"), "utf8").split("\n"))
        if (/^tilth (new|import) /.test(line)) execFileSync("sh", ["-c", line], { cwd: home, env: { ...process.env, PATH: `${path.dirname(tilth)}:${process.env.PATH}` }, stdio: "ignore", timeout: 120000 });
    run(home, "map", "district.gpkg", "--out", "maps");
    if (!existsSync(project)) throw new Error(`${project} was not made`);
    return project;
}

/** Starts `tilth serve` and waits for the address that it prints. */
export function serve(tilth, project, ...more) {
    const child = spawn(tilth, ["serve", project, ...more], { stdio: ["ignore", "pipe", "pipe"], cwd: path.dirname(project) });
    let said = "";
    const address = new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`no address after 30 s: ${said}`)), 30000);
        const read = (chunk) => {
            said += chunk;
            const found = /https?:\/\/\S+/.exec(said);
            if (found) {
                clearTimeout(limit);
                resolve(found[0]);
            }
        };
        child.stdout.on("data", read);
        child.stderr.on("data", (chunk) => (said += chunk));
        child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
    return {
        address,
        async stop() {
            if (child.exitCode !== null) return;
            const ended = new Promise((resolve) => child.on("exit", resolve));
            child.kill("SIGTERM");
            const hard = setTimeout(() => child.kill("SIGKILL"), 10000);
            await ended;
            clearTimeout(hard);
        },
    };
}

export function addAccount(tilth, project, name, role, password) {
    execFileSync(tilth, ["account", project, "add", "--name", name, "--role", role], { input: `${password}\n`, cwd: path.dirname(project), timeout: 30000 });
}
