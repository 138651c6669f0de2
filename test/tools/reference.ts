/**
 * Generates docs/reference from the tables of the rooms: `npm run generate`. A test compares what stands there with
 * what the tables say now.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { annotationsPage } from './reference/annotations.ts';
import { chartFiles } from './reference/chart.ts';
import { commandPage } from './reference/commands.ts';
import { configurationPage } from './reference/configuration.ts';
import { decisionPage } from './reference/decision.ts';
import { definitionsFile, definitionsPage } from './reference/definitions.ts';
import { embeddedPage } from './reference/embedded.ts';
import { ledgerApiDocument, ledgerApiPage } from './reference/ledger-api.ts';
import { ledgerFindingsPage } from './reference/ledger-findings.ts';
import { ledgerRulesPage } from './reference/ledger-rules.ts';
import { nomadMappingPage } from './reference/nomad-mapping.ts';
import { parametersPage } from './reference/parameters.ts';
import { permissionsPage, rolesFile, webhookFile } from './reference/permissions.ts';
import { providersPage } from './reference/providers.ts';
import { requirementsPage } from './reference/requirements.ts';
import { rulesModule } from './reference/terraform.ts';
import { errorsPage, eventsPage, metricsPage } from './reference/vocabulary.ts';

const root = resolve(import.meta.dirname, '../..');
export const folder = join(root, 'docs/reference');

/** File name → whole text of each generated page. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['errors.md', await errorsPage()],
    ['events.md', await eventsPage()],
    ['metrics.md', await metricsPage()],
    ['configuration.md', configurationPage()],
    ['cli.md', await commandPage()],
    ['embedded.md', embeddedPage()],
    ['parameters.md', parametersPage()],
    ['nomad-mapping.md', nomadMappingPage()],
    ['providers.md', providersPage()],
    ['annotations.md', annotationsPage()],
    ['decision.md', decisionPage()],
    ['ledger-rules.md', ledgerRulesPage()],
    ['ledger-findings.md', ledgerFindingsPage()],
    ['permissions.md', permissionsPage()],
    ['rbac.yaml', rolesFile()],
    ['webhook.yaml', webhookFile()],
    ['crds.yaml', definitionsFile()],
    ['crds.md', definitionsPage()],
    ['ledger-api.md', ledgerApiPage()],
    ['ledger-api.json', ledgerApiDocument()],
  ]);
}

/** The same outside of docs/reference, by path from the root. */
export async function otherGeneratedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/requirements.md', requirementsPage()],
    ['deploy/terraform/modules-k8s/nfs-provisioner/rbac.tf', rulesModule()],
    ...chartFiles(),
  ]);
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await referencePages()) {
    writeFileSync(join(folder, name), text);
    process.stdout.write(`docs/reference/${name}\n`);
  }
  for (const [path, text] of await otherGeneratedFiles()) {
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}
