/** Three users of the embedded cluster in a browser. `users.real.test.ts` does the same on a real control plane. */
import { after, before, test } from 'node:test';
import { clientOf } from '../e2e/claims.ts';
import { startChromium, startSite } from './browser.ts';
import { anAdministratorSeesAll, anEditorActs, aViewerLooks, type Stage } from './signed-in.ts';
import { makeUsers } from './users.ts';

const chromium = await startChromium();
const options = { skip: chromium.kind === 'missing' && chromium.reason, timeout: 120_000 };
const browser = () => {
  if (chromium.kind === 'missing') throw new Error(chromium.reason);
  return chromium.browser;
};
const endings: (() => Promise<void>)[] = [];
let stage: Stage;

before(async () => {
  if (chromium.kind === 'missing') return;
  const larder = await startSite((end) => void endings.push(end));
  const client = await clientOf(larder);
  stage = { client, console: larder.console, users: await makeUsers(client) };
});
after(async () => {
  for (const end of endings) await end();
  if (chromium.kind === 'ready') await chromium.browser.close();
});

test('a viewer sees one namespace, no screen of the whole cluster, and no button', options, () =>
  aViewerLooks(browser(), stage),
);
test('an editor acts in one namespace, and signs out', options, () => anEditorActs(browser(), stage));
test('an administrator sees and may do all', options, () => anAdministratorSeesAll(browser(), stage));
