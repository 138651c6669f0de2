/** Three users of the embedded cluster in a browser. `users.real.test.ts` does the same on a real control plane. */
import { before, test } from 'node:test';
import { clientOf } from '../e2e/claims.ts';
import { startSite } from './browser.ts';
import { anAdministratorSeesAll, anEditorActs, aViewerLooks, type Stage } from './signed-in.ts';
import { makeUsers } from './users.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium();
let stage: Stage;

before(async () => {
  if (!ready) return;
  const larder = await startSite(atEnd);
  const client = await clientOf(larder);
  stage = { client, console: larder.console, users: await makeUsers(client) };
});

test('a viewer sees one namespace, no screen of the whole cluster, and no button', options, () =>
  aViewerLooks(browser(), stage),
);
test('an editor acts in one namespace, and signs out', options, () => anEditorActs(browser(), stage));
test('an administrator sees and may do all', options, () => anAdministratorSeesAll(browser(), stage));
