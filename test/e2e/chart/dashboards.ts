/** The dashboards as Grafana reads them: what its model demands of the parts that they use. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string(),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
});
const position = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
});
const panel = z.strictObject({
  id: z.int().min(1),
  title: z.string().min(1),
  type: z.enum(['stat', 'timeseries', 'bargauge']),
  description: z.string().min(1),
  datasource,
  gridPos: position,
  targets: z.array(target).min(1),
  options: z.looseObject({}),
  fieldConfig: z.strictObject({ defaults: z.looseObject({ unit: z.string() }), overrides: z.array(z.never()) }),
});
const dashboard = z.looseObject({
  // Of an address: Grafana refuses longer ones.
  uid: z.string().regex(/^[\w-]{1,40}$/),
  title: z.string().min(1),
  schemaVersion: z.int().min(36),
  templating: z.strictObject({
    list: z.array(z.looseObject({ name: z.string(), type: z.enum(['datasource', 'query']) })).min(1),
  }),
  panels: z.array(panel).min(1),
});
export type ReadDashboard = z.infer<typeof dashboard>;

/** Those of a folder. @throws ZodError where one is not as Grafana wants it. */
export function dashboardsOf(folder: string): readonly ReadDashboard[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => dashboard.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}
