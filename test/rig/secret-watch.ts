/**
 * Looks for secrets where others may read them: in the words and the environment of every process of a rig, its machines and
 * the operator's place, as long as it goes on; and afterwards in what was left in journals, logs, histories and folders.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../e2e/larder.ts';
import type { Rig } from './rig.ts';

const NEEDLES = '/mnt/needles';
const SCRIPT = '/mnt/secret-watch.py';
const SEEN = '/mnt/secrets-seen';
/** A word of a process that is there on purpose: who does not see it sees nothing. */
const CANARY = 'canary-of-the-rig-4f1d';
/** Of a machine. The token and what k3s makes of it stand below /etc/rancher and /var/lib/rancher, for root alone. */
const FOLDERS = ['/var/log', '/run/log', '/root', '/home', '/tmp', '/var/tmp', '/etc/systemd', '/etc/default'];

/** The machines are containers of the place, whose processes it sees as well. */
const LOOK = `
import os, time
needles = dict(line.rstrip("\\n").split(" ", 1) for line in open("${NEEDLES}"))
seen = set()
with open("${SEEN}", "w", buffering=1) as out:
    while True:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            for file in ("cmdline", "environ"):
                try:
                    with open(f"/proc/{pid}/{file}", "rb") as each:
                        text = each.read()
                    with open(f"/proc/{pid}/comm") as each:
                        name = each.read().strip()
                except OSError:
                    continue
                for what, needle in needles.items():
                    if needle.encode() in text and (what, file, name) not in seen:
                        seen.add((what, file, name))
                        out.write(f"{what} in the {file} of {name}\\n")
        time.sleep(0.05)
`;

export type Secrets = Readonly<Record<string, string>>;

/** Where a secret was seen, each place once. */
export interface SecretWatch {
  /** Ends it; throws where even what was planted was not seen. */
  end(): Promise<readonly string[]>;
}

/** `secrets` by what they are, in one word. */
export async function watchSecrets(rig: Rig, secrets: Secrets): Promise<SecretWatch> {
  const lines = Object.entries({ ...secrets, canary: CANARY }).map(([what, secret]) => `${what} ${secret}\n`);
  writeFileSync(rig.room.at(NEEDLES), lines.join(''), { mode: 0o600 });
  writeFileSync(rig.room.at(SCRIPT), LOOK);
  const start = `setsid python3 ${SCRIPT} </dev/null >/mnt/secret-watch.log 2>&1 & echo $!`;
  const pid = (await rig.room.run(start)).trim();
  const told = rig.room.at(SEEN);
  const seen = (): readonly string[] => (existsSync(told) ? readFileSync(told, 'utf8').split('\n').slice(0, -1) : []);
  return {
    async end() {
      for (const [index, { name }] of rig.machines.entries()) {
        const hidden = `canary in the cmdline of planted${index}`;
        const plant = `cp /bin/sleep /tmp/planted${index}; exec -a ${CANARY} /tmp/planted${index} 3`;
        const planted = rig.on(name, plant);
        await eventually(hidden, async () => seen().includes(hidden) || undefined, 20);
        await planted;
      }
      await rig.room.run(`kill ${pid}`);
      return seen().filter((line) => !line.startsWith('canary '));
    },
  };
}

/** Places where one of the secrets is left: journals and folders of the machines, and `places` of the operator. */
export async function secretsLeft(rig: Rig, secrets: Secrets, places: readonly string[]): Promise<readonly string[]> {
  const patterns = Object.values(secrets).join('\n');
  const look = (folders: readonly string[]): string =>
    `grep -rlaF -f - ${folders.join(' ')} 2>/dev/null <<'PATTERNS' || true\n${patterns}\nPATTERNS`;
  const found = (await rig.room.run(look(places))).split('\n').filter(Boolean);
  for (const { name } of rig.machines) {
    const files = (await rig.on(name, look(FOLDERS))).split('\n').filter(Boolean);
    const journal = await rig.on(name, 'journalctl --no-pager --output=cat');
    if (journal.trim() === '') throw new Error(`${name} has no journal`);
    const spoken = Object.values(secrets).some((secret) => journal.includes(secret)) ? ['the journal'] : [];
    found.push(...[...files, ...spoken].map((place) => `${name}: ${place}`));
  }
  return found;
}
