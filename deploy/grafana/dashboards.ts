/** The dashboards as files; `npm run generate` writes them here and into the Helm chart. */
import { expander } from './expander.ts';
import { grafanaModel } from './panel.ts';
import { provisioner } from './provisioner.ts';
import { volumes } from './volumes.ts';

/** File name → whole text. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  const all = [volumes, expander, provisioner];
  return new Map(all.map((each) => [`${each.uid}.json`, `${JSON.stringify(grafanaModel(each), undefined, 2)}\n`]));
}
